"""A repair in Sphinx's search script."""

from __future__ import annotations

from pathlib import Path

from .edit import replace


def patch(out: Path) -> None:
    """From file:// a browser may not read other pages, so the search shows titles without excerpts there, instead of an
    error for each result.
    """
    path = out / "_static/searchtools.js"
    text = path.read_text("utf8")
    text = replace(
        r"else if \(showSearchSummary\)",
        'else if (showSearchSummary && location.protocol !== "file:")',
        text,
        path.name,
        times=1,
    )
    path.write_text(text, "utf8")
