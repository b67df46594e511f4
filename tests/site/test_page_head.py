"""The description of a page is its first paragraph of plain text."""

import pytest
from docutils import nodes
from page_head import LENGTH, describe


def _page(*paragraphs):
    document = nodes.document(None, None)
    section = nodes.section()
    document += section
    section.extend(paragraphs)
    return document


def _text(text, *more):
    return nodes.paragraph("", "", nodes.Text(text), *more)


PLAIN = "What if every weight had its own step length?"


def test_the_first_paragraph_describes_the_page():
    assert describe(_page(_text(PLAIN), _text("Another paragraph that is long enough, too."))) == PLAIN


@pytest.mark.parametrize(
    "skipped",
    [
        _text("Too short."),
        _text("A paragraph that is long enough but has a formula: ", nodes.math("", r"\theta")),
        nodes.note("", _text("A paragraph that is long enough but stands in a box.")),
    ],
)
def test_a_paragraph_that_describes_nothing_is_passed_over(skipped):
    assert describe(_page(skipped, _text(PLAIN))) == PLAIN
    assert describe(_page(skipped)) == ""


def test_a_long_paragraph_is_cut_at_a_word():
    text = describe(_page(_text("gradient " * 50)))
    assert text.endswith("gradient …")
    assert len(text) <= LENGTH + 2
