"""The machinery that turns a rule into an optimizer: fields, state, validation. The rules are in `optimizers`."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import numbers
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from .arrays import floating, same_shape, shape_named

# Hyper-parameters by name: what is allowed, how it reads in an error.
_RANGES = {
    **dict.fromkeys(("beta", "beta1", "beta2", "mu", "momentum"), (lambda x: (x >= 0) & (x < 1), "in [0, 1)")),
    **dict.fromkeys(
        ("lr", "eps", "weight_decay", "v0", "lr_decay", "eps_root", "h_min", "h_max"),
        (lambda x: (x >= 0) & np.isfinite(x), "a finite number >= 0"),
    ),
    "dampening": (lambda x: (x >= 0) & (x <= 1), "in [0, 1]"),
    "shrink": (lambda x: (x > 0) & (x < 1), "in (0, 1)"),
    "grow": (lambda x: (x > 1) & np.isfinite(x), "a finite number > 1"),
    "momentum_decay": (lambda x: x >= 0, "a number >= 0, inf for none"),
}


def check_hyper(name: str, value: Any) -> None:
    """Raise TypeError or ValueError (what, wanted, got) unless `value` is a legal number or array for `name`."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        kind = getattr(getattr(value, "dtype", None), "kind", None)
        if kind is None or kind not in "fiu":
            raise TypeError(f"{name} must be a number, an array of numbers or a function of t, got {value!r}")
    allowed, wanted = _RANGES.get(name, (np.isfinite, "a finite number"))
    ok = allowed(value if hasattr(value, "dtype") else float(value))
    if not (ok if isinstance(ok, bool) else ok.all()):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")


