"""The step of a class of ours, written out for the arrays of its state, as `namedtuple` writes out a class.

In two dimensions NumPy needs about four microseconds for the rule itself. A loop over the state, a dictionary of
hyper-parameters and a look at every result would take as long again; this takes a third of it.
"""

from __future__ import annotations

import functools

import numpy as np

_TEXT = """
def step(self, theta, grad, state):
    if type(state) is State:
        {state} = state
        if type(t) is int and t > 0 and {types} is ndarray and {dtypes} and {shapes} != ():
            rule = self._proven.get(theta.dtype)
            if rule is not None:
                {results} = rule({arguments})
                return theta, new(State, ({values}))
    return careful_step(self, theta, grad, state)

def advance(self, theta, grad, state):
    rule = self._proven.get(theta.dtype)
    if rule is not None and state[-1] > 0 and theta.shape != ():
        {state} = state
        {results} = rule({arguments})
        return theta, new(State, ({values}))
    return careful_advance(self, theta, grad, state)
"""


def write_out(cls, careful_step, careful_advance) -> None:
    """Give a class its `step` and `_advance`, which ask the careful ones where the class's rule is not proven yet.

    An instance's `_proven` holds, by dtype, its rule with its numbers, once a step has shown that plain arrays of this
    dtype and shape come out where such arrays go in.
    """
    space = {"State": cls.State, "new": tuple.__new__, "ndarray": np.ndarray}
    space |= {"careful_step": careful_step, "careful_advance": careful_advance}
    exec(_code(len(cls.slots), cls._wants_t), space)
    cls.step = functools.update_wrapper(space["step"], careful_step)
    cls._advance = functools.update_wrapper(space["advance"], careful_advance)


@functools.cache
def _code(slots: int, wants_t: bool):
    arrays = [f"array{i}" for i in range(slots)]
    inputs = ["theta", "grad", *arrays]
    parts = {
        "state": "".join(f"{a}, " for a in arrays) + "t" if arrays else "(t,)",
        "types": " is ".join(f"type({a})" for a in inputs),
        "dtypes": " is ".join(f"{a}.dtype" for a in inputs),
        "shapes": " == ".join(f"{a}.shape" for a in inputs),
        "results": ", ".join(["theta", *arrays]),
        "arguments": ", ".join(inputs + ["t=t + 1"] * wants_t),
        "values": "".join(f"{a}, " for a in arrays) + "t + 1,",
    }
    return compile(_TEXT.format(**parts), "<a step, written out>", "exec")
