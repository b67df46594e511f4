"""Names of files for students' pages: any name, on any file system, and never one for two."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST = 120  # bytes; a file system takes 255, and an encrypted one 143
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # by Windows


def page_names(students: Sequence[str]) -> dict[str, str]:
    """The name of each student's page. One that only case tells from another's gets a mark, as no name of its own."""
    alike = Counter(map(_folded, students))
    return {student: page_name(student, marked=alike[_folded(student)] > 1) for student in students}


def page_name(student: str, marked: bool = False) -> str:
    """The student's name, if it can be the name of a file as it is; else what can, and a mark made from the whole."""
    text = unicodedata.normalize("NFC", student)
    safe = re.sub(r"[^\w .@+-]", "_", text).encode("utf8", "replace")[:LONGEST].decode("utf8", "ignore").strip("-. ")
    safe = re.sub(_RESERVED, r"_\g<0>", safe)
    if safe and safe == student and not marked:
        return f"{safe}.html"
    return f"{safe}-{hashlib.sha256(student.encode('utf8', 'backslashreplace')).hexdigest()[:8]}.html".lstrip("-")


def _folded(student: str) -> str:
    """What a file system that does not tell cases or ways of writing apart makes of the name."""
    return unicodedata.normalize("NFKC", student).casefold()
