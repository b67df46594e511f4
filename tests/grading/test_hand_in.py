"""Any file is survived, and told about in a sentence."""

import json
import os

import pytest

from rmsprop_lib.grading import hand_in, reader


def read(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return hand_in.read("ada", [path])


BAD = {
    "not JSON": ("x.ipynb", "hello", "it is not JSON, or not the whole of it (Expecting value in line 1)"),
    "empty": ("x.ipynb", "", "it is not JSON, or not the whole of it (Expecting value in line 1)"),
    "half": ("x.ipynb", '{"cells": [', "it is not JSON, or not the whole of it (Expecting value in line 1)"),
    "wrong encoding": ("x.ipynb", '{"cells": ["é"]}'.encode("latin-1"), "its text is not UTF-8: save it as UTF-8"),
    "binary": ("x.ipynb", bytes(range(256)), "not UTF-8"),
    "another ending": ("x.docx", "PK", "a notebook (.ipynb) wanted, got .docx"),
    "no ending": ("notebook", "{}", "got a name without an ending"),
    "a list": ("x.ipynb", "[]", "it is JSON, but no notebook"),
    "a number": ("x.ipynb", "1e999", "cannot be read as a notebook"),
    "cells of another kind": ("x.ipynb", '{"nbformat": 4, "nbformat_minor": 5, "cells": 7}', "cannot be read"),
    "cells that are no tables": (
        "x.ipynb",
        '{"nbformat": 4, "nbformat_minor": 5, "cells": [7]}',
        "no code in the file",
    ),
    "no cells": ("x.ipynb", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', "no code in the file"),
    "another world's format": ("x.ipynb", '{"nbformat": 99, "cells": []}', "cannot be read as a notebook"),
    "deep": ("x.ipynb", "[" * 10**6, "cannot be read as a notebook"),
    "deep tables": ("x.ipynb", '{"a":' * 10**5, "cannot be read as a notebook"),
    "long number": ("x.ipynb", '{"nbformat": ' + "9" * 10**5 + "}", "cannot be read as a notebook"),
    "much code": ("x.py", "x = 1\n" * 10**6, "at most 1048576 characters of code, in 10000 cells, wanted"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_notebook_is_told(tmp_path, name):
    file, data, words = BAD[name]
    found = read(tmp_path / file, data)
    assert words in found.problem
    assert len(found.problem) < 400
    assert found.problem.isprintable()
    assert (found.cells, found.file, found.student) == ((), file, "ada")


def test_code_cells_are_read_and_all_else_is_left_out(tmp_path, notebook):
    content = json.loads(notebook("a = 1", "", "b = 2"))
    content["cells"][0]["source"] = ["a = 1\n", "c = 3"]
    content["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "# Title"})
    content["cells"].append({"cell_type": "raw", "metadata": {}, "source": "raw"})
    content["cells"].append({"cell_type": "code", "metadata": "none"})
    found = read(tmp_path / "x.ipynb", json.dumps(content))
    assert found.cells == ("a = 1\nc = 3", "b = 2")
    assert len(found.digest) == 64
    assert found.problem == ""


def test_what_the_metadata_says_of_ours_comes_along_unless_it_is_long_or_no_table(tmp_path, notebook):
    for ours, marks in (({"student": "ada"}, {"student": "ada"}), ([1], {}), ({"a": "x" * 10**5}, {}), (None, {})):
        content = {**json.loads(notebook("a = 1")), "metadata": {"rmsprop_lib": ours}}
        assert read(tmp_path / "x.ipynb", json.dumps(content)).marks == marks
    content["metadata"] = "none"
    assert read(tmp_path / "x.ipynb", json.dumps(content)).marks == {}


def test_old_formats_are_upgraded(tmp_path):
    cell = {
        "cell_type": "code",
        "language": "python",
        "input": "a = 1",
        "outputs": [],
        "collapsed": False,
        "metadata": {},
    }
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [cell], "metadata": {}}],
    }
    assert read(tmp_path / "x.ipynb", json.dumps(old)).cells == ("a = 1",)


def test_a_byte_order_mark_and_a_plain_program_are_read(tmp_path, notebook):
    assert read(tmp_path / "x.ipynb", b"\xef\xbb\xbf" + notebook("a = 1").encode()).cells == ("a = 1",)
    assert read(tmp_path / "x.py", "a = 1\nb = 2").cells == ("a = 1\nb = 2",)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    with open(tmp_path / "x.ipynb", "wb") as file:
        file.truncate(100 * 2**20)
    monkeypatch.setattr(reader.Reader, "open", lambda *args: pytest.fail("it was read"))
    found = hand_in.read("ada", [tmp_path / "x.ipynb"])
    assert found.problem == "the file cannot be read: at most 32 MiB wanted, got 100 MiB"


def test_links_devices_pipes_and_folders_are_refused(tmp_path, notebook):
    other = tmp_path / "other.ipynb"
    other.write_text(notebook("a = 1"))
    (tmp_path / "link.ipynb").symlink_to(other)
    (tmp_path / "device.ipynb").symlink_to("/dev/zero")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("link", "device", "pipe", "folder", "missing"):
        found = hand_in.read("ada", [tmp_path / f"{name}.ipynb"])
        assert found.problem.startswith("the file cannot be read"), name
        assert found.cells == ()
    assert "regular file" in hand_in.read("ada", [tmp_path / "pipe.ipynb"]).problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path):
    path = tmp_path / "x.ipynb"
    path.touch(mode=0)
    assert "Permission denied" in hand_in.read("ada", [path]).problem


def test_students_are_found_by_file_and_by_folder(tmp_path):
    for name in ("ada.ipynb", ".hidden.ipynb", "bob/rmsprop.ipynb", "bob/draft.ipynb", "eve/any.ipynb", "eve/data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for name in ("zoe/a.ipynb", "zoe/b.ipynb", "yan/letter.docx"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "xav").mkdir()
    (tmp_path / "wil" / "rmsprop").mkdir(parents=True)
    (tmp_path / "wil" / "rmsprop" / "rmsprop.ipynb").touch()
    found = hand_in.find(tmp_path, "rmsprop")
    assert {student: [path.name for path in paths] for student, paths in found.items()} == {
        "ada": ["ada.ipynb"],
        "bob": ["draft.ipynb", "rmsprop.ipynb"],
        "eve": ["any.ipynb"],
        "wil": ["rmsprop.ipynb"],
        "xav": [],
        "yan": ["letter.docx"],
        "zoe": ["a.ipynb", "b.ipynb"],
    }
    assert hand_in.read("zoe", found["zoe"]).problem == (
        "one notebook wanted, got a.ipynb, b.ipynb: none of them can be read"
    )
    assert hand_in.read("xav", found["xav"]).problem == "one notebook wanted, got nothing"
    assert "got .docx" in hand_in.read("yan", found["yan"]).problem


def test_two_hand_ins_of_one_student_are_told_and_stop_nobody(tmp_path, notebook):
    for name in ("ada.ipynb", "ada.py", "bob.ipynb"):
        (tmp_path / name).write_text(notebook("a = 1"))
    (tmp_path / "bob").mkdir()  # empty, so that bob has one hand-in
    found = hand_in.find(tmp_path, "rmsprop")
    assert hand_in.read("ada", found["ada"]).problem == "one notebook wanted, got ada.ipynb, ada.py: hand in only one"
    assert hand_in.read("bob", found["bob"]).cells == ("a = 1",)


def test_a_name_that_is_no_text_is_written_as_one(tmp_path, notebook):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.ipynb"
    with open(path, "w") as file:
        file.write(notebook("a = 1"))
    (student,) = hand_in.find(tmp_path, "rmsprop")
    assert student == r"\xff\xfe"
    assert student.encode("utf8")
