"""The code in a file that a stranger made. Runs in a process of its own, which `reader.Reader` starts and fences.

Needs the standard library alone, and after its start no file, so that it can be left without any rights.

Standard input: for each file a line with its size in bytes and its name, then the file.
Standard output: for each file a line of JSON, [found]; several for a zip.
found: {"name", "cells": [source], "marks": table, "problem": sentence or ""}
"""

import codecs
import contextlib
import gc
import io
import json
import os
import resource
import stat
import sys
import time
import zipfile
from pathlib import PurePosixPath

LARGEST = 32 * 2**20  # bytes of a file
MOST_CODE = 2**20  # characters of code in it
MOST_CELLS = 10_000
MOST_FILES = 20  # notebooks of one student
MOST_MEMBERS = 2000  # files in a zip
MARKS = "rmsprop_lib"  # the part of a notebook's metadata that is ours
MOST_MARKS = 10_000  # characters of it, as JSON
NOTEBOOKS = (".ipynb", ".py")
FORMATS = (2, 3, 4)  # of notebooks
NOBODY = 65534
ENCODINGS = ("utf-8-sig", "cp437", *(f"utf-{bits}{order}" for bits in (16, 32) for order in ("", "-be", "-le")))


def main(memory, seconds):
    """Read files until there are no more. memory: bytes of this process. seconds: of the processor, for each file."""
    gc.disable()  # of no use for a tree of plain data, and slow
    source, reply = sys.stdin.buffer, sys.stdout.buffer
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    for encoding in ENCODINGS:  # of texts and of names in a zip; later no module can be found
        codecs.lookup(encoding)
    _give_up_rights(memory)
    while line := source.readline():
        size, name = json.loads(line)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, most))
        found = open_file(name, source.read(size))
        reply.write(json.dumps(found).encode() + b"\n")
        reply.flush()


def _give_up_rights(memory):
    """No more memory than this, no file, no other process; and for root, no longer root."""
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):  # a container may have taken this right away
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    for name, most in (("AS", memory), ("NOFILE", 3), ("NPROC", 0), ("FSIZE", 0), ("CORE", 0)):
        with contextlib.suppress(OSError, ValueError):  # not every system knows every limit
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))


def open_file(name, data):
    """What is in the file: a list with one part for each notebook. Never raises."""
    try:
        if _ending(name) == ".zip":
            return _in_zip(name, data)
        return [_part(name, data)]
    except Exception as error:
        return [_problem(name, error)]


def _part(name, data):
    try:
        cells, marks = _code(name, data)
        return {
            "name": name,
            "cells": cells,
            "marks": marks,
            "problem": "" if cells else "there is no code in the file",
        }
    except Exception as error:
        return _problem(name, error)


def _problem(name, error):
    if isinstance(error, RecursionError):
        told = "it is nested too deeply"
    elif isinstance(error, MemoryError):
        told = "it takes too much memory to read"
    elif isinstance(error, UnicodeError):
        told = "its text is not UTF-8: save it as UTF-8"
    elif isinstance(error, json.JSONDecodeError):
        told = f"it is not JSON, or not the whole of it ({error.msg} in line {error.lineno})"
    else:
        told = str(error) if isinstance(error, ValueError) else type(error).__name__
    return {"name": name, "cells": [], "marks": {}, "problem": f"the file cannot be read as a notebook: {told}"}


