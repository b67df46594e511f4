"""Put questions to an answer and read what it replies.

Nothing here knows a right result: this part runs beside the student's code, in the reader's notebook and in the jail
alike, and the replies are judged elsewhere. The NumPy functions are bound when the module is imported, so an answer
that replaces them later changes nothing here.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import math
import numbers
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from numpy import array as _array
from numpy import errstate as _errstate
from numpy import ndarray as _ndarray

MOST = 10**6  # numbers of one result


class Fault(Exception):
    """Why an answer has no results to compare: a name to count, and a sentence for the reader."""

    def __init__(self, name: str, sentence: str):
        super().__init__(sentence)
        self.name = name
        self.sentence = sentence


class Reply(NamedTuple):
    """What an answer gave for one case: float64 copies of its results, or the fault; and the arguments it changed."""

    parts: tuple[_ndarray, ...] = ()
    fault: Fault | None = None
    changed: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  # dtype of each part as it was returned, such as "float32"


class Replies(NamedTuple):
    """One reply per case; the same, asked again in another order; and whether old results changed later.

    names: the arguments as the answer calls them; empty if it does not say.
    """

    first: tuple[Reply, ...]
    second: tuple[Reply, ...]
    shared: bool
    names: tuple[str, ...] = ()


def ask(function, name: str, cases: Sequence, parameters: tuple[str, ...], results: tuple[str, ...]) -> Replies:
    """Ask every case twice, the second time in another order. Each call gets its own copies of the arrays.

    name: what the function is called in the exercise. Raises a Fault if it cannot be called at all.
    """
    names = _argument_names(function, name, parameters)
    raw: list = []
    order = [*range(1, len(cases), 2), *range(0, len(cases), 2)][::-1]
    with contextlib.redirect_stdout(_Nowhere()), warnings.catch_warnings(), _errstate(all="ignore"):
        warnings.simplefilter("ignore")
        first = tuple(_call(function, case.args, parameters, results, raw) for case in cases)
        again = {i: _call(function, cases[i].args, parameters, results, raw) for i in order}
    shared = any(_plain(value).tobytes() != bits for value, bits in raw)
    return Replies(first, tuple(again[i] for i in range(len(cases))), shared, names)


def number(answer) -> float:
    """The finite number that an answer is. Raises a Fault, as `choice` does."""
    if answer is ...:
        raise Fault("empty", "there is no answer yet: put your number in place of the dots")
    if callable(answer):
        raise Fault("wrong-type", "the answer is a number, got a function")
    if isinstance(answer, str):
        raise Fault("wrong-type", f"the answer is a number, got the text {str(answer)[:40]!r}{_advice(str(answer))}")
    if type(answer) is tuple and list(map(type, answer)) == [int, int]:
        raise Fault(
            "wrong-type", f"the answer is one number, got {answer}: before decimals stands a point, not a comma"
        )
    array, _ = convert(answer, "answer")
    if array.shape != ():
        raise Fault("wrong-type", f"the answer is one number, got an array of shape {array.shape}")
    if not math.isfinite(array.item()):
        raise Fault("not-finite", f"the answer is a finite number, got {array.item()}")
    return array.item()


def choice(answer, keys: Sequence[str]) -> str:
    """The letter that an answer is, in upper or lower case, with or without a bracket."""
    wanted = f"the answer is one of the letters {', '.join(keys)}"
    if answer is ... or (isinstance(answer, str) and not answer):
        raise Fault("empty", f"there is no answer yet: {wanted}")
    if not isinstance(answer, str):
        raise Fault("wrong-type", f"{wanted}, got a value of type {type(answer).__name__}")
    letter = str(answer).strip().strip("().").lower()
    if letter not in keys:
        raise Fault("no-such-choice", f"{wanted}, got {str(answer)[:40]!r}")
    return letter


def _advice(text: str) -> str:
    """What to do about a number in quotes; nothing, if it is another text."""
    if not re.fullmatch(r"\s*[-+]?\d*[.,]?\d+\s*", text):
        return ""
    return ": write a point, not a comma, and leave out the quotes" if "," in text else ": leave out the quotes"


def _argument_names(function, name: str, parameters: tuple[str, ...]) -> tuple[str, ...]:
    """The names of the function's arguments. Raises a Fault if it cannot be called with these parameters."""
    if not callable(function):
        kind = type(function).__name__
        raise Fault(
            "not-a-function",
            f"the check wants the function itself, without calling it, got a value of type {kind}: "
            f'write check("…", {name})',
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ()
    takes = tuple(str(parameter) for parameter in signature.parameters)
    try:
        signature.bind(*parameters)
    except TypeError:
        told = f"your function takes {str(signature.replace(return_annotation=inspect.Signature.empty))[:200]}"
        raise Fault("arguments", f"{told}; it is called as {name}({', '.join(parameters)})") from None
    return takes


def read(value, results: tuple[str, ...]) -> list:
    """The parts of a returned value, not yet converted. Raises a Fault if it is not a sequence of the right length."""
    wanted = f"({', '.join(results)})" if len(results) > 1 else "a number" if results == ("float",) else results[0]
    if value is ...:
        raise Fault("empty", f"your function returns the dots: there is no answer yet, which should be {wanted}")
    if value is None:
        raise Fault("no-return", f"your function returned nothing; its last line should return {wanted}")
    if inspect.isgenerator(value) or inspect.iscoroutine(value):
        value.close()
        word = (
            "generator: use return, not yield" if inspect.isgenerator(value) else "coroutine: write def, not async def"
        )
        raise Fault("no-return", f"your function returned a {word}")
    if isinstance(value, str | bytes | Mapping | Set) or callable(value):
        raise Fault("wrong-type", _of_type(value, wanted))
    if len(results) == 1:
        if isinstance(value, tuple) and _are_several(value):
            raise Fault("result-count", f"your function returned {_count(len(value))}, expected {wanted} alone")
        return [value]
    if isinstance(value, _ndarray):
        value = _plain(value)
        if value.ndim == 0 or len(value) != len(results):
            raise Fault("one-result", f"your function returned one array, expected {len(results)} results: {wanted}")
    elif not isinstance(value, Sequence):
        try:
            value = [value[i] for i in range(len(value))]
        except Exception:
            raise Fault("wrong-type", _of_type(value, wanted)) from None
    parts = list(value)
    if len(parts) != len(results):
        told = f"your function returned {_count(len(parts))}, expected {len(results)}: {wanted}"
        raise Fault("result-count", told)
    return parts


def _are_several(parts: tuple) -> bool:
    """Whether these cannot be the rows of one array."""
    rows = all(isinstance(part, _ndarray | numbers.Number | list | tuple) for part in parts)
    return not rows or len({getattr(part, "shape", ()) for part in parts}) > 1


def _of_type(value, wanted: str) -> str:
    return f"your function returned a value of type {type(value).__name__}, expected {wanted}"


def _count(results: int) -> str:
    return "1 result" if results == 1 else f"{results} results"


def convert(part, name: str) -> tuple[_ndarray, str]:
    """A float64 copy of one result, of NumPy's own array class, and the dtype that it came in."""
    name = "result" if name == "float" else name
    if isinstance(part, _ndarray) and part.size > MOST:
        raise Fault("not-numbers", f"your {name} has shape {part.shape}: that is more numbers than can be read")
    try:
        plain = _plain(part)
        if plain.dtype.kind == "O" and all(map(_is_real, plain.flat)):
            plain = plain.astype(float)
    except OverflowError:
        raise Fault("not-finite", f"your {name} is larger than any float64") from None
    except Exception as error:
        why = "its rows have different lengths" if "inhomogeneous" in str(error) else _short(error)
        raise Fault("not-numbers", f"your {name} is not an array of numbers: {why}") from None
    kind = plain.dtype.kind
    if kind == "c":
        raise Fault("complex", f"your {name} is complex; no root of a negative number should occur")
    if kind == "b":
        raise Fault("true-or-false", f"your {name} holds True and False, expected numbers")
    if kind not in "fiu":
        item = next((item for item in plain.flat if kind != "O" or not _is_real(item)), part)
        raise Fault("not-numbers", f"your {name} holds {_kind(item)}, expected numbers")
    return plain.astype(float), plain.dtype.type.__name__


def _kind(item) -> str:
    return "None" if item is None else f"a value of type {type(item).__name__}"


def _is_real(value) -> bool:
    """Also of a Decimal, which is a Number but no Real."""
    return isinstance(value, numbers.Number) and not isinstance(value, complex)


def _plain(value) -> _ndarray:
    """A copy in NumPy's own class: a subclass could compare itself equal to everything."""
    return _array(value, copy=True, subok=False)


def _call(function, args, parameters, results, raw) -> Reply:
    mine = [_plain(arg) if isinstance(arg, _ndarray) else arg for arg in args]
    try:
        value = function(*mine)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an answer may well call exit()
        return Reply(fault=_crash(error, function), changed=_changed(args, mine, parameters))
    changed = _changed(args, mine, parameters)
    try:
        pieces = read(value, results)
        converted = [convert(piece, name) for piece, name in zip(pieces, results, strict=True)]
    except Fault as fault:
        return Reply(fault=fault, changed=changed)
    except Exception as error:
        return Reply(fault=Fault("wrong-type", f"your results could not be read: {_short(error)}"), changed=changed)
    raw.extend((piece, _plain(piece).tobytes()) for piece in pieces if isinstance(piece, _ndarray))
    return Reply(tuple(part for part, _ in converted), changed=changed, kinds=tuple(kind for _, kind in converted))


def _changed(before, after, parameters) -> tuple[str, ...]:
    return tuple(
        name
        for name, old, new in zip(parameters, before, after, strict=True)
        if isinstance(old, _ndarray)
        and (old.shape != new.shape or old.dtype != new.dtype or old.tobytes() != new.tobytes())
    )


def _crash(error: BaseException, function) -> Fault:
    """The reader's own line and what went wrong in it; no traceback."""
    code = getattr(inspect.unwrap(function), "__code__", None) or getattr(type(function).__call__, "__code__", None)
    below = list(places(error))[1:]
    own = [place for place in below if code is not None and place[0] == code.co_filename] or below[:1]
    where = "your function"
    if own:
        file, number = own[-1]
        line = linecache.getline(file, number).strip()
        where = f"line {number} of your code" + (f", `{line}`," if line else "")
    if isinstance(error, SystemExit):
        return Fault("crash", f"{where} leaves Python (exit), expected a result")
    return Fault("crash", f"{where} stops with {_short(error)}")


def places(error: BaseException) -> Iterator[tuple[str, int]]:
    """File and line of each call that led to the error, the innermost last."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _short(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = ""
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


class _Nowhere(io.TextIOBase):
    """Takes what an answer prints: a hundred calls would fill the page."""

    def write(self, text):
        return len(text)
