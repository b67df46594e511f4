"""What the tests of the grader share: notebooks, answers to an assignment, and whether there is a jail."""

import json

import pytest

from rmsprop_lib.grading import assignment, exercises, jail


@pytest.fixture(scope="session")
def has_jail():
    """Skips where bubblewrap is missing, or where a container forbids it to make namespaces."""
    try:
        jail.require_jail()
    except jail.NoJail as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def has_filter():
    """Skips where there is no filter of system calls."""
    _skip_without("filter of system calls")


@pytest.fixture(scope="session")
def has_group():
    """Skips where no control group can be made."""
    _skip_without("control group")


def _skip_without(fence):
    if missing := jail.fences()[fence]:
        pytest.skip(f"no {fence} here: {missing}")


@pytest.fixture(scope="session")
def notebook():
    """A function from the sources of code cells to a notebook's text."""

    def text(*sources):
        cells = [
            {
                "cell_type": "code",
                "id": f"c{i}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for i, source in enumerate(sources)
        ]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})

    return text


@pytest.fixture(scope="session")
def solutions():
    """A function from an assignment's name to cells that answer all of it."""

    def cells(name, numbers=None):
        right = ["import numpy as np"]
        for exercise in assignment.find(name).with_numbers(numbers or {}).exercises:
            if exercise.kind == "code":
                right.append(exercise.solution_text)
            elif exercise.kind == "number":
                right.append(f"{exercise.answer_name} = {float(exercise.reference(**exercise.given))!r}")
            else:
                right.append(f"{exercise.answer_name} = {exercise.reference!r}")
        return right

    return cells


@pytest.fixture(scope="session")
def maximum():
    return {name: sum(exercise.points for exercise in exercises(name)) for name in assignment.names()}
