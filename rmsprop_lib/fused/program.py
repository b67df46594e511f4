"""From the source of a rule to a program: a list of operations on whole arrays, which each backend turns into its own
code.

What the rules of the book and of `conventions` use is understood: assignments, arithmetic, comparisons, a few NumPy
functions, calls of other rules, and branches on numbers. A branch is taken when the program is made, for flags and
other numbers are constants of an optimizer; where a test looks at what changes with t, the program says which way it
went.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..optimizer import of_the_book
from .compiler import CannotCompile, Compiler, Operation

__all__ = ["CannotCompile", "Operation", "Program", "elementwise", "program_of", "steps_by_rule"]


@dataclass(frozen=True)
class Program:
    """The operations of one step.

    A value is a number: 0 is theta, 1 grad, then the state, then results in order; -1 is the first of `scalars`.

    arrays: names of the inputs, theta first, then grad and the state. kinds: of each value, "f" for θ's dtype, "d"
    for float64 where that is wider, "b" for a mask. scalars: Python expressions of the hyper-parameters and t,
    evaluated once per step, and their kinds. outputs: the value that becomes theta, and that of each state.
    tests: expressions that change with t, with the outcome that this program is for. functions: what all the
    expressions call, by name.
    """

    arrays: tuple[str, ...]
    kinds: str
    scalars: tuple[tuple[str, str], ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]
    tests: tuple[tuple[str, bool], ...] = ()
    functions: tuple[tuple[str, Callable], ...] = ()

    @property
    def stores(self) -> list[tuple[int, int]]:
        """(value, number of the array it is stored in) for theta and each state that the rule changes."""
        homes = (0, *range(2, len(self.arrays)))
        return [(value, home) for value, home in zip(self.outputs, homes, strict=True) if value != home]

    @property
    def live(self) -> list[int]:
        """The numbers of the state arrays that the step reads or writes; the others cost nothing."""
        read = {o for operation in self.operations for o in operation.operands} | {v for v, _ in self.stores}
        return [n for n in range(2, len(self.arrays)) if n in read or self.outputs[n - 1] != n]


def program_of(
    rule: Callable,
    slots: tuple[str, ...],
    constants: Mapping | None = None,
    changing: Mapping | None = None,
    wide: bool = True,
    exact: bool = True,
) -> Program:
    """The program of a rule whose state has the given names; CannotCompile, naming what is not understood.

    constants: the rule's other arguments by name, as far as they stay the same; None: nothing is known, and no branch
    can be taken. changing: the others, with their values at the step to compile for. wide: θ is float64. exact: False
    allows other roundings.
    """
    names = tuple(inspect.signature(rule).parameters)
    arrays = (*names[:2], *slots)
    compiler = Compiler(len(arrays), constants, changing or {}, "f" if wide else "d", exact)
    env = {name: arrays.index(name) if name in arrays else name for name in names}
    result = compiler.call(rule, env)
    outputs = result if isinstance(result, tuple) else (result,)
    if len(outputs) != 1 + len(slots) or not all(isinstance(o, int) and compiler.kinds[o] != "b" for o in outputs):
        raise CannotCompile(f"{_name(rule)} does not return theta and its state")
    homes = (0, *range(2, len(arrays)))
    if len(set(outputs)) < len(outputs) or any(
        o < len(arrays) and o not in (1, home) for o, home in zip(outputs, homes, strict=True)
    ):
        raise CannotCompile(f"{_name(rule)} returns one of its arguments in the place of another")
    return _tidied(compiler, arrays, outputs)


def elementwise(optimizer) -> bool:
    """Whether no number of θ looks at another: the book's rules say so, of a reader's one must be able to see it."""
    rule = type(optimizer).rule
    if not (optimizer.elementwise and steps_by_rule(optimizer) and of_the_book(type(optimizer).init)):
        return False
    if of_the_book(rule):
        return True
    try:
        program_of(rule, tuple(optimizer.slots))
    except CannotCompile:
        return False
    return True


def steps_by_rule(optimizer) -> bool:
    """Whether a step is what the rule says and nothing besides, as in a subclass with a `step` of its own."""
    return all(of_the_book(getattr(type(optimizer), name)) for name in ("step", "_compute", "_apply"))


def _tidied(compiler, arrays, outputs) -> Program:
    """The compiler's operations without those that nobody needs, values and scalars numbered anew."""
    needed, kept = set(outputs), []
    for operation in reversed(compiler.operations):
        if operation.result in needed:
            needed.update(operation.operands)
            kept.append(operation)
    numbers = {value: value for value in range(len(arrays))} | {
        operation.result: len(arrays) + i for i, operation in enumerate(reversed(kept))
    }
    used = list(dict.fromkeys(o for operation in reversed(kept) for o in operation.operands if o < 0))
    numbers |= {old: -1 - i for i, old in enumerate(used)}
    operations = tuple(
        Operation(o.name, tuple(numbers[x] for x in o.operands), numbers[o.result]) for o in reversed(kept)
    )
    kinds = "f" * len(arrays) + "".join(compiler.kinds[o.result] for o in reversed(kept))
    scalars = tuple(compiler.scalars[-1 - old] for old in used)
    functions = tuple(compiler.functions.items())
    outputs = tuple(numbers[o] for o in outputs)
    return Program(arrays, kinds, scalars, operations, outputs, tuple(compiler.tests.items()), functions)


def _name(rule) -> str:
    return getattr(rule, "__name__", repr(rule))
