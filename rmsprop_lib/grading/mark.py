"""The mark of a notebook with own numbers: a student's name and numbers, signed with the instructor's key.

It stands in a line of code, because every tool keeps that, and in the notebook's metadata, where nobody deletes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .assignment import Numbers

_LETTERS = "[A-Za-z0-9_-]"
_MARK = rf"{_LETTERS}{{8}}\.{_LETTERS}{{1,8000}}\.{_LETTERS}{{43}}"
_LINE = re.compile(rf"own_numbers\(\s*[\"']({_MARK})[\"']")


@dataclass(frozen=True)
class Claim:
    """What a mark says."""

    student: str
    assignment: str
    numbers: Numbers


def make(claim: Claim, key: bytes) -> str:
    """The name of the key, the claim and its signature (HMAC-SHA256), as letters that no tool changes."""
    body = _encode(json.dumps([claim.student, claim.assignment, claim.numbers], ensure_ascii=False).encode())
    return f"{_name(key)}.{body}.{_signature(body, key)}"


def find(cells: Iterable[str], metadata: Mapping[str, Any]) -> list[str]:
    """The marks in a notebook, each once. metadata: the part that is ours."""
    named = str(metadata.get("mark", ""))
    marks = [*(mark for cell in cells for mark in _LINE.findall(cell)), *re.findall(f"^{_MARK}$", named)]
    return list(dict.fromkeys(marks))


def is_made_with(mark: str, key: bytes) -> bool:
    """Whether the mark says that it was made with this key; `read` makes sure."""
    return mark.partition(".")[0] == _name(key)


def read(mark: str, key: bytes) -> Claim:
    """What the mark says. Raises ValueError if it was not made with this key."""
    if not is_made_with(mark, key):
        raise ValueError("the notebook was made with another key")
    _, body, signature = mark.split(".")
    if not hmac.compare_digest(signature, _signature(body, key)):
        raise ValueError("the line own_numbers(…) is not the one that was handed out: it was changed or made up")
    return read_unchecked(mark)


def read_unchecked(mark: str) -> Claim:
    """What the mark says, be it true or not. Raises ValueError if it is none."""
    try:
        body = mark.split(".")[1]
        student, assignment, numbers = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError) as error:  # binascii.Error is a ValueError
        raise ValueError("own_numbers wants the line that stands in the notebook as it was handed out") from error
    return Claim(student, assignment, numbers)


def _signature(body: str, key: bytes) -> str:
    return _encode(hmac.digest(key, b"notebook " + body.encode(), hashlib.sha256))


def _name(key: bytes) -> str:
    return _encode(hmac.digest(key, b"name", hashlib.sha256))[:8]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
