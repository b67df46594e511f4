"""Each file is read once, what took too long is tried alone, and a report keeps the seed of its hidden cases."""

import csv
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib.grading import assignment, batch, command_line, compare, hand_in, jail, seed
from rmsprop_lib.grading.code import refuse
from rmsprop_lib.grading.command_line import main
from rmsprop_lib.grading.inside.ask import Fault
from rmsprop_lib.grading.journal import JOURNAL
from rmsprop_lib.grading.judge import Graded
from rmsprop_lib.grading.reader import Reader
from rmsprop_lib.grading.values import judge_value

EXERCISES = assignment.find("rmsprop").exercises


@pytest.fixture
def submissions(tmp_path, notebook):
    """The folder of the hand-ins of three students, whose code is their name."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    for student in ("ada", "bob", "eve"):
        (folder / f"{student}.ipynb").write_text(notebook(student))
    return folder


@pytest.fixture
def grade(monkeypatch):
    """Something else in place of the jail: a function from a task to its result, which takes no time."""

    def replace(function):
        monkeypatch.setattr(batch, "grade", function)

    monkeypatch.setattr(jail, "require_jail", lambda: None)
    replace(lambda task: answered())
    return replace


def answered(right=0, late=False, cells=(), problem=""):
    """A result with so many right numbers, the rest without an answer, or too late."""
    fault = Fault("time-limit", "it took too long") if late else Fault("missing", "there is none")
    results = [refuse(exercise, fault) for exercise in EXERCISES]
    numbers = [i for i, exercise in enumerate(EXERCISES) if exercise.kind == "number"]
    for i in numbers[:right]:
        results[i] = judge_value(EXERCISES[i], float(EXERCISES[i].reference(**EXERCISES[i].given)))
    return Graded(tuple(results), tuple(cells), problem)


def run(submissions, *more, code=0):
    report = submissions.parent / "report"
    command = ["grade", str(submissions), "--assignment", "rmsprop", "--out", str(report), *more]
    assert main([*command, "--workers", "2"]) == code
    return report


def rows(report):
    """Of each student the first row."""
    with open(report / "grades.csv", newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in reversed(list(csv.DictReader(file)))}


def lines(report):
    return [json.loads(line) for line in (report / JOURNAL).read_text().splitlines()]


CHANGES = {
    "saved again": lambda path, text: path.write_text(text),
    "removed": lambda path, text: path.unlink(),
    "replaced": lambda path, text: (path.unlink(), path.write_text(text)),
    "moved into a folder": lambda path, text: (
        (path.parent / "ada").mkdir(),
        path.rename(path.parent / "ada" / "x.ipynb"),
    ),
    "handed in twice": lambda path, text: path.with_suffix(".py").write_text("x = 1"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_changes_while_the_class_is_graded_stays_in_the_report(
    submissions, grade, notebook, capsys, change
):
    seen = []

    def save(task):
        seen.append(task.cells)
        if task.cells == ("bob",):
            CHANGES[change](submissions / "ada.ipynb", notebook("ada", "more = 1"))
        return answered()

    grade(save)
    report = run(submissions)
    assert set(rows(report)) == {"ada", "bob", "eve"}
    assert "changed while the class was graded" in rows(report)["ada"]["remarks"]
    assert rows(report)["bob"]["remarks"] == ""
    assert "note: ada: the file changed while the class was graded" in capsys.readouterr().err
    assert sorted(seen) == [("ada",), ("bob",), ("eve",)]
    grade(lambda task: seen.append(task.cells) or answered())
    run(submissions, "--resume")
    assert all("changed" not in row["remarks"] for row in rows(report).values())


def test_who_hands_in_while_the_class_is_graded_is_told_and_graded_by_resume(submissions, grade, notebook):
    def save(task):
        (submissions / "zoe.ipynb").write_text(notebook("zoe"))
        return answered()

    grade(save)
    report = run(submissions, code=command_line.GAPS)
    late = rows(report)["zoe"]
    assert (late["status"], late["points"]) == ("not graded", "")
    assert late["remarks"] == batch.LATE
    run(submissions, "--resume")
    assert rows(report)["zoe"]["status"] == "graded"


COMES = {
    "zoe": {"ada": "graded", "bob": "graded", "eve": "graded", "zoe": "not graded"},
    "zoe (1)": {"ada": "graded", "bob": "graded", "eve": "graded", "zoe": "not graded"},
    "Ada (2)": {"ada": "graded", "bob": "graded", "eve": "graded", "zoe": "missing"},
    "mallory": {"ada": "graded", "bob": "graded", "eve": "graded", "zoe": "missing", "mallory": "not graded"},
}


@pytest.mark.parametrize("named", COMES)
def test_who_hands_in_late_has_one_row_in_the_class(submissions, grade, notebook, named):
    (submissions.parent / "names").write_text("ada\nbob\neve\nzoe\n")
    late = "Ada" in named

    def save(task):
        (submissions / f"{named}.ipynb").write_text(notebook("zoe"))
        return answered(problem=task.problem)

    grade(save)
    code = command_line.DONE if late else command_line.GAPS
    report = run(submissions, "--students", str(submissions.parent / "names"), code=code)
    assert {student: row["status"] for student, row in rows(report).items()} == COMES[named]
    with open(report / "grades.csv", encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == len(COMES[named]) * len(EXERCISES)
    assert len(list((report / "feedback").iterdir())) == len(COMES[named])
    assert ("changed" in rows(report)["ada"]["remarks"]) == late


def test_names_that_only_case_tells_apart_keep_their_rows_when_somebody_is_late(submissions, grade, notebook):
    (submissions / "ADA.ipynb").write_text(notebook("ADA"))

    def save(task):
        (submissions / "Ada.ipynb").write_text(notebook("Ada"))
        return answered()

    grade(save)
    assert set(rows(run(submissions, code=command_line.GAPS))) == {"ada", "ADA", "Ada", "bob", "eve"}


def test_a_report_in_the_folder_of_the_hand_ins_is_no_student(submissions, grade):
    for more in ((), ("--resume",)):
        command = ["grade", str(submissions), "--assignment", "rmsprop", "--out", str(submissions / "report")]
        assert main([*command, *more]) == 0
        assert set(rows(submissions / "report")) == {"ada", "bob", "eve"}
    assert main([*command[:-1], str(submissions / "second")]) == 0
    assert set(rows(submissions / "second")) == {"ada", "bob", "eve"}


def test_the_folder_of_the_hand_ins_is_no_folder_for_a_report(submissions, grade, capsys):
    assert main(["grade", str(submissions), "--assignment", "rmsprop", "--out", str(submissions)]) == command_line.USAGE
    assert "REPORT must be another folder than SUBMISSIONS" in capsys.readouterr().err
    assert len(list(submissions.iterdir())) == 3


def test_a_report_goes_on_with_its_own_assignment_alone(submissions, grade, capsys):
    report = run(submissions)
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    command = ["grade", str(submissions), "--assignment", "adam", "--out", str(report), "--resume"]
    assert main(command) == command_line.USAGE
    assert "holds a report of rmsprop, got adam: give another --out" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before
    run(submissions, "--resume")


def test_no_file_is_opened_twice(submissions, grade, monkeypatch):
    opened = []
    real = hand_in._bytes
    monkeypatch.setattr(hand_in, "_bytes", lambda path: opened.append(path.name) or real(path))
    run(submissions)
    assert sorted(opened) == ["ada.ipynb", "bob.ipynb", "eve.ipynb"]


def test_one_process_reads_the_class(submissions, grade, monkeypatch):
    made = []
    real = Reader.__init__
    monkeypatch.setattr(Reader, "__init__", lambda self: made.append(self) or real(self))
    run(submissions)
    assert len(made) == 1


LATE = {
    "an answer": {"late": True},
    "a cell": {"cells": ["cell 1 stopped with TimeLimit: it took longer than 10 seconds"]},
    "all": {"problem": batch.TOO_LATE},
}


@pytest.mark.parametrize("what", LATE)
def test_what_took_too_long_is_tried_once_more_with_nothing_beside_it(submissions, grade, what):
    running, beside, tries = set(), [], []
    lock = threading.Lock()

    def busy(task):
        with lock:
            running.add(task.cells)
        time.sleep(0.2)
        with lock:
            tries.append(task.cells)
            beside.append(len(running))
            running.discard(task.cells)
        return answered(2) if tries.count(task.cells) == 2 else answered(0, **LATE[what])

    grade(busy)
    report = run(submissions)
    assert len(tries) == 6
    assert max(beside[:3]) == 2
    assert beside[3:] == [1, 1, 1]
    assert all("time-limit" not in result["mistakes"] for line in lines(report)[3:] for result in line["results"])
    records = json.loads((report / "results.json").read_text())["students"]
    assert [record["points"] for record in records] == [2, 2, 2]
    run(submissions, "--resume")
    assert len(tries) == 6


def test_nobody_loses_points_by_another_try(submissions, grade):
    tries = []
    grade(lambda task: tries.append(task.cells) or answered(2 - tries.count(task.cells), cells=["TimeLimit"]))
    report = run(submissions)
    records = json.loads((report / "results.json").read_text())["students"]
    assert [record["points"] for record in records] == [1, 1, 1]
    run(submissions, "--resume")
    assert len(tries) == 6


def by_exercise(report):
    (record,) = json.loads((report / "results.json").read_text())["students"]
    return {result["id"]: result["score"] for result in record["results"]}


def test_another_try_gives_only_what_ran_out_of_time_in_the_first(submissions, grade):
    """An answer that is drawn at random is drawn once, whatever else takes too long."""
    for student in ("bob", "eve"):
        (submissions / f"{student}.ipynb").unlink()
    i, j = (i for i, exercise in enumerate(EXERCISES) if exercise.kind == "number")
    tries = []

    def draw(task):
        tries.append(task)
        results = list(answered(2).results)
        if len(tries) == 1:
            results[i] = judge_value(EXERCISES[i], 77.0)
            results[j] = refuse(EXERCISES[j], Fault("time-limit", "it took too long"))
        return Graded(tuple(results), ("cell 9 stopped with TimeLimit: it took longer",))

    grade(draw)
    scores = by_exercise(run(submissions))
    assert len(tries) == 2
    assert (scores[EXERCISES[i].id], scores[EXERCISES[j].id]) == (0, 1)


def test_nothing_is_tried_again_where_a_cell_that_never_ends_cost_no_answer(submissions, grade):
    tries = []
    results = tuple(refuse(exercise, Fault("wrong", "it is wrong")) for exercise in EXERCISES)
    grade(lambda task: tries.append(task) or Graded(results, ("cell 9 stopped with TimeLimit: it took longer",)))
    run(submissions)
    assert len(tries) == 3


def test_an_interrupt_keeps_everything_and_resume_still_tries_alone(submissions, grade):
    tries = []

    def stop(task):
        tries.append(task.cells)
        if tries.count(task.cells) == 2:
            raise KeyboardInterrupt
        return answered(1, late=True)

    grade(stop)
    report = run(submissions, code=command_line.INTERRUPTED)
    assert [line["alone"] for line in lines(report)] == [False] * 3
    tries.clear()
    grade(lambda task: tries.append(task.cells) or answered(2))
    run(submissions, "--resume")
    assert sorted(tries) == [("ada",), ("bob",), ("eve",)]
    assert {line["student"]: line["alone"] for line in lines(report)} == dict.fromkeys(("ada", "bob", "eve"), True)


def test_each_report_has_a_seed_of_its_own_which_resume_uses_again(submissions, grade, capsys):
    asked = []
    grade(lambda task: asked.append(task.seed) or answered())
    report = run(submissions)
    mine = int((report / seed.SEED).read_text())
    assert set(asked) == {mine}
    assert f"the seed {mine}, kept in" in capsys.readouterr().err
    assert {line["seed"] for line in lines(report)} == {mine}
    run(submissions, "--resume")
    assert len(asked) == 3  # nothing is asked again
    report.rename(report.with_name("first"))
    run(submissions)
    assert len(set(asked)) == 2
    run(submissions, "--resume", "--seed", "7")
    assert asked[-3:] == [7] * 3
    run(submissions, "--resume")
    assert len(asked) == 9
    assert (report / seed.SEED).read_text() == "7\n"


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "٣", "1" * 30, "7\n8"])
def test_a_seed_that_is_none_is_told(submissions, grade, capsys, text):
    report = run(submissions)
    (report / seed.SEED).write_text(text)
    run(submissions, "--resume", code=command_line.USAGE)
    assert "must hold a number, got" in capsys.readouterr().err
    run(submissions, "--resume", "--seed", "3")
    assert main(["grade", str(submissions), "--assignment", "rmsprop", "--out", str(report / "x"), "--seed", "-3"]) == 2
    assert "the seed must be 0 or more, got -3" in capsys.readouterr().err


def table_of_cases(id):
    """Code that knows the answers to the cases of the public check, and no formula."""
    key = compare.key(id)
    name = next(exercise for exercise in EXERCISES if exercise.id == id).answer_name
    known = {
        repr([np.asarray(arg).tolist() for arg in case.args]): [part.tolist() for part in wanted]
        for case, wanted in zip(key.cases, key.wanted, strict=True)
    }
    return (
        f"import numpy as np\nKNOWN = {known!r}\ndef {name}(*args):\n"
        "    return tuple(map(np.array, KNOWN[repr([np.asarray(arg).tolist() for arg in args])]))\n"
    )


@pytest.mark.usefixtures("has_jail")
@pytest.mark.parametrize("more, points", [((), 0), (("--seed", "0"), 4)])
def test_a_table_of_the_public_cases_earns_nothing_unless_they_are_asked_for(tmp_path, notebook, more, points):
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions" / "eve.ipynb").write_text(notebook(table_of_cases("rmsprop-step")))
    report = run(tmp_path / "submissions", *more)
    record = json.loads((report / "results.json").read_text())["students"][0]
    assert record["points"] == points, record


def test_a_report_that_cannot_begin_says_so(submissions, grade, capsys):
    (submissions.parent / "report").write_text("a file")
    run(submissions, "--resume", code=command_line.DISK)
    assert "cannot write" in capsys.readouterr().err


def test_the_files_beside_the_class_are_left_as_they_were(submissions, grade):
    before = {path: path.read_bytes() for path in Path(submissions).rglob("*")}
    run(submissions)
    assert {path: path.read_bytes() for path in Path(submissions).rglob("*")} == before
