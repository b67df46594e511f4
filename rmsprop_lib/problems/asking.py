"""How a reader's function is asked: which of t and seed it wants, and how many arguments it takes."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

EXTRAS = ("t", "seed")


def extras(name: str, function: Callable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of t and seed a function of θ asks for: those that go by place after θ, and those that go by name.

    A parameter is asked for when it is named t or seed. Any other keeps its default, which is how Python binds data:
    `lambda theta, H=H: H * theta`. Raises TypeError, naming it, for another one without a default.
    """
    parameters = _parameters(name, function)
    if parameters is None:
        return (), ()
    first, *others = parameters or [None]
    if first is None or first.kind is first.KEYWORD_ONLY:
        raise TypeError(f"{name} must take theta first, got {_called(function)}")
    bound = function.keywords if isinstance(function, functools.partial) else {}
    by_place, by_name, in_line = [], [], first.kind is not first.VAR_POSITIONAL
    for p in others:
        if p.name in EXTRAS and p.name not in bound and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            in_line = in_line and p.kind is not p.KEYWORD_ONLY
            (by_place if in_line else by_name).append(p.name)
            continue
        in_line = False
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            raise TypeError(
                f"{name} must take theta, and after it t and seed by these names or parameters that have a default, "
                f"got {p.name!r} in {_called(function)}"
            )
    return tuple(by_place), tuple(by_name)


def ask(function: Callable, wanted: tuple, theta, t: int, seed: int):
    """function(theta), with t and seed as `extras` found them."""
    by_place, by_name = wanted
    if not (by_place or by_name):  # most functions, at every step
        return function(theta)
    given = {"t": t, "seed": seed}
    return function(theta, *(given[n] for n in by_place), **{n: given[n] for n in by_name})


def takes(name: str, function: Callable, *wanted: str) -> None:
    """Raise TypeError unless `function` can be called with just the wanted arguments, by place.

    A default in the place of one of them is data bound the usual way, which the argument would replace without a word;
    it is refused unless it bears the argument's name.
    """
    parameters = _parameters(name, function)
    if parameters is None:
        return
    try:
        bound = inspect.Signature(parameters).bind(*wanted).arguments
    except TypeError:
        bound = None
    if bound is None or any(p.default is not p.empty and bound.get(p.name, p.name) != p.name for p in parameters):
        raise TypeError(f"{name} must take ({', '.join(wanted)}), got {_called(function)}")


def _parameters(name, function) -> list[inspect.Parameter] | None:
    """The parameters of a function; None for one in C that does not tell, such as `max`."""
    if not callable(function):
        raise TypeError(f"{name} must be a function, got {function!r}")
    try:
        return list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError):
        return None


def _called(function) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    try:
        return f"{name}{inspect.signature(function)}"
    except (ValueError, TypeError):
        return name
