"""Every number in the prose comes from a cell, and every one of them has a test that guards the claim made with it."""

import re
from pathlib import Path

import pytest

from tests.book.conftest import ROOT, glued_values
from tests.book.guards import defined, matches, typed_results, used

CHAPTERS = sorted(p for p in (ROOT / "book").glob("*.md") if "{code-cell}" in p.read_text("utf8"))
HERE = Path(__file__).parent


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param


def test_every_number_shown_is_glued_by_a_cell(chapter):
    source = chapter.read_text("utf8")
    assert sorted(n for n in used(source) if not matches(n, defined(source))) == []


def test_every_glued_number_is_guarded_by_the_tests_of_its_chapter(chapter):
    source = chapter.read_text("utf8")
    tests = HERE / f"test_{chapter.stem}.py"
    guarded = set(re.findall(r"""glued\[["']([^"']+)["']\]""", tests.read_text("utf8"))) if tests.exists() else set()
    assert sorted(used(source) - guarded) == [], f"glued[…] is missing in {tests.name}"
    assert sorted(d for d in defined(source) if not any(matches(g, {d}) for g in guarded)) == [], f"not in {tests.name}"
    assert sorted(g for g in guarded if not matches(g, defined(source))) == [], "no cell glues it"


def test_no_result_is_typed_by_hand(chapter):
    assert typed_results(chapter.read_text("utf8")) == []


TEXT = """---
n: 12345
---
We took α = 0.1 and got {glue:text}`x-a:.2f`.

```{code-cell} ipython3
run(lr=0.1, steps=20_000)
glue("x-a", 1.0)
glue(f"x-{name}-b", 2.0)
```
"""


def test_names_are_found_in_cells_and_in_prose():
    assert defined(TEXT) == {"x-a", "x-*-b"}
    assert used(TEXT) == {"x-a"}
    assert matches("x-raw-b", defined(TEXT)) and not matches("x-raw-c", defined(TEXT))


@pytest.mark.parametrize("typed", ["0.37", "1234", "85 %", "3e-5", "1 234.5"])
def test_a_result_typed_by_hand_is_found(typed):
    assert typed_results(f"{TEXT}It fell to {typed} in the end.") == [typed.removesuffix(" %").replace(" ", "")]


@pytest.mark.parametrize(
    "fine",
    ["α = 0.1", "20000 steps", "three", "Efron (2004)", "$0.37$", "`0.37`", "```\n0.37\n```", "chapter 3", "at 45°"],
)
def test_settings_formulas_and_years_are_no_results(fine):
    assert typed_results(f"{TEXT}Here {fine} stands.") == []


def test_numbers_and_texts_are_read_from_the_record_of_the_build():
    record = {"x": {"data": {"text/plain": "1.5"}}, "y": {"data": {"text/plain": ["'0.3 ", "(0.2 to 0.4)'"]}}}
    assert glued_values(record) == {"x": 1.5, "y": "0.3 (0.2 to 0.4)"}
