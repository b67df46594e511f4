"""Any bytes are read as a notebook or refused in a sentence, and cost the reading process alone."""

import copy
import json
import os
import random
import re
import resource
import time
import warnings
import zipfile

import nbformat
import pytest

from rmsprop_lib.grading import hand_in, reader, reading
from rmsprop_lib.grading.reader import Reader
from rmsprop_lib.grading.reading import open_file

STRANGE = [
    *(None, True, False, 0, -1, 4, 4.0, 1e999, 10**40, "", "x", "\ud800", "\0", [], [[]], [None], {}, {"": {}}),
    *({"cells": 7}, ["a", 1], [{"cell_type": "code"}], [{"cell_type": "code", "source": {"a": 1}}], "=1+1" * 99),
]


def old(*sources):
    """A notebook of format 3."""
    shape = {"language": "python", "outputs": [], "collapsed": False, "metadata": {}}
    cells = [{"cell_type": "code", "input": source, **shape} for source in sources]
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


def mutated(tree, draw):
    """The tree with one of its parts dropped, doubled, nested, emptied or replaced."""
    places = list(_places(tree))
    holder, key = draw.choice(places)
    change = draw.randrange(5)
    if change == 0:
        del holder[key]
    elif change == 1 and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif change == 2:
        holder[key] = [holder[key]]
    elif change == 3:
        holder[key] = {str(key): holder[key]}
    else:
        holder[key] = copy.deepcopy(draw.choice(STRANGE))
    return tree


def _places(tree):
    for key in range(len(tree)) if isinstance(tree, list) else tree:
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


@pytest.mark.parametrize("seed", range(8))
def test_a_notebook_changed_anywhere_is_read_or_refused_in_a_sentence(notebook, seed):
    draw = random.Random(seed)
    for _ in range(150):
        tree = {"file": old("a = 1", "b = 2") if draw.random() < 0.3 else json.loads(notebook("a = 1", "b = 2"))}
        for _ in range(draw.randint(1, 4)):
            if list(_places(tree)):
                tree = mutated(tree, draw)
        (found,) = open_file("x.ipynb", json.dumps(tree.get("file")).encode())
        assert bool(found["cells"]) != bool(found["problem"])
        assert all(isinstance(cell, str) for cell in found["cells"])
        assert not re.search("Error|Exception", found["problem"])  # a sentence, not its name


@pytest.mark.parametrize("seed", range(4))
def test_bytes_changed_anywhere_are_read_or_refused_in_a_sentence(notebook, tmp_path, seed):
    draw = random.Random(seed)
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x.ipynb", notebook("a = 1"))
        archive.writestr("b.py", "b = 2")
    for name, data in (("x.ipynb", notebook("a = 'é'").encode()), ("x.zip", (tmp_path / "x.zip").read_bytes())):
        for _ in range(150):
            broken = bytearray(data)
            for _ in range(draw.randint(1, 8)):
                broken[draw.randrange(len(broken))] = draw.randrange(256)
            cut = draw.choice([len(broken), draw.randrange(len(broken))])
            for found in open_file(name, bytes(broken[:cut])):
                assert bool(found["cells"]) != bool(found["problem"])
                assert not re.search(r": \w+(Error|Exception)$", found["problem"])


def test_a_strange_part_costs_no_other(notebook):
    content = json.loads(notebook("a = 1", "b = 2"))
    content["cells"][0]["source"] = ["a = ", 7, None, ["x"], "1"]
    content["cells"][1]["outputs"] = [{"data": {"application/json": 10**4000}}]
    content["cells"] += [7, None, {}, {"cell_type": "code", "source": {"a": 1}}]
    text = json.dumps(content).replace("1" + "0" * 4000, "9" * 10**6)
    (found,) = open_file("x.ipynb", text.encode())
    assert found["cells"] == ["a = 1", "b = 2"]


def test_old_formats_are_read_as_the_library_of_the_format_reads_them():
    pages = old("a = 1", "", "b = 2")
    pages["worksheets"].append({"cells": [{"cell_type": "markdown", "source": "no", "metadata": {}}], "metadata": {}})
    pages["worksheets"].append(old(["c = 3\n", "d = 4"])["worksheets"][0])
    (found,) = open_file("x.ipynb", json.dumps(pages).encode())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        today = nbformat.convert(nbformat.reads(json.dumps(pages), as_version=3), 4)
    wanted = ["".join(cell["source"]) for cell in today["cells"] if cell["cell_type"] == "code"]
    assert found["cells"] == [source for source in wanted if source]
    assert len(found["cells"]) == 3


@pytest.mark.parametrize("version", [True, False, None, "4", [4], {}, 0, 1, 5, 99, -4, 4.5, 1e999])
def test_an_unknown_format_is_told_with_what_stands_there(notebook, version):
    content = {**json.loads(notebook("a = 1")), "nbformat": version}
    (found,) = open_file("x.ipynb", json.dumps(content).encode())
    assert "a notebook of format 4 wanted, got" in found["problem"]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_every_unicode_encoding_is_read_in_the_fenced_process(notebook, encoding, ends):
    text = json.dumps(json.loads(notebook("β = 0.9  # 名 😀")), indent=1, ensure_ascii=False).replace("\n", ends)
    with Reader() as one:
        (found,) = one.open("x.ipynb", text.encode(encoding))
        assert (found.cells, found.problem) == (("β = 0.9  # 名 😀",), "")
        (found,) = one.open("x.py", "b = 0.9  # β\n".encode(encoding))
        assert (found.cells, found.problem) == (("b = 0.9  # β\n",), "")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "shift-jis", "koi8-r"])
