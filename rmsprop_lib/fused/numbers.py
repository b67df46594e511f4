"""The numbers of a step: what is constant is worked out once, what changes with t by one function of t."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable

from ..optimizer import _Number, _tiny, check_hyper
from .program import Program


class Numbers:
    """The arguments of an optimizer's rule that are no arrays: `constants`, and `at(t)` for the others.

    unknown: those of the others that are only known when step t comes, for a function may be asked once a step.
    """

    def __init__(self, optimizer, dtype):
        self._kind = _Number if optimizer._wants_t and dtype.itemsize == 8 else float
        self._tiny, self._wants_t = _tiny(dtype), optimizer._wants_t
        values = {n: getattr(optimizer, n) for n in optimizer._hyper if n not in optimizer._first_only}
        self._functions = {n: v for n, v in values.items() if callable(v)}
        self.unknown = dict.fromkeys(self._functions, math.nan)
        parameters = inspect.signature(type(optimizer).rule).parameters.values()
        self.constants = {p.name: p.default for p in parameters if p.default is not p.empty}
        for name, value in values.items():
            if not callable(value):
                self.constants[name] = value if name in optimizer.flags else self._number(name, value)

    def at(self, t: int) -> dict:
        """The numbers that change, at step t: t itself, if the rule asks for it, and the functions of it, checked."""
        changing = {"t": t} if self._wants_t else {}
        for name, function in self._functions.items():
            value = function(t)
            check_hyper(name, value)
            changing[name] = self._number(name, value)
        return changing

    def _number(self, name, value):
        value = self._kind(value)
        return max(value, self._tiny) if name == "eps" else value


def write_constants(program: Program, cells: list, numbers: Numbers, changing: dict) -> Callable:
    """Put the constant scalars of the program into their cells; what is left is a function for the changing ones.

    The function takes what changes with t by keyword, writes the cells, and returns the outcomes of the tests.
    """
    functions = dict(program.functions)
    lines = []
    for place, (text, _) in enumerate(program.scalars):
        code = compile(text, "numbers", "eval")
        if set(code.co_names).isdisjoint(changing):
            cells[place][()] = eval(code, functions, numbers.constants)
        else:
            lines.append(f"    cell{place}[()] = {text}\n")
    tests = "".join(f"bool({text}), " for text, _ in program.tests)
    space = functions | numbers.constants | {f"cell{place}": cell for place, cell in enumerate(cells)}
    exec(f"def write({', '.join(changing)}):\n{''.join(lines)}    return ({tests})", space)
    return space["write"]