def check_number(name: str, value: Any) -> None:
    """As `check_hyper`, for what cannot be an array or a function of t."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    check_hyper(name, value)


def bounds_in_order(h_min: Any, h_max: Any) -> None:
    """Raise ValueError when both are numbers and the lower bound is above the upper."""
    if isinstance(h_min, numbers.Real) and isinstance(h_max, numbers.Real) and h_min > h_max:
        raise ValueError(f"h_min must be <= h_max, got h_min = {h_min!r} and h_max = {h_max!r}")


class Optimizer:
    """A rule with its hyper-parameters and its state; the base of `RMSProp` and all others.

    A subclass is a frozen dataclass whose fields are the hyper-parameters of its `rule` (numbers, arrays that broadcast
    against θ, or functions of the step number t = 1, 2, ...). `slots` names the arrays the rule remembers and their
    first
    values: a number, or the name of the field that holds it. `flags` names the fields that are choices, not numbers.

    `init(theta)` gives the state before the first step, `step(theta, grad, state)` the next θ and state. Both are pure.
    """

    rule: ClassVar[Callable]
    slots: ClassVar[Mapping[str, float | str]] = {}
    flags: ClassVar[Mapping[str, tuple]] = {}
    elementwise: ClassVar[bool] = (
        True  # False: the rule looks at θ as a whole, and a sweep cannot stack runs in one array
    )
    State: ClassVar[type]

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        parameters = list(inspect.signature(cls.rule).parameters)[2:]  # after theta and grad
        first = [v for v in cls.slots.values() if isinstance(v, str) and v not in parameters]  # used by `init` alone
        cls._hyper = (*(p for p in parameters if p not in cls.slots and p != "t"), *first)
        cls._first_only = frozenset(first)
        cls._wants_t = "t" in parameters
        cls.State = namedtuple("State", (*cls.slots, "t"), module=cls.__module__)
        cls.State.__qualname__ = f"{cls.__qualname__}.State"

    def __post_init__(self):
        for name in self._hyper:
            value = getattr(self, name)
            if name in self.flags:
                _check_flag(name, value, self.flags[name])
            elif not callable(value):
                check_hyper(name, value)

    def _key(self):
        """Everything that makes two optimizers equal; arrays by content, since `==` on arrays is not a truth value."""
        values = (getattr(self, name) for name in self._hyper)
        return type(self), *((v.shape, v.tobytes()) if isinstance(v, np.ndarray) else v for v in values)

    def __eq__(self, other):
        return self._key() == other._key() if isinstance(other, Optimizer) else NotImplemented

    def __hash__(self):
        return hash(self._key())

    def hyper(self, t: int) -> dict[str, Any]:
        """The hyper-parameters at step t, functions of t evaluated and checked."""
        values = {}
        for name in self._hyper:
            value = getattr(self, name)
            if callable(value):
                value = value(t)
                check_hyper(name, value)
            values[name] = value
        return values

    def init(self, theta):
        """The state before the first step: one array like θ for each of `slots`, and t = 0."""
        theta = floating("theta", theta)
        work = _work(theta.dtype)
        first = self.hyper(1)
        arrays = {}
        for name, value in self.slots.items():
            arrays[name] = np.empty_like(theta, dtype=work, shape=self.slot_shape(name, theta.shape))
            arrays[name][...] = _as(value, first[value], work, theta) if isinstance(value, str) else value
        return self.State(**arrays, t=0)

    def check_state(self, state) -> None:
        """Raise TypeError unless `state` has the names that `init` gives."""
        if getattr(state, "_fields", None) != self.State._fields:
            raise TypeError(f"state must {_wanted_state(self)}, got {_brief_state(state)}")

    def slot_shape(self, name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the state array `name` for θ of `shape`: that of θ, unless a subclass says otherwise."""
        return shape

    def step(self, theta, grad, state):
        """One step of the rule: (θ, g, state) -> (new θ, new state). Never changes its arguments.

        theta, grad: float arrays of one shape; state: what `init` or the step before returned. The dtype of θ is kept.
        float16 is computed and remembered in float32, where g² neither underflows nor overflows; an ε smaller than the
        smallest normal number counts as that number, so that a zero gradient divided by a zero average is a step of
        zero and not NaN. Raises TypeError for integer or complex θ (treat a complex number as two real ones),
        ValueError when the shapes of theta, grad and state differ.
        """
        theta = floating("theta", theta)
        self.check_state(state)
        work, t = _work(theta.dtype), state.t + 1
        shapes = {name: self.slot_shape(name, theta.shape) for name in self.slots}
        grad = same_shape("grad", grad, theta, work)
        kwargs = {n: same_shape(f"state.{n}", getattr(state, n), theta, work, shape) for n, shape in shapes.items()}
        out = self._apply(theta.astype(work, copy=False), grad, kwargs | self._arguments(t, work, theta))
        new, *arrays = out if self.slots else (out,)
        new = _checked("theta", new, theta, theta.dtype, theta.shape)
        arrays = (_checked(f"state.{n}", a, theta, work, shapes[n]) for n, a in zip(shapes, arrays, strict=True))
        return new, self.State(*arrays, t=t)

    def _arguments(self, t, work, theta):
        """What the rule gets besides θ, g and its slots at step t."""
        hyper = {name: value for name, value in self.hyper(t).items() if name not in self._first_only}
        number = _Number if self._wants_t and work == np.float64 else float
        values = {n: v if n in self.flags else _as(n, v, work, theta, number) for n, v in hyper.items()}
        if "eps" in values:
            tiny = _tiny(work)
            values["eps"] = (
                max(values["eps"], tiny) if isinstance(values["eps"], float) else np.maximum(values["eps"], tiny)
            )
        return values | ({"t": t} if self._wants_t else {})

    def _apply(self, theta, grad, arguments):
        return type(self).rule(theta, grad, **arguments)

    @staticmethod
    def from_rule(rule: Callable, state: Mapping[str, float] | None = None, **hyper) -> Optimizer:
        """An optimizer made from a reader's own rule, usable wherever `RMSProp` is.

        rule(theta, grad, ...) returns the new θ, or (new θ, *new state) in the order of its parameters when it has
        state. A parameter named t receives the step number 1, 2, ... `state` gives the first value of each remembered
        array, `hyper` the numbers; a number that is the default of a parameter need not be given. The rule gets copies,
        so that it may work in place. Raises TypeError when a parameter of the rule is given by neither, for t among
        them, and for a hyper-parameter named like a method, such as `step`.

        >>> def descend(theta, grad, lr):
        ...     return theta - lr * grad
        >>> Optimizer.from_rule(descend, lr=0.1)
        descend(lr=0.1)
        """
        if not callable(rule):
            raise TypeError(f"rule must be a function, got {rule!r}")
        if not isinstance(state, Mapping | None):
            raise TypeError(f"state must give each array its first value, such as {{'v': 0.0}}, got {state!r}")
        names, state = list(inspect.signature(rule).parameters), dict(state or {})
        defaults = {n: p.default for n, p in inspect.signature(rule).parameters.items() if p.default is not p.empty}
        own = {n: v for n, v in defaults.items() if isinstance(v, numbers.Real) and not isinstance(v, bool)}
        hyper = {n: v for n, v in own.items() if n in names[2:] and n != "t" and n not in state} | hyper
        for name in (*state, *hyper):
            if name == "t":
                raise TypeError("t must not be given: the rule receives the step number 1, 2, ... under this name")
            if name in hyper and (hasattr(Optimizer, name) or name in ("rule", "State")):
                raise TypeError(f"a hyper-parameter must not be named {name}, which every optimizer has; rename it")
        missing = [n for n in names[2:] if n not in state and n not in hyper and n not in defaults and n != "t"]
        unknown = [n for n in (*state, *hyper) if n not in names[2:]]
        if len(names) < 2 or missing or unknown:
            raise TypeError(
                f"the rule {_name(rule)}({', '.join(names)}) must take theta and grad first, and every "
                f"other parameter as state or hyper-parameter; not given: {missing}, not in the rule: {unknown}"
            )
        for name, first in state.items():
            if not isinstance(first, numbers.Real):
                raise TypeError(f"state {name} must start at a number, the same for every parameter, got {first!r}")
        slots = tuple((n, state[n]) for n in names if n in state)  # in the order of the rule, whatever that of the dict
        return _class_of(rule, slots, tuple(n for n in names[2:] if n in hyper))(**hyper)


