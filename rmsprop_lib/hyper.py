"""Hyper-parameters: what each may be, by its name, and how it comes to a rule, as a number or as an array beside θ."""

from __future__ import annotations

import functools
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np

from .arrays import on_device, plain

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
# What other libraries and papers call ours, the likeliest first.
_OTHER_NAMES = {
    **dict.fromkeys(("rho", "decay", "decay_rate", "gamma", "smoothing", "discounting_factor"), ("beta",)),
    "alpha": ("beta", "lr"),  # PyTorch's decay, and the learning rate of every formula
    "betas": ("beta1", "beta2"),
    **dict.fromkeys(("b1", "beta_1"), ("beta1",)),
    **dict.fromkeys(("b2", "beta_2"), ("beta2",)),
    **dict.fromkeys(("learning_rate", "step_size", "eta", "stepsize", "learning_rate_init"), ("lr",)),
    **dict.fromkeys(("epsilon", "delta"), ("eps",)),
    **dict.fromkeys(("momentum", "nu"), ("mu", "momentum")),
    "mu": ("momentum",),
    **dict.fromkeys(("wd", "l2", "lambda_"), ("weight_decay",)),
    **dict.fromkeys(("initial_accumulator_value", "initial_scale"), ("v0",)),
}


def check_hyper(name: str, value: Any) -> None:
    """Raise TypeError or ValueError (what, wanted, got) unless `value` is a legal number or array for `name`."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        kind = getattr(getattr(value, "dtype", None), "kind", None)
        if kind is None or kind not in "fiu":
            raise TypeError(f"{name} must be a number, an array of numbers or a function of t, got {value!r}")
        value = plain(name, value)
    allowed, wanted = _RANGES.get(name, (np.isfinite, "a finite number"))
    ok = allowed(value if hasattr(value, "dtype") else float(value))
    if not (ok if isinstance(ok, bool) else ok.all()):
        raise ValueError(f"{name} must be {wanted}, got {value!r}")


def check_number(name: str, value: Any) -> None:
    """As `check_hyper`, for what cannot be an array or a function of t."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise TypeError(f"{name} must be a number, got {value!r}")
    check_hyper(name, value)


def check_flag(name: str, value, allowed: tuple) -> None:
    """Raise ValueError unless `value` is one of the choices."""
    if not any(value is choice or (isinstance(choice, str) and value == choice) for choice in allowed):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")


def check_names(owner: str, given: Iterable[str], known: tuple[str, ...]) -> None:
    """Raise TypeError, with the name of ours for another library's, unless each of the `given` is `known`."""
    for name in given:
        if name not in known:
            ours = [n for n in _OTHER_NAMES.get(name, ()) if n in known]
            both = " and " if name == "betas" else " or "
            advice = f"; {name} is called {both.join(ours)} here" if ours else did_you_mean(near(name, known))
            raise TypeError(f"the arguments of {owner} must be among {', '.join(known)}, got {name}{advice}")


def near(word: Any, known: Iterable[str]) -> list[str]:
    """Those of the known that look like the word, the likeliest first."""
    import difflib  # is needed after a mistake only

    spelled = {name.lower(): name for name in known}
    return [spelled[like] for like in difflib.get_close_matches(str(word).lower(), spelled)]


def did_you_mean(names: Iterable[str]) -> str:
    """The end of an error: names that may have been meant, if there are any."""
    return f"; did you mean {' or '.join(names)}?" if names else ""


def bounds_in_order(h_min: Any, h_max: Any) -> None:
    """Raise ValueError when both are numbers and the lower bound is above the upper."""
    if isinstance(h_min, numbers.Real) and isinstance(h_max, numbers.Real) and h_min > h_max:
        raise ValueError(f"h_min must be <= h_max, got h_min = {h_min!r} and h_max = {h_max!r}")


