"""Right numbers in the wrong places: results in another order, or two arguments taken for each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, permutations

from .compare import outcome
from .evidence import Judge
from .inside.ask import Replies, Reply


def reordered(judge: Judge) -> Iterator[tuple[tuple[str, ...], Judge]]:
    """Each other order in which the wrong results may have come, and the judge of the replies put right."""
    for order in list(permutations(range(len(judge.right))))[1:]:
        stay = all(order[k] == k for k, right in enumerate(judge.right) if right)
        if stay and all(_same_shapes(reply) for reply in judge.replies.first):
            turns = [tuple(_put_right(reply, order) for reply in turn) for turn in judge.replies[:2]]
            replies = Replies(*turns, *judge.replies[2:])
            yield tuple(judge.exercise.results[k] for k in order), replace(judge, replies=replies)


def _same_shapes(reply: Reply) -> bool:
    return len({part.shape for part in reply.parts}) == 1


def _put_right(reply: Reply, order: tuple[int, ...]) -> Reply:
    """The reply as it would be if its results stood in the order of the exercise."""
    place = [order.index(k) for k in range(len(order))]
    return reply._replace(**{name: tuple(getattr(reply, name)[k] for k in place) for name in ("parts", "kinds")})


def exchanged(judge: Judge) -> tuple[str, str] | None:
    """Two arguments that the answer takes for each other."""
    exercise = judge.exercise
    for a, b in combinations(range(len(exercise.parameters)), 2):
        if judge.matches(lambda i, a=a, b=b: _with_swapped_arguments(judge, i, a, b)):
            return exercise.parameters[a], exercise.parameters[b]
    return None


def _with_swapped_arguments(judge: Judge, i: int, a: int, b: int):
    case = judge.key.cases[i]
    args = list(case.args)
    args[a], args[b] = args[b], args[a]
    return outcome(judge.exercise, judge.exercise.reference, type(case)(tuple(args)))
