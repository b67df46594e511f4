"""Schedules: values worked by hand at t = 1, 2, ..., limits, and what they refuse."""

import math
import pickle

import pytest

from rmsprop_lib import schedules


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (schedules.constant(), {1: 1.0, 1000: 1.0}),
        (schedules.inverse_time(4.0), {1: 0.8, 4: 0.5, 12: 0.25}),
        (schedules.inverse_sqrt(), {1: 1.0, 4: 0.5, 100: 0.1}),
        (schedules.step_decay(every=3, factor=0.5), {1: 1.0, 3: 1.0, 4: 0.5, 6: 0.5, 7: 0.25}),
        (schedules.step_decay(every=1), {1: 1.0, 2: 0.1}),
        (schedules.warmup(4), {1: 0.25, 4: 1.0, 5: 1.0, 100: 1.0}),
        (schedules.cosine(4), {1: 1.0, 2: 0.5 + math.sqrt(0.125), 3: 0.5, 5: 0.0, 100: 0.0}),
        (schedules.linear(4), {1: 1.0, 2: 0.75, 5: 0.0, 100: 0.0}),
        (schedules.scaled(0.5, schedules.linear(4)), {1: 0.5, 3: 0.25}),
        (schedules.scaled(schedules.inverse_sqrt(), schedules.linear(4)), {1: 1.0, 4: 0.125}),
    ],
    ids=repr,
)
def test_a_schedule_has_the_values_worked_by_hand(schedule, values):
    assert {t: pytest.approx(schedule(t), abs=1e-15) for t in values} == values
    assert pickle.loads(pickle.dumps(schedule)) == schedule


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.inverse_time(0), "tau must be > 0, got 0"),
        (lambda: schedules.step_decay(every=0), "every must be > 0, got 0"),
        (lambda: schedules.step_decay(every=2, factor=-1.0), "factor must be > 0, got -1.0"),
        (lambda: schedules.warmup(-3), "steps must be > 0, got -3"),
        (lambda: schedules.cosine(0), "steps must be > 0, got 0"),
        (lambda: schedules.linear(0), "steps must be > 0, got 0"),
    ],
)
def test_a_schedule_without_length_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_schedule_of_no_number_is_refused():
    with pytest.raises(TypeError, match="tau must be a number, got 'a'"):
        schedules.inverse_time("a")
