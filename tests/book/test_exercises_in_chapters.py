"""The exercises of a chapter stand in its page as in the library, with label, check, hint and solution; a number or a
choice is answered in a quiz.
"""

import re

import pytest

from rmsprop_lib.exercises import BY_ID
from tests.book.conftest import ROOT

CHAPTERS = {path.stem: path.read_text("utf8") for path in (ROOT / "book").glob("*.md")}
EXERCISES = [e for e in BY_ID.values() if e.chapter in CHAPTERS]


@pytest.fixture(params=EXERCISES, ids=lambda e: e.id)
def exercise(request):
    return request.param


def test_the_page_asks_what_the_library_asks(exercise):
    assert _words(exercise.text) in _words(CHAPTERS[exercise.chapter])


def test_a_number_or_a_choice_is_answered_in_a_quiz_which_alone_shows_the_choices(exercise):
    page = CHAPTERS[exercise.chapter]
    assert page.count(f'\nwidgets.Quiz("{exercise.id}")\n') == (exercise.kind != "code")
    assert [text for text in exercise.choices.values() if _words(text) in _words(page)] == []


def test_the_page_has_label_check_hint_and_solution(exercise):
    page = CHAPTERS[exercise.chapter]
    parts = (f"(ex-{exercise.id})=", f'check("{exercise.id}"', f'hint("{exercise.id}")', f'solution("{exercise.id}")')
    assert [part for part in parts if page.count(part) != 1] == []


def test_the_page_starts_the_function_with_the_right_signature(exercise):
    if exercise.kind == "code":
        assert f"def {exercise.signature.partition(' -> ')[0]}:" in CHAPTERS[exercise.chapter]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_checks_only_exercises_of_its_own(chapter):
    ids = re.findall(r"^\(ex-([\w-]+)\)=", CHAPTERS[chapter], re.M)
    assert [i for i in ids if i not in BY_ID or BY_ID[i].chapter != chapter] == []


def _words(text: str) -> str:
    """The text without emphasis, code marks and line breaks, which a page may set as it likes."""
    return re.sub(r"\s+", " ", re.sub(r"[*`]", "", text)).strip()
