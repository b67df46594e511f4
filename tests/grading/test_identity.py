"""A notebook with own numbers is graded as the student's it was made for, or told: never with another one's numbers."""

import json
import unicodedata

import pytest

from rmsprop_lib.grading import assignment, check, exercises, mark, own_numbers
from rmsprop_lib.grading.hand_in import HandIn, read
from rmsprop_lib.grading.identity import ABSENT, UNKNOWN, own, settle
from rmsprop_lib.grading.student_notebook import write_notebooks

KEY = b"a key of more than sixteen bytes"
OTHER = b"the key of the course next door"
RMSPROP = assignment.find("rmsprop")
ZOE = "Zoé Lefèvre"


def line(student, key=KEY, name="rmsprop", numbers=None):
    numbers = assignment.personalise(student, key, RMSPROP.exercises) if numbers is None else numbers
    return f'own_numbers("{mark.make(mark.Claim(student, name, numbers), key)}")'


def hand_in(named, *cells):
    return HandIn(named, f"{named}.ipynb", "digest", ("a = 1", *cells))


def settled(*hand_ins, key=KEY, roster=(), of=RMSPROP):
    """By student: the problem, the note, and the numbers."""
    owned = settle(hand_ins, of, key, roster)
    found = {one.mine.student: (one.mine.problem, one.mine.note, one.numbers) for one in owned}
    assert len(found) == len(owned)
    return found


FITS = [
    *("ada", "Ada", "ada ", "ada (1)", "Copy of ada", "ada - Copy", "ada_12345_rmsprop", "lovelaceada_1_2_rmsprop"),
    "Ada Lovelace_4712_assignsubmission_file_",
]


@pytest.mark.parametrize("named", FITS)
@pytest.mark.parametrize("roster", [(), ("ada", "bob", ZOE)])
def test_a_renamed_notebook_keeps_its_student_and_numbers(named, roster):
    found = settled(hand_in(named, line("ada")), roster=roster)
    inside = f"made for ada, handed in as {named}" if named.startswith("lovelaceada") else ""
    assert found["ada"] == ("", inside, assignment.personalise("ada", KEY, RMSPROP.exercises))


INSIDE = {
    "student12": "student1",
    "Joanna Lee joanna@u.edu": "Ann",
    "Maxim Lindt": "Max Li",
    "王芳芳": "王芳",
    "joanna": "ann",
    "Robert (1)": "bert",
}


@pytest.mark.parametrize("named", INSIDE)
def test_a_name_inside_a_students_own_name_gives_nobody_anothers_numbers(named):
    student = INSIDE[named]
    me = named.removesuffix(" joanna@u.edu").removesuffix(" (1)")
    copied = hand_in(named, line(student))
    assert own(copied, RMSPROP, KEY, [student, me]).mine.problem == (
        f"the notebook was made for {student}, and handed in by {me}"
    )
    found = settled(copied, roster=[student, me])
    assert found[student][0] == ABSENT
    assert found[me][0].startswith("the notebook was made for")
    for roster in ((), (student,)):  # nobody can tell then, but it is said
        note = own(copied, RMSPROP, KEY, roster).mine.note
        assert note == f"made for {student}, handed in as {named}"


def test_a_copy_set_aside_does_not_take_the_name_of_the_one_who_made_it():
    hand_ins = [hand_in("joanna", line("ann")), hand_in("joanna (1)", line("joanna")), hand_in("ann", line("ann"))]
    found = settled(*hand_ins)
    assert found["ann"][0] == found["joanna"][0] == ""
    assert "made for ann, and ann.ipynb is graded" in found["joanna (joanna.ipynb)"][0]


def test_accents_come_together_or_apart():
    for form in ("NFC", "NFD"):
        found = settled(hand_in(unicodedata.normalize(form, ZOE), line(ZOE)))
        assert found[ZOE][0] == ""


def test_a_name_of_nobody_is_overruled_by_the_mark_when_the_class_is_known():
    assert settled(hand_in("4711", line("ada")), roster=["ada"])["ada"][:2] == ("", "made for ada, handed in as 4711")
    problem = settled(hand_in("4711", line("ada")))["4711"][0]
    assert "made for ada, and handed in by 4711: if they are one person, give the class as --students" in problem


