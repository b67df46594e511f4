"""The names of a class, as a file lists them, and as the files that students hand in bear them."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LONGEST = 200  # bytes of a name: it becomes the name of a folder
_COUNT = re.compile(r"(\(\d+\)|-\d+)$")  # of copies, and of hand-ins on Canvas
_COPY = {"copy", "of", "kopie", "von", "copie", "copia", "de"}
_INVISIBLE = {"Cf"}  # marks of writing direction, which come along when a name is copied


def read_roster(path: Path) -> list[str]:
    """The students' names, one a line, in the order of the file.

    The file is UTF-8, or UTF-16 or UTF-32 with a byte order mark. Blank lines are left out, and the same name is the
    same text however its accents were typed.

    Raises ValueError for a name that no folder can have, for two that differ in case or spaces at most, and for a file
    that is empty or not text.
    """
    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8-sig")
    try:
        lines = data.decode(encoding).splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} must be UTF-8 text: {error.reason} at byte {error.start}; save it as UTF-8") from None
    names = [_usable(name) for name in map(tidy, lines) if name]
    if not names:
        raise ValueError(f"{path} must hold names, one a line, got none")
    seen: dict[str, str] = {}
    for name in names:
        if fold(name) in seen:
            raise ValueError(f"{path} must name each student once, got {seen[fold(name)]!r} and {name!r}")
        seen[fold(name)] = name
    return names


def tidy(name: str) -> str:
    """The name with single spaces, composed accents, and nothing that cannot be seen."""
    seen = (letter for letter in name if unicodedata.category(letter) not in _INVISIBLE)
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


@cache
def fold(name: str) -> str:
    """What two names share that a person takes for one: case and spaces do not count."""
    return unicodedata.normalize("NFKC", tidy(name)).casefold()


def students_in(name: str, students: Iterable[str], assignment: str) -> list[str]:
    """The students that a file or folder of this name can belong to; one, if all is well.

    A name is first taken as it is. Then it may hold other words, as copies and downloads do: "bob (1)", "Copy of bob",
    "Bob Lovelace_4712_assignsubmission_file_" (Moodle), "lovelacebob_12345_678_rmsprop" (Canvas). A student who is a
    number must stand there alone: other numbers count copies, or are the course's.
    """
    students = list(students)
    same = [student for student in students if fold(student) == fold(name)]
    if same:
        return same
    words = _words(fold(name).removesuffix(assignment) or name)
    alone = _without_copies(name, assignment)
    found = [
        student
        for student in students
        if (alone == sorted(_words(student)) if _is_number(student) else _stands_in(_words(student), words))
    ]
    return [one for one in found if not any(_is_part(one, other) for other in found)]


def may_be(name: str, student: str) -> bool:
    """Whether every word of the student's name stands somewhere in a file's name."""
    return all(word in "".join(_words(name)) for word in _words(student))


def _usable(name: str) -> str:
    if Path(name).name != name or "\\" in name or name.startswith(".") or not name.isprintable():
        raise ValueError(f"a student's name must be usable as the name of a folder, got {name!r}")
    if len(name.encode()) > _LONGEST:
        raise ValueError(f"a student's name must have at most {_LONGEST} bytes, got {name[:40]!r}…")
    if not _words(name):
        raise ValueError(f"a student's name must have a letter or a digit, got {name!r}")
    return name


@cache
def _words(name: str) -> tuple[str, ...]:
    """Runs of letters and digits, without case and accents."""
    letters = unicodedata.normalize("NFKD", fold(name))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return tuple(re.findall(r"[^\W_]+", plain))


def _is_number(student: str) -> bool:
    return all(word.isdigit() for word in _words(student))


def _without_copies(name: str, assignment: str) -> list[str]:
    """The words of a name, sorted, but for those that say that it is a copy, or of which assignment."""
    words = _words(_COUNT.sub("", fold(name)))
    return sorted(word for word in words if word not in (*_COPY, *_words(assignment)))


def _is_part(one: str, other: str) -> bool:
    """Whether the other name is longer: "Ada Byron" and "Ada", but not "Ada 1", as a copy may be called."""
    more = set(_words(other)) - set(_words(one))
    return set(_words(one)) < set(_words(other)) and not all(word.isdigit() for word in more)


def _stands_in(student: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words of a name are there, each by itself or all in one, last name first or first name first."""
    turned = ("".join([*student[i:], *student[:i]]) for i in range(len(student)))
    return set(student) <= set(words) or any(whole in words for whole in turned)
