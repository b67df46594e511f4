"""Time that counts is the hand-in's own: no points depend on what else the machine does."""

import time

import pytest

from rmsprop_lib.grading import jail
from rmsprop_lib.grading.inside import plain

pytestmark = pytest.mark.usefixtures("has_jail")

WORK = """
import os, time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
def child(seconds):
    if os.fork() == 0:
        spin(seconds)
        os._exit(0)
    os.wait()
def ignore():
    import signal
    for number in (signal.SIGALRM, signal.SIGPROF, signal.SIGXCPU): signal.signal(number, signal.SIG_IGN)
"""
# A process that waits for its turn is, to the two clocks, one that sleeps.
# Each with the patience it meets, and whether it is in time. A case is asked twice, and may take 0.8 seconds.
ANSWERS = {
    "waits": ("time.sleep(1.2)", 10, True),
    "waits and works": ("spin(0.2); time.sleep(1)", 10, True),
    "works": ("spin(14)", 40, False),
    "works in a child": ("child(0.9)", 40, False),
    "works and ignores": ("ignore(); spin(0.9)", 40, False),
    "sleeps": ("time.sleep(30)", 4, False),
    "sleeps and ignores": ("ignore(); time.sleep(30)", 4, False),
}


def ask(*bodies, **limits):
    cells = [WORK, *(f"def answer{i}(x):\n    {body}\n    return x" for i, body in enumerate(bodies))]
    case = [[plain.write_argument(1.0)]]
    questions = [
        {"kind": "code", "answer": f"answer{i}", "cases": case, "parameters": ["x"], "results": ["x"]}
        for i in range(len(bodies))
    ]
    return jail.run(cells, questions, jail.Limits(**limits))


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_its_time_of_the_processor_and_more_of_the_clock(name):
    body, patience, in_time = ANSWERS[name]
    began = time.monotonic()
    first, last = ask(body, "pass", question_seconds=0.8, patience=patience).answers
    assert ("replies" in first) == in_time, first
    assert first == {"late": True} or in_time
    assert "replies" in last
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("name", ["waits", "waits and works", "works", "sleeps"])
def test_so_has_the_last_answer(name):
    body, patience, in_time = ANSWERS[name]
    (last,) = ask(body, question_seconds=0.8, patience=patience).answers
    assert ("replies" in last) == in_time, last
    assert last == {"late": True} or in_time


def test_a_cell_has_its_time_of_the_processor_and_more_of_the_clock():
    cells = [WORK, "time.sleep(1.5)", "spin(0.3); time.sleep(1)", "spin(30)", "time.sleep(30)", "ok = 1"]
    reply = jail.run(cells, [], jail.Limits(cell_seconds=0.5, patience=8, seconds=20))
    assert [cell.get("error") for cell in reply.cells] == [None, None, None, "TimeLimit", "TimeLimit", None]


def test_what_the_cells_children_use_counts_for_all_cells():
    cells = [WORK, "child(0.8)", "child(0.8)", "x = 1"]
    reply = jail.run(cells, [], jail.Limits(cell_seconds=1, seconds=1.5, patience=40))
    assert [cell.get("error") for cell in reply.cells] == [None, None, None, "TimeLimit"]


def test_many_processes_have_no_more_time_than_one():
    """Nobody waits for them, so only a look from outside finds them."""
    crowd = "for _ in range(8):\n    if os.fork() == 0:\n        ignore()\n        spin(30)\nignore()\ntime.sleep(30)"
    began = time.monotonic()
    reply = jail.run([WORK, crowd], [], jail.Limits(cell_seconds=1, seconds=1, patience=60, grace=2))
    assert reply.problem == "your notebook did not end in time"
    assert time.monotonic() - began < 45