def test_other_encodings_are_told_to_save_as_utf_8(encoding):
    text = {"latin-1": "réponse", "cp1252": "“x”", "shift-jis": "答え", "koi8-r": "ответ"}[encoding]
    for name in ("x.ipynb", "x.py"):
        (found,) = open_file(name, f'{{"nbformat": 4, "cells": ["{text}"]}}'.encode(encoding))
        assert found["problem"].endswith("its text is not UTF-8: save it as UTF-8")


N = 4 * 2**20
CODE = '{"cell_type":"code"},'
BOMBS = {
    "lists": ('{"nbformat":4,"cells":[', "[],", "0]}"),
    "tables": ('{"nbformat":4,"cells":[', "{},", "0]}"),
    "both": ('{"nbformat":4,"cells":[', '{"":[]},', "0]}"),
    "old cells": ('{"nbformat":3,"worksheets":[{"cells":[', "{},", "{}]}]}"),
    "old pages": ('{"nbformat":3,"worksheets":[', "{},", "{}]}"),
    "old texts": ('{"nbformat":3,"worksheets":[{"cells":[', '{"cell_type":"markdown","source":"a"},', "0]}]}"),
    "code cells": ('{"nbformat":4,"cells":[', CODE, "0]}"),
    "lines": ('{"nbformat":4,"cells":[{"cell_type":"code","source":[', '"",', '""]}]}'),
    "one line": ('{"nbformat":4,"cells":[{"cell_type":"code","source":"', "x", '"}]}'),
    "version": ('{"nbformat":[', "[],", "0]}"),
    "digits": ('{"nbformat":4,"cells":[', "9", "]}"),
    "digits after the point": ('{"nbformat":4,"cells":[0.', "9", "]}"),
    "exponent": ('{"nbformat":4,"cells":[1e', "9", "]}"),
    "integers": ('{"nbformat":4,"cells":[', "1,", "0]}"),
    "deep": ("", "[", ""),
    "deep tables": ("", '{"":', ""),
    "blanks": ('{"nbformat":4,"cells":[', " ", "]}"),
    "escapes": ('{"nbformat":4,"cells":[],"x":"', "\\u0041", '"}'),
    "marks": ('{"nbformat":4,"cells":[],"metadata":{"rmsprop_lib":{"a":[', "[],", "0]}}}"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_the_grader_nothing(name, tmp_path):
    head, unit, tail = BOMBS[name]
    path = tmp_path / "x.ipynb"
    path.write_text(head + unit * (N // len(unit)) + tail)
    own, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = hand_in.read("ada", [path])
    assert found.problem
    assert time.process_time() - own < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


def test_a_reader_that_died_or_lies_is_replaced(notebook, monkeypatch):
    monkeypatch.setattr(reader, "_PROGRAM", LIAR + reader._PROGRAM)
    monkeypatch.setattr(reader, "SECONDS", 1)
    honest = notebook("a = 1").encode()
    with Reader() as one:
        for name in LIES:
            (found,) = one.open(f"{name}.py", b"x = 1")
            assert found.problem.startswith("the file cannot be read as a notebook: it "), name
            assert one.open("x.ipynb", honest)[0].cells == ("a = 1",)


LIES = {
    "dies": "os._exit(1)",
    "killed": "os.kill(os.getpid(), 9)",
    "nothing": "[]",
    "no table": "[7]",
    "no texts": '[{"name": "x", "cells": [7], "marks": {}, "problem": ""}]',
    "half": '[{"name": "x"}]',
    "no marks": '[{"name": "x", "cells": [], "marks": 1, "problem": ""}]',
    "flood": "'x' * 10**8",
    "spins": "[0 for _ in iter(int, 1)]",
}
LIAR = f"""
LIES = {LIES!r}
truth = open_file
def open_file(name, data):
    lie = LIES.get(name.removesuffix(".py"))
    return eval(lie) if lie else truth(name, data)
"""


def test_the_reading_process_can_open_write_and_start_nothing(monkeypatch):
    attempts = {
        "open": "open('/etc/passwd').read()",
        "write": "open('PWNED', 'w')",
        "socket": "__import__('_socket').socket()",
        "fork": "os.fork() and 0" if os.geteuid() == 0 else "os.pipe()",
        "memory": "bytearray(2**30)",
        "root": "os.setuid(0) if os.geteuid() else 1 / 0" if os.geteuid() == 0 else "1 / 0",
    }
    program = f"""
ATTEMPTS = {attempts!r}
def open_file(name, data):
    try:
        eval(ATTEMPTS[name])
        told = "it was possible"
    except BaseException as error:
        told = "refused with " + type(error).__name__
    return [{{"name": name, "cells": [], "marks": {{}}, "problem": told}}]
"""
    monkeypatch.setattr(reader, "_PROGRAM", program + reader._PROGRAM)
    with Reader() as one:
        for name in attempts:
            (found,) = one.open(name, b"")
            assert found.problem.startswith("refused with"), (name, found)


def test_many_files_share_one_process(notebook):
    with Reader() as one:
        one.open("x.ipynb", notebook("a = 1").encode())
        process = one._process
        for i in range(50):
            assert one.open("x.ipynb", notebook(f"a = {i}").encode())[0].cells == (f"a = {i}",)
        assert one._process is process
    assert process.poll() is not None


def test_the_largest_notebook_is_read_though_its_letters_are_wide(notebook):
    content = json.loads(notebook("a = 1  # 😀"))
    content["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["x" * 99 + "\n"] * 300_000}]
    data = json.dumps(content, ensure_ascii=False).encode()
    assert 30e6 < len(data) < reading.LARGEST
    with Reader() as one:
        assert one.open("x.ipynb", data)[0].cells == ("a = 1  # 😀",)