def _in_zip(name, data):
    """The notebooks in a zip, each as if it had been handed in beside the others."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:
        raise ValueError(f"it is not a zip, or not the whole of it ({error})") from None
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"at most {MOST_MEMBERS} files in a zip wanted, got {len(members)}")
    chosen = [member for member in members if _ending(member.filename) in NOTEBOOKS and not _beside(member)]
    if not chosen:
        another = any(_ending(member.filename) == ".zip" for member in members)
        raise ValueError("there is no notebook in the zip" + (", only another zip" if another else ""))
    if len(chosen) > MOST_FILES:
        raise ValueError(f"at most {MOST_FILES} notebooks in a zip wanted, got {len(chosen)}")
    found, left = [], LARGEST
    for member in chosen:
        inner = f"{name}: {member.filename}"
        try:
            content = _unzipped(archive, member, left)
        except Exception as error:
            found.append(_problem(inner, error))
        else:
            left -= len(content)
            found.append(_part(inner, content))
    if sum(len(source) for part in found for source in part["cells"]) > MOST_CODE:
        raise ValueError(f"at most {MOST_CODE} characters of code in a zip wanted")
    return found


def _unzipped(archive, member, most):
    if member.flag_bits & 1:
        raise ValueError("it is encrypted: zip it without a password")
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
        raise ValueError("it is not a regular file")
    if member.file_size > most:
        raise ValueError(f"at most {most / 2**20:.0f} MiB wanted, got {member.file_size / 2**20:.0f} MiB")
    try:
        with archive.open(member) as file:
            return file.read()  # no more than the size above, if that was a lie
    except Exception as error:
        raise ValueError(f"the zip is damaged ({error or type(error).__name__})") from None


def _beside(member):
    """Whether it is a folder, or something that macOS or Windows put beside the files."""
    parts = member.filename.replace("\\", "/").split("/")
    return member.is_dir() or any(ignored(part) for part in parts if part.strip("."))


def ignored(name):
    """Whether nobody meant to hand in a file or folder of this name."""
    return name.startswith(".") or name.lower() in ("__macosx", "thumbs.db", "desktop.ini", "__pycache__")


def _ending(name):
    return PurePosixPath(name).suffix.lower()


def _code(name, data):
    """The sources of the code cells, and our marks. Raises ValueError, and more for strange data."""
    if _ending(name) not in NOTEBOOKS:
        raise ValueError(f"a notebook (.ipynb) wanted, got {_ending(name) or 'a name without an ending'}")
    text = data.decode(json.detect_encoding(data))
    sources, marks = ([text], {}) if _ending(name) == ".py" else _notebook(text)
    size = sum(map(len, sources))
    if size > MOST_CODE or len(sources) > MOST_CELLS:
        wanted = f"at most {MOST_CODE} characters of code, in {MOST_CELLS} cells, wanted"
        raise ValueError(f"{wanted}, got {size} in {len(sources)}")
    return [source for source in sources if source.strip()], marks


def _notebook(text):
    notebook = json.loads(text, parse_int=_integer)
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise ValueError("it is JSON, but no notebook")
    version = notebook["nbformat"]
    if version not in FORMATS:
        raise ValueError(f"a notebook of format 4 wanted, got {json.dumps(version)[:40]}")
    if version == 4:
        cells, source = notebook.get("cells"), "source"
    else:  # pages of cells, and the code is called input
        pages = notebook.get("worksheets")
        pages = pages if isinstance(pages, list) else []
        cells = [cell for page in pages if isinstance(page, dict) for cell in _list(page.get("cells"))]
        source = "input"
    if not isinstance(cells, list):
        raise ValueError("it has no list of cells")
    return [_source(cell.get(source)) for cell in cells if _is_code(cell)], _marks(notebook.get("metadata"))


def _integer(digits):
    """A long number costs the square of its length as an integer; nobody needs it."""
    return int(digits) if len(digits) < 20 else float(digits)


def _list(value):
    return value if isinstance(value, list) else []


def _is_code(cell):
    """One broken cell does not cost the others."""
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _source(value):
    lines = [value] if isinstance(value, str) else _list(value)
    return "".join(line for line in lines if isinstance(line, str))


def _marks(metadata):
    marks = metadata.get(MARKS) if isinstance(metadata, dict) else None
    return marks if isinstance(marks, dict) and len(json.dumps(marks)) <= MOST_MARKS else {}