def test_a_copied_notebook_is_told_and_the_one_it_was_made_for_keeps_the_points():
    original, copied = hand_in("ada", line("ada")), hand_in("bob", line("ada"))
    for roster in ((), ("ada", "bob")):
        found = settled(copied, original, roster=roster)
        assert found["ada"][0] == ""
        assert "the notebook was made for ada, and handed in by bob" in found["bob"][0]
    beside = hand_in("also ada's", line("ada"), "b = 2")
    found = settled(original, beside, hand_in("bob", line("bob")), roster=["ada", "bob"])
    assert "one notebook wanted, got ada.ipynb, also ada's.ipynb" in found["ada"][0]
    blocked = settled(original, hand_in("xadax", line("ada"), "b = 2"), roster=["ada", "bob"])
    assert blocked["ada"][0] == ""
    same = settled(original, hand_in("xadax", line("ada")), roster=["ada", "bob"])
    assert same == blocked | {"ada": same["ada"]}
    assert blocked["xadax"][0] == "the notebook was made for ada, and ada.ipynb is graded for ada"


def test_two_different_notebooks_of_one_student_are_told_and_equal_ones_are_one():
    blank, done = hand_in("ada", line("ada")), hand_in("ada (1)", line("ada"), "first_step_factor = 2")
    assert settled(blank, done)["ada"][0] == "one notebook wanted, got ada.ipynb, ada (1).ipynb"
    note = "handed in more than once, all the same: ada.ipynb, ada (1).ipynb"
    assert settled(blank, hand_in("ada (1)", line("ada")))["ada"][:2] == ("", note)


def test_a_broken_file_beside_a_whole_one_is_told_under_its_own_name():
    broken = HandIn("Ada", "Ada.docx", problem="a notebook wanted")
    found = settled(broken, hand_in("ada", line("ada")), roster=["ada"])
    assert found["ada"][0] == ""
    assert found["Ada (Ada.docx)"][0] == "a notebook wanted"


def changed(text):
    signature = text.rindex(".")
    return text[: signature + 1] + ("A" if text[signature + 1] != "A" else "B") + text[signature + 2 :]