@functools.cache
def _class_of(rule, state, names):
    """One class per rule, so that two optimizers made from it with the same numbers are equal."""

    def rebuild(self):  # a class made on the fly cannot be found by pickle; the call that made it can
        hyper = {n: getattr(self, n) for n in names}
        return functools.partial(Optimizer.from_rule, rule, dict(state), **hyper), ()

    def apply(self, theta, grad, arguments):
        """A reader's rule may work in place or forget to return something: give it copies, look at what comes back."""
        arguments = {k: v.copy() if k in self.slots else v for k, v in arguments.items()}
        out = rule(theta.copy(), grad.copy(), **arguments)
        wanted = ("theta", *self.slots)
        if self.slots and not (isinstance(out, tuple | list) and len(out) == len(wanted)):
            raise TypeError(f"{_name(rule)} must return ({', '.join(wanted)}), got {_brief(out)}")
        if not self.slots and (out is None or isinstance(out, tuple)):
            raise TypeError(f"{_name(rule)} must return theta, got {_brief(out)}")
        return out

    space = {"rule": staticmethod(rule), "slots": dict(state), "__reduce__": rebuild, "__doc__": rule.__doc__}
    space |= {"_apply": apply}
    cls = dataclasses.make_dataclass(
        _name(rule), [(n, Any) for n in names], bases=(Optimizer,), namespace=space, frozen=True, eq=False
    )
    cls._hyper = names  # a parameter that keeps a default of its own, such as verbose=False, is none
    cls.State.__reduce__ = lambda values: (_state_of, (rule, state, names, tuple(values)))
    return cls


def _state_of(rule, state, names, values):
    return _class_of(rule, state, names).State(*values)


def _name(rule) -> str:
    return getattr(rule, "__name__", type(rule).__name__)  # a partial has none


class _Number(float):
    """A number whose powers come from NumPy: Python's `beta**t` has another last bit in 5 % of all cases than an
    array's.

    `run` passes numbers to a rule, `sweep` arrays; with this, both see the same bits.
    """

    def __pow__(self, exponent):
        return float((np.array([float(self)]) ** exponent)[0])


def _as(name, value, dtype, theta, number=float):
    """Hyper-parameter arrays in θ's precision and on θ's device; numbers as Python floats, which keep it."""
    if getattr(value, "ndim", 0) == 0:
        return number(value)
    fits = (n in (1, d) for n, d in zip(value.shape[::-1], theta.shape[::-1], strict=False))
    if value.ndim > theta.ndim or not all(fits):
        raise ValueError(f"{name} must broadcast to the shape of theta, {theta.shape}, got shape {value.shape}")
    return np.asarray(value, dtype=dtype, like=theta)


def _check_flag(name: str, value, allowed: tuple) -> None:
    if not any(value is choice or (isinstance(choice, str) and value == choice) for choice in allowed):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")


def _checked(name: str, array, theta, dtype, shape):
    """What a rule returned, in the right dtype; ValueError naming it when its shape is another."""
    if not hasattr(array, "astype") or isinstance(array, np.generic):
        array = np.asarray(array, dtype=dtype, like=theta)
    if array.shape != shape:
        raise ValueError(f"the rule must return {name} in {shape_named(shape, theta)}, got {array.shape}")
    return array.astype(dtype, copy=False)


def _wanted_state(optimizer) -> str:
    names = optimizer.State._fields
    return (
        f"have {' and '.join(filter(None, (', '.join(names[:-1]), 't')))}, as {type(optimizer).__name__}.init gives it"
    )


def _brief_state(state) -> str:
    fields = getattr(state, "_fields", None)
    return f"{type(state).__name__} with {', '.join(fields)}" if fields else type(state).__name__


def _brief(out) -> str:
    if isinstance(out, tuple | list):
        return f"{len(out)} values"
    return f"one array of shape {out.shape}" if hasattr(out, "shape") else repr(out)


@functools.cache
def _work(dtype):
    """The dtype in which a step on θ of `dtype` is computed and remembered."""
    return np.dtype(np.float32) if dtype == np.float16 else dtype


@functools.cache
def _tiny(dtype):
    return max(float(np.finfo(dtype).tiny), float(np.finfo(float).tiny))  # a longdouble's would be 0 as a float
