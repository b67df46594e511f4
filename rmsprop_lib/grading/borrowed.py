"""Whether an answer leans on the library whose exercise it answers."""

from __future__ import annotations

import functools
import inspect
import sys
import warnings
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path

import numpy as np

from ..exercises import Case
from .inside.ask import Fault

HOME = str(Path(__file__).parents[1])


def fault(part: str) -> Fault:
    """What is said to an answer that calls a part of the library."""
    return Fault("library", f"your answer calls {part}, which does the work for you: write the lines yourself")


def part_called(function, case: Case) -> str:
    """The name of the first function of the library that an answer calls in this case; empty for none."""
    parts: list[str] = []

    def notice(frame, event, arg):
        if event == "call" and _is_ours(frame.f_code) and not parts:
            parts.append(_name(frame.f_globals.get("__name__"), frame.f_code))

    args = [np.array(arg) if isinstance(arg, np.ndarray) else arg for arg in case.args]
    before = sys.getprofile()
    with (
        redirect_stdout(StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        suppress(Exception, SystemExit),
    ):
        warnings.simplefilter("ignore")
        sys.setprofile(notice)
        try:
            function(*args)
        finally:
            sys.setprofile(before)
    return "".join(parts)


def own_part(answer) -> str:
    """The name of the library's function that an answer is, or that a compiled answer calls; empty for any other."""
    function = _bare(answer)
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    if _is_ours(code):
        return _name(function.__module__, code)
    if function is answer:
        return ""
    called = [function.__globals__.get(name) for name in code.co_names]
    return next((part for other in called if other is not answer and (part := own_part(other))), "")


def _bare(answer):
    """The function inside a method, a partial or a compiled function."""
    for _ in range(10):
        inner = getattr(answer, "func", None) if isinstance(answer, functools.partial) else None
        inner = inner or inspect.getattr_static(answer, "py_func", None) or getattr(answer, "__func__", None)
        if inner is None:
            break
        answer = inner
    return answer


def _is_ours(code) -> bool:
    return code.co_filename.startswith(HOME)


def _name(module: str | None, code) -> str:
    return f"{module}.{getattr(code, 'co_qualname', code.co_name)}"
