"""The machinery that turns a rule into an optimizer: fields, state, validation. The rules are in `optimizers`."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import numbers
import operator
from collections import namedtuple
from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import numpy as np

from .arrays import floating, plain, same_shape, shape_named
from .hyper import Number, check_flag, check_hyper, check_names, prepared
from .hyper import bounds_in_order as bounds_in_order
from .hyper import check_number as check_number
from .written_out import write_out

_FLOATS = frozenset(map(np.dtype, (np.float32, np.float64, np.longdouble)))
# The slots that hold sums or averages of squares, or other sizes: never negative, and infinite once they overflow.
_SQUARES = {"v", "s", "u", "v_max", "h", "row", "column"}
_DERIVED = ("_changing", "_has_arrays", "_ready", "_proven")  # from the fields, and no part of a pickle


class _Derived:
    """What `__post_init__` makes of the fields; where it was not called, by a pickle or a reader's class, it is now.

    An attribute of the instance comes before it. A `__getattr__` would do the same, and slow every other attribute.
    """

    def __set_name__(self, owner, name):
        self._name = name

    def __get__(self, optimizer, owner=None):
        if optimizer is None:
            return self
        Optimizer.__post_init__(optimizer)
        return optimizer.__dict__[self._name]


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
    _changing, _has_arrays = _Derived(), _Derived()

    def __new__(cls, *values, **fields):
        if cls.__init__ is object.__init__ and (values or fields):
            raise TypeError(f"{cls.__name__} takes no arguments: it must be a dataclass, with a field for each of them")
        if not fields.keys() <= getattr(cls, "__dataclass_fields__", fields).keys():
            taken = list(inspect.signature(cls.__init__).parameters.values())[1:]  # a reader's may be another
            if all(p.kind is not p.VAR_KEYWORD for p in taken):
                check_names(cls.__name__, fields, tuple(p.name for p in taken))
        self = super().__new__(cls)
        self.__dict__.update(_ready={}, _proven={})  # what the rule gets at every step; see `write_out`
        return self

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        parameters = list(inspect.signature(cls.rule).parameters)[2:]  # after theta and grad
        first = [v for v in cls.slots.values() if isinstance(v, str) and v not in parameters]  # used by `init` alone
        cls._hyper = (*(p for p in parameters if p not in cls.slots and p != "t"), *first)
        cls._first_only = frozenset(first)
        cls._wants_t = "t" in parameters
        cls._slots_lead = parameters[: len(cls.slots)] == list(cls.slots)
        cls._ours = cls.__module__.partition(".")[0] == __package__ and "_apply" not in vars(cls)
        cls._squares = tuple(name for name in cls.slots if cls._ours and name in _SQUARES)
        cls.State = namedtuple("State", (*cls.slots, "t"), module=cls.__module__)
        cls.State.__qualname__ = f"{cls.__qualname__}.State"
        if cls._ours and cls._slots_lead and cls.elementwise:
            write_out(cls, Optimizer.step, Optimizer._compute)
        elif not of_the_book(cls.step):  # a step of a reader's own is what loops repeat
            cls._advance = cls.step

    def __post_init__(self):
        for name in self._hyper:
            value = getattr(self, name)
            if name in self.flags:
                check_flag(name, value, self.flags[name])
            elif not callable(value):
                check_hyper(name, value)
                if not isinstance(value, numbers.Real):
                    self.__dict__[name] = _kept(name, value)
        values = {name: getattr(self, name) for name in self._hyper if name not in self._first_only}
        anew = type(self).hyper is not Optimizer.hyper  # a reader's own tells at every step
        changing = tuple(n for n, v in values.items() if callable(v) or (anew and n not in self.flags))
        arrays = any(getattr(v, "ndim", 0) for v in values.values())
        self.__dict__.update(_changing=changing, _has_arrays=arrays)

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name not in _DERIVED}

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
        return {name: self._told(t, name) for name in self._hyper}

    def init(self, theta):
        """The state before the first step: one array like θ for each of `slots`, and t = 0."""
        theta = floating("theta", theta)
        work = _work(theta.dtype)
        arrays = {}
        for name, value in self.slots.items():
            if isinstance(value, str):
                value = prepared(value, self._at(1, value), work, theta)
            arrays[name] = np.empty_like(theta, dtype=work, shape=self.slot_shape(name, theta.shape))
            arrays[name][...] = value
        return self.State(**arrays, t=0)

    def check_state(self, state):
        """Look at a state that comes from outside: a file, a run that stopped; returns it, with t an int.

        Raises TypeError unless it has the names that `init` gives, arrays of numbers and a whole t; ValueError for
        t < 0 and for a negative average of squares, whose root is NaN.
        """
        state = self._named(state)
        for name in self._squares:
            array = floating(f"state.{name}", getattr(state, name))
            if (array < 0).any():
                raise ValueError(f"state.{name} must be >= 0, got {float(array.min())}")
        return state

    def _named(self, state):
        """The state with t as an int, which cannot overflow; TypeError unless it has the names that `init` gives."""
        if getattr(state, "_fields", None) != self.State._fields:
            raise TypeError(f"state must {_wanted_state(self)}, got {_brief_state(state)}")
        return self.State(*state[:-1], t=_whole(state.t))

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
        state = self._named(state)
        state = state if state.t else self.check_state(state)
        work, shapes = _work(theta.dtype), {n: self.slot_shape(n, theta.shape) for n in self.slots}
        grad = same_shape("grad", grad, theta, work)
        arrays = (same_shape(f"state.{n}", getattr(state, n), theta, work, shape) for n, shape in shapes.items())
        return self._compute(theta, grad, self.State(*arrays, t=state.t))

    def _advance(self, theta, grad, state):
        """`step` without its checks, for loops of ours: the same bits, from arrays that are plain and fit already.

        That is, θ as `floating` gives it, the state as `init` or a step before, g of θ's shape and dtype.
        """
        return self._compute(theta, grad, state)

    def _compute(self, theta, grad, state):
        """The step itself; what the rule returns is looked at, for a rule may be a reader's."""
        dtype, shape, t = theta.dtype, theta.shape, state[-1] + 1
        work = _work(dtype)
        arguments = self._arguments(t, work, theta)
        given = (theta, grad) if dtype is work else (theta.astype(work), grad.astype(work))
        out = self._apply(*given, state[:-1], arguments)
        out = out if self.slots else (out,)
        if all(type(array) is np.ndarray and array.dtype is dtype and array.shape == shape for array in out):
            if self._ours and t > 1 and dtype in _FLOATS and not (self._changing or self._has_arrays):
                self._proven[dtype] = functools.partial(type(self).rule, **self._ready[dtype])
            return out[0], self.State(*out[1:], t=t)
        new = _checked("theta", out[0], theta, theta.dtype, theta.shape)
        shapes = {f"state.{name}": self.slot_shape(name, theta.shape) for name in self.slots}
        arrays = zip(shapes.items(), out[1:], strict=True)
        return new, self.State(*(_checked(n, a, theta, work, shape) for (n, shape), a in arrays), t=t)

    def _arguments(self, t, work, theta):
        """What the rule gets besides θ, g and its slots at step t; not to be changed."""
        kind = (type(theta), work, theta.shape) if self._has_arrays else work
        constant = self._ready.get(kind)
        if constant is None:
            names = [n for n in self._hyper if n not in self._first_only and n not in self._changing]
            constant = self._ready[kind] = {n: self._prepared(n, t, work, theta) for n in names}
        if not (self._wants_t or self._changing):
            return constant
        changing = {name: self._prepared(name, t, work, theta) for name in self._changing}
        return {**constant, **changing, "t": t} if self._wants_t else constant | changing

    def _prepared(self, name, t, work, theta):
        return self._as_given(name, self._at(t, name), work, theta)

    def _as_given(self, name, value, work, theta):
        """The value as the rule gets it."""
        raised = self._wants_t and work == np.float64 and (name.startswith("beta") or not self._ours)  # to the power t
        return value if name in self.flags else prepared(name, value, work, theta, Number if raised else float)

    def _at(self, t, name):
        """One hyper-parameter at step t; `hyper` is asked where a subclass has its own."""
        if type(self).hyper is Optimizer.hyper:
            return self._told(t, name)
        value = self.hyper(t)[name]
        if name not in self.flags:
            check_hyper(name, value)
        return value

    def _told(self, t, name):
        """What the field says."""
        value = getattr(self, name)
        if callable(value):
            value = value(t)
            check_hyper(name, value)
        return value

    def _apply(self, theta, grad, arrays, arguments):
        if self._slots_lead:
            return type(self).rule(theta, grad, *arrays, **arguments)
        return type(self).rule(theta, grad, **dict(zip(self.slots, arrays, strict=True)), **arguments)

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


