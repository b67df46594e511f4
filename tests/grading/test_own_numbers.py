"""A class with own numbers, from the list of names to the grades, by the commands that an instructor gives."""

import csv
import json
import unicodedata

import pytest

from rmsprop_lib.grading import assignment
from rmsprop_lib.grading.command_line import USAGE, main

ZOE = "Zoé Lefèvre"


@pytest.fixture
def course(tmp_path, capsys):
    """A function that gives a command of the course and returns its exit code and what it said; `course.folder`."""
    (tmp_path / "names").write_bytes(b"\xef\xbb\xbf" + f"ada\r\nbob\r\n{ZOE}\r\neve\r\n".encode())
    (tmp_path / "in").mkdir()

    def give(command, *more, key="key"):
        paths = ["--students", str(tmp_path / "names"), *(["--key-file", str(tmp_path / key)] if key else [])]
        if command == "grade":
            paths = [str(tmp_path / "in"), "--out", str(tmp_path / "report"), *paths]
        else:
            paths += ["--out", str(tmp_path / ("out" if key == "key" else "elsewhere"))]
        code = main([command, "--assignment", "rmsprop", *paths, *more])
        return code, capsys.readouterr().err

    give.folder = tmp_path
    return give


@pytest.fixture
def answers(course, solutions):
    """A function from a student, once the notebooks are out, to the student's notebook with all answers right."""

    def filled(student):
        key = (course.folder / "key").read_bytes().strip()
        numbers = assignment.personalise(student, key, assignment.find("rmsprop").exercises)
        notebook = json.loads((course.folder / "out" / student / "rmsprop" / "rmsprop.ipynb").read_text())
        ids = [exercise.id for exercise in assignment.find("rmsprop").exercises]
        right = dict(zip(ids, solutions("rmsprop", numbers)[1:], strict=True))
        for cell in notebook["cells"]:
            cell["source"] = right.get(cell["id"], cell["source"])
        return json.dumps(notebook)

    return filled


def points(report):
    with open(report / "grades.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {
        name: sum(float(r["points"]) for r in rows if r["student"] == name) for name in {r["student"] for r in rows}
    }


def test_right_answers_get_all_points_whatever_the_file_is_called(has_jail, course, answers):
    assert course("assignments")[0] == 0
    names = {"lovelacebob_12345_rmsprop": "bob", unicodedata.normalize("NFD", ZOE) + " (1)": ZOE, "Ada ": "ada"}
    for named, student in names.items():
        (course.folder / "in" / f"{named}.ipynb").write_text(answers(student))
    (course.folder / "in" / "mallory.ipynb").write_text(answers("bob"))
    code, said = course("grade")
    assert code == 0
    assert points(course.folder / "report") == {"ada": 7, "bob": 7, ZOE: 7, "eve": 0, "mallory": 0}
    assert "no points: eve: nothing was handed in" in said
    assert "eve" in (course.folder / "report" / "overview.html").read_text()
    assert "bob" in next(part for part in said.splitlines() if "mallory" in part)


def test_a_forgotten_key_grades_nobody_and_the_right_one_goes_on(has_jail, course, answers):
    course("assignments")
    (course.folder / "in" / "ada.ipynb").write_text(answers("ada"))
    code, said = course("grade", key="")
    assert code == USAGE
    assert "give the --key-file they were made with" in said
    assert not (course.folder / "report" / "grades.csv").exists()
    course("assignments", key="another")
    code, said = course("grade", "--resume", key="another")
    assert code == USAGE
    assert "the key that they were made with is another one" in said
    assert course("grade", "--resume")[0] == 0
    assert points(course.folder / "report")["ada"] == 7


def test_what_was_missing_is_graded_when_it_comes(has_jail, course, answers):
    course("assignments")
    assert course("grade")[0] == 0
    assert points(course.folder / "report") == dict.fromkeys(("ada", "bob", "eve", ZOE), 0)
    (course.folder / "in" / "eve.ipynb").write_text(answers("eve"))
    assert course("grade", "--resume")[0] == 0
    assert points(course.folder / "report") == {"ada": 0, "bob": 0, ZOE: 0, "eve": 7}


def test_the_key_is_made_once_for_the_owner_alone(course):
    code, said = course("assignments")
    assert code == 0
    assert "keep it from the students" in said
    key = course.folder / "key"
    assert key.stat().st_mode & 0o777 == 0o600
    before, notebook = key.read_bytes(), (course.folder / "out/bob/rmsprop/rmsprop.ipynb").read_bytes()
    assert course("assignments")[0] == 0
    assert key.read_bytes() == before
    assert (course.folder / "out/bob/rmsprop/rmsprop.ipynb").read_bytes() == notebook


def test_names_and_keys_that_cannot_be_used_are_told(course):
    for text, words in (("../ada", "usable as the name of a folder, got '../ada'"), ("", "one a line, got none")):
        (course.folder / "names").write_text(text)
        for command in ("assignments", "grade"):
            code, said = course(command)
            assert code == USAGE
            assert words in said
    (course.folder / "names").write_text("ada\n")
    assert "--students and --key-file go together" in course("assignments", key="")[1]
    assert main(["assignments", "--out", "out", "--key-file", str(course.folder / "key")]) == USAGE
    for content, length in ((b"", 0), (b" \n", 0), (b"short", 5)):
        (course.folder / "key").write_bytes(content)
        for command in ("assignments", "grade"):
            code, said = course(command)
            assert code == USAGE
            assert f"key must hold a key of at least 16 bytes, got {length}" in said.replace(str(course.folder), "")
    (course.folder / "key").unlink()
    (course.folder / "key").mkdir()
    assert course("grade")[0] == USAGE
    (course.folder / "names").unlink()
    assert "No such file" in course("grade")[1]


@pytest.mark.parametrize("option", ["--assignment", "--out", "--students", "--key-file", "--seed", "--workers"])
def test_an_option_given_twice_is_refused(course, capsys, option):
    with pytest.raises(SystemExit, match="2"):
        course("grade", option, "1", option, "2")
    assert f"{option} wanted once, got" in capsys.readouterr().err
