"""A line of text does not break inside "65 %", "3.0 α" or "β = 0.9": the spaces in them become ones that hold."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

HOLDS = "\N{NO-BREAK SPACE}"
UNIT = r"[%αβκ](?!\w)"
EQUATION = re.compile(r"(?<!\w)([α-ω][₀-₉]?) = (?=[−+]?\d|$)")


def held(text: str, number_before: bool = False) -> str:
    """The text with spaces that hold. number_before: whether a number that a cell has computed stands before it."""
    if number_before:
        text = re.sub(rf"^ (?={UNIT})", HOLDS, text)
    text = re.sub(rf"(?<=\d) (?={UNIT})", HOLDS, text)
    return EQUATION.sub(rf"\1{HOLDS}={HOLDS}", text)


class HoldNumbers(SphinxPostTransform):
    """Goes through the paragraphs when the numbers of the cells stand in them."""

    default_priority = 900
    formats = ("html",)

    def run(self, **_):
        for paragraph in self.document.findall(nodes.paragraph):
            for i, text in enumerate(paragraph.children):
                if isinstance(text, nodes.Text):
                    before = paragraph[i - 1].astext() if i else ""
                    paragraph[i] = nodes.Text(held(text.astext(), number_before=before[-1:].isdigit()))


def setup(app):
    app.add_post_transform(HoldNumbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