_classes = WeakValueDictionary()  # a class goes with the last of its optimizers and states, and its rule with it


def _class_of(rule, state, names):
    """One class per rule, so that two optimizers made from it with the same numbers are equal."""
    key = rule, state, names
    cls = _classes.get(key)
    if cls is None:
        cls = _classes[key] = _new_class(rule, state, names)
    return cls


def _new_class(rule, state, names):

    def rebuild(self):  # a class made on the fly cannot be found by pickle; the call that made it can
        hyper = {n: getattr(self, n) for n in names}
        return functools.partial(Optimizer.from_rule, rule, dict(state), **hyper), ()

    def apply(self, theta, grad, arrays, arguments):
        """A reader's rule may work in place or forget to return something: give it copies, look at what comes back."""
        arrays = {name: array.copy() for name, array in zip(self.slots, arrays, strict=True)}
        arguments = {n: v.copy() if getattr(v, "ndim", 0) else v for n, v in arguments.items()}
        out = rule(theta.copy(), grad.copy(), **arrays, **arguments)
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


def of_the_book(function: Callable) -> bool:
    """Whether a rule or a method is one of this library's own."""
    return str(getattr(function, "__module__", "")).partition(".")[0] == __package__


def _kept(name: str, value):
    """An array as a plain one of our own, or as a number where it is one: it stays when the caller's changes."""
    return plain(name, value).copy() if getattr(value, "ndim", 1) else float(value)


def _checked(name: str, array, theta, dtype, shape):
    """What a rule returned, in the right dtype; ValueError naming it when its shape is another."""
    if not hasattr(array, "astype") or isinstance(array, np.generic):
        array = np.asarray(array, dtype=dtype, like=theta)
    if array.shape != shape:
        raise ValueError(f"the rule must return {name} in {shape_named(shape, theta)}, got {array.shape}")
    return array.astype(dtype, copy=False)


def _whole(t) -> int:
    try:
        whole = None if isinstance(t, bool | np.bool) else operator.index(t)
    except TypeError:
        whole = None
    if whole is None:
        raise TypeError(f"state.t must be a whole number, got {t!r}")
    if whole < 0:
        raise ValueError(f"state.t must be >= 0, got {whole}")
    return whole


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
