"""Which file of a student is graded: never one in silence where another is meant, wherever it lies."""

import io
import json
import os
import random
import stat
import tempfile
import zipfile
from pathlib import Path

import pytest

from rmsprop_lib.grading import assignment, hand_in, mark, reading
from rmsprop_lib.grading.student_notebook import notebook_text

BLANK = notebook_text(assignment.find("rmsprop"))


@pytest.fixture
def read(tmp_path):
    """A function from files by their path to the hand-in of the student they are of."""

    def one(files, name="rmsprop"):
        for path, data in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(data if isinstance(data, bytes) else data.encode())
        ((student, paths),) = hand_in.find(tmp_path, name).items()
        return hand_in.read(student, paths, name)

    return one


@pytest.fixture
def filled():
    """A function from an answer to the notebook that was handed out, with the answer in it."""

    def text(answer="first_step_factor = 3.16", blank=BLANK):
        notebook = json.loads(blank)
        (cell,) = [cell for cell in notebook["cells"] if cell.get("id") == "first-step-factor"]
        cell["source"] = answer
        return json.dumps(notebook)

    return text


def zipped(files, **options):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


PLACES = [
    "ada.ipynb",
    "ada/rmsprop.ipynb",
    "ada/homework FINAL (2).ipynb",
    "ada/rmsprop/rmsprop.ipynb",
    "Ada_4712_assignsubmission_file_/hw1/rmsprop.ipynb",
    "ada/a/b/c/x.IPYNB",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_notebook_is_found_where_course_systems_put_it(read, filled, place):
    found = read({place: filled()})
    assert (found.problem, found.choice, found.note) == ("", "", "")
    assert "first_step_factor = 3.16" in found.cells


@pytest.mark.parametrize("inner", ["rmsprop.ipynb", "hw/rmsprop.ipynb", "a/b/c/d/e/f/x.ipynb", "hw\\rmsprop.ipynb"])
@pytest.mark.parametrize("outer", ["ada.zip", "ada/hw.ZIP", "Ada_4712_assignsubmission_file_/hw1/hw.zip"])
def test_a_zip_with_one_notebook_is_read(read, filled, outer, inner):
    beside = {"__MACOSX/hw/._rmsprop.ipynb": "x", ".ipynb_checkpoints/rmsprop-checkpoint.ipynb": BLANK, "data.csv": "1"}
    found = read({outer: zipped({inner: filled(), **beside})})
    assert found.problem == ""
    assert found.file.endswith(": " + inner)
    assert len(found.digest) == 64


BESIDE = ["Thumbs.db", "desktop.ini", ".DS_Store", ".ipynb_checkpoints/rmsprop-checkpoint.ipynb", "__MACOSX/._x.ipynb"]


def test_what_systems_put_beside_a_notebook_is_no_hand_in(read, filled, tmp_path):
    found = read({f"ada/{name}": BLANK for name in BESIDE} | {"ada/x.ipynb": filled()})
    assert (found.file, found.choice) == ("x.ipynb", "")
    found = read({name: BLANK for name in BESIDE} | {"ada/x.ipynb": filled()})
    assert found.student == "ada"


def test_of_a_blank_notebook_and_a_finished_one_the_finished_one_is_graded_and_it_is_said(read, filled):
    found = read({"ada/rmsprop.ipynb": BLANK, "ada/rmsprop (1).ipynb": filled()})
    assert found.file == "rmsprop (1).ipynb"
    assert found.choice == "graded was rmsprop (1).ipynb, and left aside rmsprop.ipynb (no answer in it)"


@pytest.mark.parametrize("blank_first", [True, False])
def test_own_numbers_and_comments_are_no_answer(read, filled, blank_first):
    wanted, key = assignment.find("rmsprop"), b"k" * 32
    numbers = assignment.personalise("ada", key, wanted.exercises)
    signed = mark.make(mark.Claim("ada", "rmsprop", numbers), key)
    own = notebook_text(wanted, numbers, student="ada", signed=signed)
    started = filled("# to do on Sunday\nfirst_step_factor = ...  # no idea", own)
    names = ("a rmsprop", "b rmsprop") if blank_first else ("b rmsprop", "a rmsprop")
    found = read({f"ada/{names[0]}.ipynb": started, f"ada/{names[1]}.ipynb": filled(blank=own)})
    assert found.file == f"{names[1]}.ipynb"
    assert "(no answer in it)" in found.choice


@pytest.mark.parametrize("answer", ["x = 1", 'loss_times_1000 = "d"', "first_step_factor = 3", "import os", "..."])
def test_whatever_was_written_is_an_answer(read, filled, answer):
    found = read({"ada/rmsprop.ipynb": BLANK, "ada/rmsprop (1).ipynb": filled(answer)})
    assert found.file == "rmsprop (1).ipynb"


def test_a_single_blank_notebook_is_said_to_be_one(read):
    found = read({"ada.ipynb": BLANK})
    assert (found.problem, found.choice) == ("", "the notebook is as it was handed out")


def test_two_blank_ones_are_one(read):
    assert read({"ada/a.ipynb": BLANK, "ada/b.ipynb": BLANK}).problem == ""


def test_the_same_notebook_twice_is_one(read, filled):
    again = json.dumps(json.loads(filled()), indent=4)  # other bytes, the same cells
    found = read({"ada/a.ipynb": filled(), "ada/b.ipynb": again, "ada.zip": zipped({"c.ipynb": filled()})})
    assert found.problem == ""
    assert found.choice.count("the same as") == 2


TWO = [("rmsprop", "rmsprop (1)"), ("rmsprop", "Copy of rmsprop"), ("rmsprop_v2", "RMSProp final"), ("a", "b")]


@pytest.mark.parametrize("names", TWO)
@pytest.mark.parametrize("in_zip", [True, False])
def test_of_two_different_ones_none_is_graded(read, filled, names, in_zip):
    files = {f"{names[0]}.ipynb": filled(), f"{names[1]}.ipynb": filled("first_step_factor = 10")}
    found = read({"ada.zip": zipped(files)} if in_zip else {f"ada/{name}": text for name, text in files.items()})
    assert found.cells == ()
    assert found.problem.startswith("one notebook wanted, got ")
    assert found.problem.endswith(": hand in only one")
    assert all(name in found.problem for name in names)


def test_a_file_and_a_folder_of_one_student_are_two_hand_ins(read, filled):
    found = read({"ada.ipynb": filled(), "ada/x.ipynb": filled("x = 1")})
    assert "one notebook wanted, got ada/x.ipynb, ada.ipynb" in found.problem


def test_names_that_look_the_same_are_one_student(read, filled):
    names = ["zoé", "zoe\u0301", "zoé ", "z\u200boé", "\u202ezoé", "zoé\xa0"]
    found = read({f"{name}/x.ipynb": filled() for name in names})
    assert (found.student, found.problem) == ("zoé", "")
    assert found.choice.count("the same as") == len(names) - 1


def test_notebooks_of_other_names_and_other_assignments_are_left_aside(read, filled):
    files = {"rmsprop.ipynb": filled(), "draft.ipynb": filled("x = 1"), "adam.ipynb": filled("x = 2")}
    found = read({f"ada/{name}": text for name, text in files.items()})
    assert found.file == "rmsprop.ipynb"
    assert found.choice.count("(not named rmsprop)") == 2
    assert found.choice.count("draft.ipynb") == found.choice.count("adam.ipynb") == 1


def test_folders_of_other_assignments_are_not_looked_into(read, filled):
    found = read({"ada/adam/adam.ipynb": filled("x = 1"), "ada/hw/x.ipynb": filled()})
    assert (found.file, found.choice) == ("x.ipynb", "")


def test_a_notebook_that_cannot_be_read_is_left_aside_and_said(read, filled):
    found = read({"ada/rmsprop.ipynb": filled()[:-40], "ada/rmsprop (1).ipynb": filled()})
    assert found.file == "rmsprop (1).ipynb"
    assert "rmsprop.ipynb (it cannot be read)" in found.choice


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_the_files_decides_nothing(read, filled, seed):
    draw = random.Random(seed)
    texts = [BLANK, BLANK, filled(), filled(), filled("x = 1"), "broken"]
    found = read({f"ada/{i}.ipynb": text for i, text in enumerate(draw.sample(texts, 6))})
    assert found.problem.startswith("one notebook wanted")
    assert found.problem.endswith("hand in only one")


def bad_member(data, change):
    """The zip with the header of its first file changed, in both places where it stands."""
    data = bytearray(data)
    for start, offset in ((data.find(b"PK\3\4"), 0), (data.find(b"PK\1\2"), 2)):
        change(data, start + offset)
    return bytes(data)


def encrypted(data, at):
    data[at + 6] |= 1


def unknown_method(data, at):
    data[at + 8] = 99


def damaged(data, at):
    data[at + 14] ^= 255  # the checksum


def linked():
    entry = zipfile.ZipInfo("x.ipynb")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped_entry(entry, "/etc/passwd")


def zipped_entry(entry, text):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(entry, text)
    return data.getvalue()


def many(count, name):
    return zipped({name.format(i): "{}" for i in range(count)})


ZIPS = {
    "no zip": (lambda: b"PK\3\4hello", "it is not a zip, or not the whole of it"),
    "half": (lambda: zipped({"x.ipynb": BLANK})[:-30], "it is not a zip, or not the whole of it"),
    "empty": (lambda: zipped({}), "there is no notebook in the zip"),
    "nothing": (lambda: b"", "it is not a zip"),
    "no notebook": (lambda: zipped({"letter.docx": "x"}), "there is no notebook in the zip"),
    "a zip in it": (lambda: zipped({"x.zip": zipped({"x.ipynb": BLANK})}), "only another zip"),
    "encrypted": (lambda: bad_member(zipped({"x.ipynb": BLANK}), encrypted), "without a password"),
    "unknown method": (lambda: bad_member(zipped({"x.ipynb": BLANK}), unknown_method), "the zip is damaged"),
    "damaged": (lambda: bad_member(zipped({"x.ipynb": BLANK}), damaged), "the zip is damaged"),
    "a link": (linked, "it is not a regular file"),
    "bomb": (lambda: zipped({"x.ipynb": bytes(40 * 2**20)}), "at most 32 MiB wanted, got 40 MiB"),
    "bomb that lies": (lambda: liar(bytes(40 * 2**20)), "the zip is damaged"),
    "many files": (lambda: many(2500, "{}.txt"), "at most 2000 files in a zip wanted, got 2500"),
    "many notebooks": (lambda: many(25, "{}.ipynb"), "at most 20 notebooks in a zip wanted, got 25"),
    "bombs": (lambda: zipped({f"{i}.ipynb": bytes(20 * 2**20) for i in range(5)}), "none of them can be read"),
    "much code": (lambda: zipped({f"{i}.py": "x = 1\n" * 10**5 for i in range(3)}), "characters of code in a zip"),
    "long names": (lambda: zipped({"a" * 60_000 + ".ipynb": "{}"}), "it is JSON, but no notebook"),
    "another file": (lambda: b"%PDF-1.4", "it is not a zip"),
}


def liar(content):
    """A zip that says of its file that it is small."""
    data = bytearray(zipped({"x.ipynb": content}))
    for start, offset in ((data.find(b"PK\3\4"), 22), (data.find(b"PK\1\2"), 24)):
        data[start + offset : start + offset + 4] = (100).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("name", ZIPS)
def test_a_strange_zip_is_told_in_a_sentence(read, name):
    make, words = ZIPS[name]
    found = read({"ada.zip": make()})
    assert words in found.problem
    assert found.cells == ()
    assert found.problem.isprintable()
    assert len(found.problem) < 700


def test_the_files_of_a_zip_share_one_limit():
    found = reading.open_file("x.zip", zipped({f"{i}.ipynb": bytes(20 * 2**20) for i in range(2)}))
    assert "not JSON" in found[0]["problem"]
    assert "at most 12 MiB wanted, got 20 MiB" in found[1]["problem"]


def test_names_in_a_zip_lead_nowhere(read, filled, tmp_path):
    for name in ("./x.ipynb", "../../x.ipynb", "/etc/x.ipynb", "C:\\x.ipynb", "a\x1b[31m\u202ex.ipynb"):
        found = read({"ada.zip": zipped({name: filled()})})
        assert found.problem == ""
        assert found.file.isprintable()
    assert os.listdir(tmp_path) == ["ada.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_in_a_zip_are_two(read, filled):
    for second in (filled("x = 1"), BLANK):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("x.ipynb", second)
            archive.writestr("x.ipynb", filled())
        found = read({"ada.zip": data.getvalue()})
        if second == BLANK:
            assert "first_step_factor = 3.16" in found.cells
        else:
            assert "one notebook wanted, got ada.zip: x.ipynb, ada.zip: x.ipynb" in found.problem


def test_too_many_notebooks_are_not_all_read(read):
    found = read({f"ada/{i}.ipynb": "{}" for i in range(30)})
    assert found.problem == "at most 20 notebooks wanted, got 30"


def test_links_pipes_loops_and_closed_folders_stop_nobody(tmp_path, filled, monkeypatch):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "x.ipynb").write_text(filled())
    (tmp_path / "ada" / "loop").symlink_to(tmp_path)
    (tmp_path / "bob").mkdir()
    os.mkfifo(tmp_path / "bob" / "x.ipynb")
    (tmp_path / "eve").symlink_to(tmp_path / "ada")
    (tmp_path / "zoe").mkdir()
    (tmp_path / "zoe" / "x.ipynb").symlink_to("/etc/passwd")
    deep = tmp_path / "yan" / "/".join("abcdefgh")
    deep.mkdir(parents=True)
    (deep / "x.ipynb").write_text(filled())
    (tmp_path / "wil" / "x.ipynb").mkdir(parents=True)
    found = {name: hand_in.read(name, paths) for name, paths in hand_in.find(tmp_path, "rmsprop").items()}
    assert found["ada"].problem == ""
    assert found["bob"].problem == "the file cannot be read: it is not a regular file"
    assert found["eve"].problem == found["zoe"].problem == "the file cannot be read: it is a link"
    assert found["yan"].problem == found["wil"].problem == "one notebook wanted, got nothing"


def as_another_user(work):
    """What the function gives when it runs as a user without rights."""
    out, back = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(12345)
            os.write(back, repr(work()).encode())
        finally:
            os._exit(0)
    os.close(back)
    with open(out) as file:
        told = file.read()
    os.waitpid(child, 0)
    return told


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_an_ordinary_user_may_not_read_is_told():
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "ada.ipynb").touch(mode=0)
        for name in ("bob", "eve/inner"):
            (folder / name).mkdir(parents=True)
            (folder / name).chmod(0)
        told = as_another_user(
            lambda: [hand_in.read(name, paths).problem for name, paths in hand_in.find(folder, "rmsprop").items()]
        )
    assert told == repr(["the file cannot be read: Permission denied"] * 3)


def test_a_folder_that_vanishes_while_it_is_listed_is_told(tmp_path, filled):
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "x.ipynb").write_text(filled())
    paths = hand_in.find(tmp_path, "rmsprop")["ada"]
    paths[0].unlink()
    assert hand_in.read("ada", paths).problem == "the file cannot be read: No such file or directory"


def test_a_folder_of_very_many_files_is_looked_at_in_part(tmp_path, monkeypatch):
    monkeypatch.setattr(hand_in, "MOST_ENTRIES", 10)
    for i in range(30):
        (tmp_path / f"ada/{i}").mkdir(parents=True)
        (tmp_path / f"ada/{i}/x.txt").touch()
    assert len(hand_in.find(tmp_path, "rmsprop")["ada"]) == 1
