"""The numbers of a step: what is constant is worked out once, what changes with t by one function of t."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

from .program import Program


class Numbers:
    """The arguments of an optimizer's rule that are no arrays: `constants`, and `at(t)` for the others.

    unknown: those of the others that are only known when step t comes, for a function may be asked once a step.
    """

    def __init__(self, optimizer, dtype, like):
        self._names, self._wants_t = optimizer._changing, optimizer._wants_t
        self._prepared = lambda name, t: _number(optimizer, name, t, dtype, like)
        self.unknown = dict.fromkeys(self._names, math.nan)
        parameters = inspect.signature(type(optimizer).rule).parameters.values()
        self.constants = {p.name: p.default for p in parameters if p.default is not p.empty}
        for name in optimizer._hyper:
            if name not in optimizer._first_only and name not in self._names:
                self.constants[name] = self._prepared(name, 1)

    def at(self, t: int) -> dict:
        """The numbers that change, at step t: t itself, if the rule asks for it, and the functions of it, checked."""
        changing = {"t": t} if self._wants_t else {}
        for name in self._names:
            changing[name] = self._prepared(name, t)
        return changing


def _number(optimizer, name, t, dtype, like):
    value = optimizer._at(t, name)
    if getattr(value, "ndim", 0):
        raise TypeError(f"{name} must be a number at every step, got an array of shape {value.shape} at step {t}")
    return optimizer._as_given(name, value, dtype, like)


def write_constants(program: Program, cells: list, numbers: Numbers, changing: dict) -> Callable | None:
    """Put the constant scalars of the program into their cells; what is left is a function for the others, if any.

    The function takes what changes with t, in this order, writes the cells, and returns the outcomes of the tests.
    """
    functions = dict(program.functions)
    lines = []
    for place, (text, _) in enumerate(program.scalars):
        code = compile(text, "numbers", "eval")
        if set(code.co_names).isdisjoint(changing):
            cells[place][()] = eval(code, functions, numbers.constants)
        else:
            lines.append(f"    __cell{place}[()] = {text}\n")
    if not lines and not program.tests:
        return None
    tests = "".join(f"not not ({text}), " for text, _ in program.tests)
    space = functions | numbers.constants | {f"__cell{place}": cell for place, cell in enumerate(cells)}
    exec(f"def write({', '.join(changing)}):\n{''.join(lines)}    return ({tests})", space)
    return space["write"]
