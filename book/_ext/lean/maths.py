"""The stylesheet and the fonts of the formulas: woff2 alone, with the characters that the book's formulas use."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from katex_math import STYLESHEET, VENDOR

from .edit import replace
from .fonts import cut


def write(out: Path, pages: Iterable[str]) -> None:
    """Put `maths/katex.css` and its fonts into `_static`."""
    target = out / "_static" / STYLESHEET
    (target.parent / "fonts").mkdir(parents=True, exist_ok=True)
    css = (VENDOR / "katex.min.css").read_text("utf8")
    css = replace(r',url\([^)]*\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)', "", css, "katex.min.css", times=40)
    target.write_text(css, "utf8")
    characters = characters_in(pages)
    for font in sorted((VENDOR / "fonts").glob("*.woff2")):
        copy = target.parent / "fonts" / font.name
        shutil.copyfile(font, copy)
        cut(copy, characters, features=["*"])


def characters_in(pages: Iterable[str]) -> set[int]:
    """Code points of every character that a formula draws."""
    drawn = _Drawn()
    for page in pages:
        drawn.feed(page)
    return set(map(ord, "".join(drawn.text)))


class _Drawn(HTMLParser):
    """The text inside the elements that KaTeX draws (and not of the MathML beside them)."""

    def __init__(self):
        super().__init__()
        self.text: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        if tag == "span" and (self.depth or ("class", "katex-html") in attrs):
            self.depth += 1

    def handle_endtag(self, tag):
        if tag == "span" and self.depth:
            self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.text.append(data)