REFUSED = {
    "no line": ("x = 1", "is missing: put it back"),
    "half a line": (line("ada")[:-9], "is missing: put it back"),
    "another signature": (changed(line("ada")), "it was changed or made up"),
    "another name": (".".join(line(who).split(".")[i] for i, who in enumerate(("ada", "bob", "ada"))), "made up"),
    "two lines": (line("ada") + "\n" + line("bob"), "different lines own_numbers(…), made for ada and bob"),
    "another assignment": (line("ada", name="adam", numbers={}), "this is a notebook of adam, and rmsprop is graded"),
    "another edition": (line("ada", numbers={"first-step-factor": {"gamma": 1}}), "another edition of the questions"),
    "two that differ": (line("ada") + changed(line("ada")), "it was changed or made up"),
    "another key": (line("ada", OTHER), "made with another key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_notebook_that_does_not_prove_whose_it_is_gets_no_numbers_and_stops_nobody(name):
    text, words = REFUSED[name]
    others = [hand_in(student, line(student)) for student in ("bob", "eve", "zoe")]
    found = settled(hand_in("ada", text), *others)
    assert words in found["ada"][0]
    assert found["ada"][2] == {}
    assert [found[student][0] for student in ("bob", "eve", "zoe")] == ["", "", ""]


def test_a_forgotten_or_wrong_key_stops_the_batch_and_one_student_cannot():
    class_ = [hand_in(student, line(student)) for student in ("ada", "bob", "eve")]
    with pytest.raises(ValueError, match="3 of 3 notebooks have own numbers: give the --key-file they were made with"):
        settle(class_, RMSPROP)
    with pytest.raises(
        ValueError, match="3 of 3 notebooks have own numbers: the key that they were made with is anoth"
    ):
        settle(class_, RMSPROP, OTHER)
    with pytest.raises(ValueError, match="key must have at least 16 bytes, got 3"):
        settle(class_, RMSPROP, b"abc")
    plain = [hand_in(student) for student in ("bob", "eve")]
    with pytest.raises(ValueError, match="none of 2 notebooks has own numbers: leave out --key-file"):
        settle(plain, RMSPROP, KEY)
    found = settled(class_[0], *plain, key=b"")
    assert found["ada"][0] == "the notebook has own numbers, and it was graded without the key to them"
    assert found["bob"][0] == found["eve"][0] == ""


def test_without_a_key_and_a_class_each_file_is_its_own_student_as_it_is_called():
    hand_ins = [hand_in("ada"), hand_in("Ada", "b = 2"), hand_in("bob (1)")]
    assert settled(*hand_ins, key=b"") == {named: ("", "", {}) for named in ("ada", "Ada", "bob (1)")}


def test_a_class_list_tells_who_is_missing_and_who_is_unknown():
    found = settled(hand_in("Copy of ada"), hand_in("mallory"), hand_in("ada and bob"), key=b"", roster=["ada", "bob"])
    assert found == {
        "ada": ("", "", {}),
        "mallory": ("", UNKNOWN, {}),
        "ada and bob": ("its name may stand for ada or bob", "", {}),
        "bob": (ABSENT, "", {}),
    }
    late = settled(hand_in("eve", line("eve")), roster=["ada"])
    assert late["eve"][:2] == ("", UNKNOWN)


def test_an_assignment_without_numbers_needs_no_mark():
    plain = assignment.Assignment("rmsprop_alone", tuple(e for e in RMSPROP.exercises if e.kind == "code"))
    assert not plain.is_drawn
    assert settled(hand_in("ada"), of=plain) == {"ada": ("", "", {})}
    assert settled(hand_in("ada", line("ada", name=plain.name, numbers={})), key=b"", of=plain)["ada"][0] == ""


def test_numbers_are_those_of_the_notebook_even_if_the_library_draws_others_now():
    old = {"first-step-factor": {"beta": 0.123}}
    assert settled(hand_in("ada", line("ada", numbers=old)))["ada"] == ("", "", old)


@pytest.fixture
def released(tmp_path):
    """Ada's notebook as it is handed out."""
    (path,) = write_notebooks(tmp_path / "release", RMSPROP, ["ada"], KEY)
    return json.loads(path.read_text())


def rewritten(notebook, **changes):
    """What tools keep of a notebook: source, and nothing else for sure."""
    cells = [{k: v for k, v in cell.items() if k in ("cell_type", "source")} for cell in notebook["cells"]]
    cells = [{**cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}


def as_version_3(notebook):
    nbformat = pytest.importorskip("nbformat")
    return json.dumps(nbformat.convert(nbformat.from_dict(notebook), 3))


def as_program(notebook):
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")


def without_line(notebook):
    return json.dumps({**notebook, "cells": [cell for cell in notebook["cells"] if cell["id"] != "own-numbers"]})


def in_one_string(notebook):
    return json.dumps(rewritten({"cells": [{**c, "source": "".join(c["source"])} for c in notebook["cells"]]}))


WAYS = {
    "as it was": json.dumps,
    "without any metadata": lambda notebook: json.dumps(rewritten(notebook)),
    "every cell as one string": in_one_string,
    "in format 3": as_version_3,
    "with Windows line ends": lambda notebook: json.dumps(notebook, indent=1).replace("\n", "\r\n"),
    "with the line formatted": lambda notebook: json.dumps(notebook).replace(
        'own_numbers(\\"', 'own_numbers(\\n    \\"'
    ),
    "as a program": as_program,
    "without the line": without_line,
}


@pytest.mark.parametrize("way", WAYS)
def test_the_mark_survives_what_tools_do_to_a_notebook(released, tmp_path, way):
    text = WAYS[way](released)
    path = tmp_path / ("ada.py" if way == "as a program" else "ada.ipynb")
    path.write_text(text)
    mine = read("ada", [path])
    assert mine.problem == ""
    assert settled(mine)["ada"] == ("", "", assignment.personalise("ada", KEY, RMSPROP.exercises))


def test_the_notebook_sets_the_numbers_that_check_asks_with(released, monkeypatch):
    """Also when nbgrader puts back the check cells of the notebook that all students share."""
    monkeypatch.setattr("rmsprop_lib.grading._own", {})
    number = next(exercise for exercise in exercises("rmsprop") if exercise.draw)
    own = assignment.personalise("ada", KEY)[number.id]
    right = number.reference(**number.with_numbers(own).given)
    (cell,) = [cell for cell in released["cells"] if cell["id"] == "own-numbers"]
    assert cell["metadata"] == {}
    exec("".join(cell["source"]), {})
    assert check(number.id, right).passed
    assert check(number.id, number.reference(**number.given), **number.given).passed
    with pytest.raises(ValueError, match="wants the line that stands in the notebook"):
        own_numbers("eyJ9")
    assert check(number.id, right).passed