def prepared(name: str, value, dtype, theta, number=float):
    """A number as a Python float (or `number`), which keeps θ's precision; an array beside θ, see `Column`.

    An ε below the smallest normal number counts as that number. Raises ValueError for an array that does not broadcast
    against θ.
    """
    if getattr(value, "ndim", 0) == 0:
        return number(max(float(value), _tiny(dtype)) if name == "eps" else value)
    fits = (n in (1, d) for n, d in zip(value.shape[::-1], theta.shape[::-1], strict=False))
    if value.ndim > theta.ndim or not all(fits):
        raise ValueError(f"{name} must broadcast to the shape of theta, {theta.shape}, got shape {value.shape}")
    value = plain(name, value)
    if dtype == np.float64 or on_device(theta):
        value = np.asarray(value, dtype=dtype, like=theta)
        return np.maximum(value, _tiny(dtype)) if name == "eps" else value
    value = value.astype(float)
    return Column.of(np.maximum(value, _tiny(dtype)) if name == "eps" else value, dtype)


_POWERS = 128  # worked out at a time


class Number(float):
    """A number whose powers come from NumPy: Python's `beta**t` has another last bit in 5 % of all cases than an
    array's.

    `run` passes numbers to a rule, `sweep` arrays; with this, both see the same bits. For float64 alone: beside a
    float32, NumPy takes Python's own floats for numbers without a precision, and this one for a float64.
    """

    def __init__(self, value):
        self._plain, self._powers = float(value), {}

    def __mul__(self, other):
        return self._plain * other  # NumPy looks at a float of another type than Python's for half a microsecond

    def __pow__(self, t):
        try:
            return self._powers[t]
        except (KeyError, TypeError):  # an array is no key
            return self._power(t) if isinstance(t, numbers.Real) else self._plain**t

    def _power(self, t):
        """The power, and with it those of the next steps: one at a time they cost as much as half a step of Adam."""
        base = np.array([self._plain])
        if type(t) is not int or t < 3:  # NumPy has ways of its own for the first
            return float((base**t)[0])
        exponents = range(t, t + _POWERS)
        powers = dict(zip(exponents, (base ** np.array(exponents, dtype=float)).tolist(), strict=True))
        self._powers = powers
        return powers[t]


class Column(np.ndarray):
    """An array of numbers in θ's precision that knows them in float64: exact among numbers, rounded where it meets θ.

    It does what Python's numbers do beside an array in float32: `1 - beta` is exact, and the product with g² has g²'s
    precision. In float32 itself 1 - 0.9999999 would be wrong by a fifth.
    """

    @classmethod
    def of(cls, exact, dtype):
        column = np.asarray(exact).astype(dtype).view(cls)
        column._exact, column._rounded = exact, column.view(np.ndarray)
        return column

    def __array_finalize__(self, parent):
        self._exact = self._rounded = self._rest = None  # a part or another view is an array like any other

    def copy(self, order="C"):
        return np.array(self, order=order) if self._exact is None else Column.of(self._exact.copy(order), self.dtype)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        if method == "__call__" and not options and all(_is_exact(x) for x in inputs):
            return Column.of(ufunc(*(x._exact if type(x) is Column else x for x in inputs)), self.dtype)
        if "out" in options:
            options["out"] = tuple(x.view(np.ndarray) for x in options["out"])
        inputs = (x.view(np.ndarray) if isinstance(x, Column) else x for x in inputs)
        return getattr(ufunc, method)(*inputs, **options)

    # What a rule asks for at every step, without the detour.

    def __mul__(self, other):
        return self._rounded * other if self._meets(other) else super().__mul__(other)

    def __rmul__(self, other):
        return other * self._rounded if self._meets(other) else super().__rmul__(other)

    def __radd__(self, other):
        return other + self._rounded if self._meets(other) else super().__radd__(other)

    def __rtruediv__(self, other):
        return other / self._rounded if self._meets(other) else super().__rtruediv__(other)

    def __rsub__(self, other):
        if self._exact is None or type(other) is not int or other != 1:
            return super().__rsub__(other)
        if self._rest is None:
            self._rest = Column.of(1 - self._exact, self.dtype)
        return self._rest

    def __pow__(self, t):
        if self._exact is None or type(t) is not int:
            return super().__pow__(t)
        return Column.of(self._exact**t, self.dtype)

    def _meets(self, other) -> bool:
        return type(other) is np.ndarray and self._exact is not None


def _is_exact(value) -> bool:
    return value._exact is not None if type(value) is Column else isinstance(value, numbers.Real)


@functools.cache
def _tiny(dtype):
    return max(float(np.finfo(dtype).tiny), float(np.finfo(float).tiny))  # a longdouble's would be 0 as a float
