"""Hand-ins as files: which there are, whose they are, and the code in them. Nothing of theirs runs here."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .inside.plain import printable

LARGEST = 32 * 2**20  # bytes of a file
MOST_CODE = 2**20  # characters of code in it
MARKS = "rmsprop_lib"  # the part of a notebook's metadata that is ours
MOST_MARKS = 10_000  # characters of it, as JSON


@dataclass(frozen=True)
class HandIn:
    """One student's work: the sources of its code cells, or the problem that makes it unreadable.

    digest: SHA-256 of the file, in hexadecimal; empty if it was not read.
    marks: what the notebook's metadata says under `MARKS`; plain data that may be forged, empty if there is none.
    note: what the instructor should know, though it costs no points.
    """

    student: str
    file: str
    digest: str = ""
    cells: tuple[str, ...] = ()
    problem: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict, compare=False)
    note: str = ""


def find(folder: Path, assignment: str) -> dict[str, list[Path]]:
    """The files of each student, in alphabetical order.

    A file in the folder belongs to the student whose name it bears: ada.ipynb to ada. So does a folder in it: the
    student's file is then the one called after the assignment, else the only notebook there; both may lie in a folder
    called after the assignment, as in ada/rmsprop/rmsprop.ipynb. Hidden files are left out.
    Where two files bear one name, both are listed, and `read` tells of them.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        is_folder = path.is_dir() and not path.is_symlink()
        student = _text(path.name if is_folder else path.stem)
        found.setdefault(student, []).extend(_choose(path, assignment) if is_folder else [path])
    return found


def read(student: str, paths: list[Path]) -> HandIn:
    """The hand-in of a student. Never raises for what a file is or holds: that becomes its problem."""
    if len(paths) != 1:
        names = ", ".join(_text(path.name) for path in paths) or "nothing"
        return HandIn(student, names[:200], problem=f"one notebook wanted, got {names[:200]}")
    (path,) = paths
    name = _text(path.name)
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        return HandIn(student, name, problem=f"the file cannot be read: {getattr(error, 'strerror', None) or error}")
    digest = hashlib.sha256(data).hexdigest()
    try:
        cells, marks = _code(data, path.suffix.lower())
    except Exception as error:  # nbformat raises whatever a strange file leads it to
        told = printable(error if isinstance(error, ValueError) else type(error).__name__)
        return HandIn(student, name, digest, problem=f"the file cannot be read as a notebook: {told[:200]}")
    if not cells:
        return HandIn(student, name, digest, problem="there is no code in the file")
    return HandIn(student, name, digest, cells, marks=marks)


def _choose(folder: Path, assignment: str) -> list[Path]:
    inner = folder / assignment  # as we hand out notebooks, and as nbgrader collects them
    if inner.is_dir() and not inner.is_symlink():
        folder = inner
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    notebooks = [path for path in files if path.suffix.lower() in (".ipynb", ".py")]
    named = [path for path in notebooks if path.stem == assignment]
    return named or notebooks or files[:1]


def _text(name: str) -> str:
    """A file's name as text that can be written anywhere, even if it is not valid UTF-8."""
    return os.fsencode(name).decode("utf8", "backslashreplace")


def _bytes(path: Path) -> bytes:
    """The content of a regular file that is not too large; no link is followed and no device or pipe waited for."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        kind = os.fstat(descriptor)
        if not stat.S_ISREG(kind.st_mode):
            raise ValueError("it is not a regular file")
        if kind.st_size > LARGEST:
            raise ValueError(f"at most {LARGEST // 2**20} MiB wanted, got {kind.st_size / 2**20:.0f} MiB")
        return file.read(LARGEST)


def _code(data: bytes, suffix: str) -> tuple[tuple[str, ...], Mapping[str, Any]]:
    if suffix not in (".ipynb", ".py"):
        raise ValueError(f"a notebook (.ipynb) wanted, got {suffix or 'a name without an ending'}")
    text = data.decode("utf-8-sig")
    sources, marks = ([text], {}) if suffix == ".py" else _notebook(text)
    if sum(map(len, sources)) > MOST_CODE:
        raise ValueError(f"at most {MOST_CODE} characters of code wanted, got {sum(map(len, sources))}")
    return tuple(source for source in sources if source.strip()), marks


def _notebook(text: str) -> tuple[list[str], Mapping[str, Any]]:
    """The sources of the code cells, and our marks."""
    notebook = json.loads(text)
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise ValueError("it is JSON, but no notebook")
    if notebook["nbformat"] != 4:
        notebook = _upgraded(text)
    return list(_sources(notebook["cells"])), _marks(notebook.get("metadata"))


def _sources(cells: list) -> Iterator[str]:
    """The code cells; one broken cell does not cost the others."""
    for cell in cells:
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield source if isinstance(source, str) else "".join(map(str, source))


def _marks(metadata: Any) -> Mapping[str, Any]:
    marks = metadata.get(MARKS) if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) and len(json.dumps(marks)) <= MOST_MARKS else {}


def _upgraded(text: str) -> dict[str, Any]:
    """A notebook of an older format in the format of today."""
    import nbformat

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nbformat.convert(nbformat.reader.reads(text), 4)
