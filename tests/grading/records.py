"""Records as a batch gives them, for the tests of the report."""

from rmsprop_lib.grading import assignment, check
from rmsprop_lib.grading.judge import Graded

WANTED = assignment.find("rmsprop")


def record(student, *answers, **other):
    """A record as the journal holds it, for answers to first-step-factor; the other exercises are not answered."""
    results = []
    for exercise in WANTED.exercises:
        empty = (lambda theta, grad, v, lr, beta, eps: (theta, v)) if exercise.kind == "code" else ...
        given = answers[0] if answers and exercise.id == "first-step-factor" else empty
        result = check(exercise.id, given)
        results.append({**vars(result), "mistakes": list(result.mistakes)})
    rest = {**vars(Graded(())), "cells": [], "results": results, "note": "", "changed": "", "digest": "0af3"}
    return {"student": student, "file": f"{student}.ipynb", "numbers": {}, **rest, **other}
