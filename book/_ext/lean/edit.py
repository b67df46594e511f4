"""Edits that must happen: a replacement that finds another number of places than expected stops the build."""

from __future__ import annotations

import re
from collections.abc import Callable

from sphinx.errors import ExtensionError


def replace(pattern: str | re.Pattern, new: str | Callable, text: str, where: str, *, times: range | int) -> str:
    """`re.sub` over `text`; `times` is the number of replacements expected, or a range of them."""
    text, count = re.subn(pattern, new, text)
    expected = range(times, times + 1) if isinstance(times, int) else times
    if count not in expected:
        shown = pattern if isinstance(pattern, str) else pattern.pattern
        wanted = str(times) if isinstance(times, int) else f"{times.start} to {times.stop - 1}"
        raise ExtensionError(
            f"{where}: wanted {wanted} of {shown!r}, got {count}; has the theme changed? (book/_ext/lean)"
        )
    return text


ANY = range(0, 1_000_000)
SOME = range(1, 1_000_000)
