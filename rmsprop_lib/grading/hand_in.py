"""Hand-ins as files: which there are, whose they are, and the code in them. Nothing of theirs runs or is parsed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .assignment import names
from .inside.plain import printable
from .journal import JOURNAL
from .reader import Opened, Reader
from .reading import LARGEST, MOST_FILES, NOTEBOOKS, ignored
from .roster import tidy
from .seed import SEED
from .which import choose

DEEPEST = 5  # folders in each other
MOST_ENTRIES = 2000  # files and folders of one student


@dataclass(frozen=True)
class HandIn:
    """One student's work: the sources of its code cells, or the problem that makes it unreadable.

    digest: SHA-256 of the file, in hexadecimal; empty if it was not read.
    marks: what the notebook's metadata says under `reading.MARKS`; plain data that may be forged, empty if none.
    note: what the instructor should know, though it costs no points.
    choice: the same of the files that were left aside, if there are any, and why.
    """

    student: str
    file: str
    digest: str = ""
    cells: tuple[str, ...] = ()
    problem: str = ""
    marks: Mapping[str, Any] = field(default_factory=dict, compare=False)
    note: str = ""
    choice: str = ""


def find(folder: Path, assignment: str) -> dict[str, list[Path]]:
    """The files of each student, in alphabetical order.

    A file in the folder belongs to the student whose name it bears: ada.ipynb to ada. So does a folder in it: the
    student's files are then the notebooks there, at any depth; where there is a folder called after the assignment,
    as in ada/rmsprop/rmsprop.ipynb, those in it. Links to folders are not followed, and hidden files and those of an
    operating system are left out, and so are our reports. Which of several files is graded is told by `which.RULE`.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if not ignored(path.name) and not _is_report(path):
            is_folder = _is_folder(path)
            student = _student(path.name if is_folder else path.stem)
            found.setdefault(student, []).extend(notebooks_in(path, assignment) if is_folder else [path])
    return found


def read(student: str, paths: Sequence[Path], assignment: str = "", reader: Reader | None = None) -> HandIn:
    """The hand-in of a student, whose files are read once. Never raises for what they are or hold: that becomes its
    problem.

    assignment: its name, by which one of several notebooks is chosen. reader: one for the whole class saves time.
    """
    if len(paths) > MOST_FILES:
        problem = f"at most {MOST_FILES} notebooks wanted, got {len(paths)}"
        return HandIn(student, printable(_text(paths[0].name)), problem=problem)
    above = os.path.commonpath([path.parent for path in paths]) if paths else ""
    with contextlib.nullcontext(reader) if reader else Reader() as reader:
        opened = [found for path in paths for found in _open(path, _text(os.path.relpath(path, above)), reader)]
    chosen, choice = choose([found for found, _ in opened], assignment)
    digest = next((digest for found, digest in opened if found is chosen), "")
    return HandIn(student, chosen.name, digest, chosen.cells, chosen.problem, chosen.marks, choice=choice)


def look(paths: Sequence[Path]) -> tuple:
    """The files' names, sizes and times: another tuple after a change."""
    return tuple((str(path), *_look(path)) for path in paths)


def _open(path: Path, name: str, reader: Reader) -> list[tuple[Opened, str]]:
    """The notebooks in a file, each with the digest of the file."""
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        return [(Opened(printable(name), problem=f"the file cannot be read: {_reason(error)}"), "")]
    digest = hashlib.sha256(data).hexdigest()
    return [(found, digest) for found in reader.open(name, data)]


def notebooks_in(folder: Path, assignment: str) -> list[Path]:
    """The notebooks and zips of a student; if there are none, what lies there first, so that it can be told."""
    inner = folder / assignment  # as we hand out notebooks, and as nbgrader collects them
    if _is_folder(inner):
        folder = inner
    files = []
    for path in _walk(folder, {name for name in names() if name != assignment}):
        files.append(path)
        if len(files) == MOST_ENTRIES:
            break
    notebooks = [path for path in files if path.suffix.lower() in (*NOTEBOOKS, ".zip")]
    return notebooks or files[:1]


def _walk(folder: Path, others: set[str], depth: int = 1) -> Iterator[Path]:
    """The files in a folder and in those in it, but for those of other assignments."""
    try:
        entries = sorted(path for path in folder.iterdir() if not ignored(path.name))
    except OSError:
        yield folder  # reading it will tell why
        return
    for path in entries:
        if not _is_folder(path):
            yield path
        elif depth < DEEPEST and path.name not in others:
            yield from _walk(path, others, depth + 1)


def _is_report(folder: Path) -> bool:
    """Whether a report of ours stands there, among the hand-ins."""
    return all(os.path.isfile(folder / name) for name in (JOURNAL, SEED))


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # False, too, where we may not look


def _student(name: str) -> str:
    """A student's name as everybody writes it, whatever the file system and the eye make of it."""
    return " ".join(printable(tidy(_text(name))).split()) or repr(name)


def _text(name: str) -> str:
    """A file's name as text that can be written anywhere, even if it is not valid UTF-8."""
    return os.fsencode(name).decode("utf8", "backslashreplace")


def _look(path: Path) -> tuple[int, ...]:
    try:
        found = os.lstat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


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


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return "it is a link" if error.errno == errno.ELOOP else error.strerror or str(error)
    return str(error)
