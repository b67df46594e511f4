"""The benchmark of steps: what its table says follows from what was measured."""

import pytest

from benchmarks import clock, table
from benchmarks.goals import GOALS, SMALL

TITLE = GOALS[0].title
MACHINE = {"machine": "a", "processors": 2, "load": 0.1, "python": "3", "packages": {"numpy": "2", "torch": None}}


def found(value, met, other):
    rows = [{"what": TITLE, "n": SMALL, "dtype": "float32", "ratio": value, "met": met}]
    return {"machine": MACHINE, "ratios": rows, "other": other, "missing": {"optax": "ImportError: no"}}


def test_the_table_marks_what_falls_short():
    text = table.text(found(5.5, False, {"import rmsprop_lib over NumPy, ms": 55.0}))
    assert f"| {TITLE} | 1e+03 | 5.50 ✗ |  | ≥ 6 / 5 |" in text
    assert "| import rmsprop_lib over NumPy, ms | 55 ✗ | ≤ 40 |" in text
    assert "numpy 2." in text and "torch" not in text.partition("|")[0]
    assert text.endswith("optax was left out: ImportError: no\n")
    good = table.text(found(6.5, True, {"loop of 200 runs in plain NumPy / sweep": 31.0}))
    assert "✗ " not in good.partition("|")[2]


@pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.title)
def test_a_goal_is_met_at_its_number_and_missed_beyond(goal):
    for size, wanted in goal.wanted.items():
        for double in (False, True):
            worse = 1.01 if goal.at_most else 0.99
            assert goal.met(wanted[double], size, double)
            assert not goal.met(wanted[double] * worse, size, double)


def test_a_ratio_is_taken_round_by_round():
    times = {"slow": [2.0, 20.0, 6.0], "fast": [1.0, 10.0, 2.0]}
    assert clock.ratio(times, "slow", "fast") == 2.0
    assert clock.summary([1.0, 2.0, 3.0]) == {"us": 2.0, "spread": 0.5}


def test_twice_the_work_takes_about_twice_as_long():
    times = clock.in_turn({"one": lambda: sum(range(2000)), "two": lambda: sum(range(4000))}, rounds=9, sample=2e-3)
    assert 1.4 < clock.ratio(times, "two", "one") < 2.8
