"""Code of the library that a chapter shows as it stands fits into the page: no reader scrolls for its point."""

import ast
import re

import pytest

from tests.book.conftest import ROOT

INCLUDED = re.compile(r"```\{literalinclude\} (\S+)\n:pyobject: (\w+)")
SHOWN = {
    (name, (page.parent / path).resolve()): page.name
    for page in sorted((ROOT / "book").glob("*.md"))
    for path, name in INCLUDED.findall(page.read_text("utf8"))
}
COLUMNS = 80  # as many as the page has beside its margins


@pytest.mark.parametrize(("name", "path"), SHOWN, ids=[name for name, _ in SHOWN])
def test_a_function_that_a_chapter_shows_is_no_wider_than_the_page(name, path):
    text = path.read_text("utf8")
    (function,) = (node for node in ast.parse(text).body if getattr(node, "name", "") == name)
    lines = text.splitlines()[function.lineno - 1 : function.end_lineno]
    assert [line for line in lines if len(line) > COLUMNS] == []
