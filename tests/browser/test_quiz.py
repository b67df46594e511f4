"""Quizzes and predictions in a real browser, in pages of their own from file://: answered by mouse and by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from rmsprop_lib.exercises import BY_ID
from rmsprop_lib.grading import check
from rmsprop_lib.widgets import Prediction, Quiz

PHONE = {"width": 375, "height": 812}
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
REPLIES = {"It stops.": "It does not.", "It goes on.": "So it does."}
ASKED = [id for id, exercise in BY_ID.items() if exercise.kind != "code"]


def press(page, name, question=0):
    page.locator(".rms-quiz").nth(question).get_by_role("button", name=name).click()


def test_a_choice_is_judged_and_tried_again_and_reset(show):
    page = show(Quiz("loss-times-1000"))
    said, reset = page.get_by_role("status"), page.get_by_role("button", name="Reset")
    expect(reset).to_be_hidden()
    press(page, "Check")
    expect(said).to_have_text("Choose an answer first.")
    page.get_by_role("radio", name="b)").check()
    press(page, "Check")
    wrong = check("loss-times-1000", "b")
    expect(said).to_have_text(f"✗ Not yet. Y{wrong.diagnosis[1:]}")
    expect(page.get_by_text(wrong.hint)).to_be_hidden()
    page.get_by_text("Hint for this answer").click()
    expect(page.get_by_text(wrong.hint)).to_be_visible()
    page.get_by_role("radio", name="d)").check()
    press(page, "Check")
    expect(said).to_have_text(f"✓ Right. {check('loss-times-1000', 'd').diagnosis}")
    expect(page.get_by_text("Hint for this answer")).to_be_hidden()
    reset.click()
    expect(said).to_be_empty()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.get_by_role("radio").first).to_be_focused()
    assert "#" not in page.url


def test_a_number_is_judged_as_it_is_typed(show):
    page = show(Quiz("first-step-factor"))
    field, said = page.get_by_role("textbox", name="Number"), page.get_by_role("status")
    for text, starts in (
        ("3,162", "✓ Right. 3.162 is right."),
        ("10^1/2", "✗ Not yet. 5 is not right."),
        ("√10", "A number is wanted, such as"),
        ("10", "✗ Not yet. You answered 10: that is 1/(1 − β)"),
        ("3.1", "✗ Not yet. 3.1 is close"),
        ("", "A number is wanted"),
    ):
        field.fill(text)
        field.press("Enter")
        expect(said).to_contain_text(starts)
        assert field.input_value() == text
        assert (BY_ID["first-step-factor"].solution_text in said.inner_text()) == starts.startswith("✓")


def test_all_of_it_works_by_keyboard(show):
    page = show(Quiz("loss-times-1000"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="a)")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Check")).to_be_focused()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You answered b")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(check("loss-times-1000", "b").hint)).to_be_visible()


def test_a_prediction_is_replied_to_and_then_revealed_and_not_judged(show):
    page = show(Prediction("Will it stop?", REPLIES, reveal="Each step is α long."))
    said = page.get_by_role("status")
    expect(said).to_be_empty()
    expect(page.get_by_role("group", name="Will it stop?")).to_be_visible()
    page.get_by_role("radio", name="It stops.").check()
    expect(said).to_be_empty()
    press(page, "Commit")
    assert said.locator("p").all_inner_texts() == ["It does not.", "Each step is α long."]


def test_questions_of_one_page_do_not_disturb_each_other(show):
    page = show(Quiz("loss-times-1000"), Quiz("adagrad-rate-to-zero"), Prediction("Will it stop?", REPLIES))
    for name in ("a) They", "c) It settles", "It stops."):
        page.get_by_role("radio", name=name).check()
    expect(page.get_by_role("radio", checked=True)).to_have_count(3)
    press(page, "Check", question=1)
    expect(page.get_by_role("status").nth(1)).to_contain_text("c is right")
    expect(page.get_by_role("status").nth(0)).to_be_empty()


def test_the_page_says_what_the_check_says_to_every_choice(show):
    chosen = [id for id in ASKED if BY_ID[id].kind == "concept"]
    page = show(*map(Quiz, chosen))
    for i, id in enumerate(chosen):
        for letter in BY_ID[id].choices:
            page.locator(".rms-quiz").nth(i).get_by_role("radio", name=f"{letter})").check()
            press(page, "Check", question=i)
            expect(page.get_by_role("status").nth(i)).to_contain_text(check(id, letter).diagnosis[1:])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone_and_nothing_is_too_wide_or_too_small(show, theme):
    page = show(*map(Quiz, ASKED), Prediction("Will it stop?", REPLIES), viewport=PHONE, has_touch=True)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    for form in page.locator(".rms-quiz").all():
        field = form.locator("input").first
        field.check() if field.get_attribute("type") == "radio" else field.fill("17")
        form.locator("[type=submit]").click()
    page.evaluate(AXE.read_text("utf8"))
    found = page.evaluate("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for target in page.locator(".rms-quiz :is(button, label)").all():
        assert target.bounding_box()["height"] >= 43.9


def test_an_answer_saved_in_the_notebook_is_shown(show):
    choice, number = Quiz("loss-times-1000"), Quiz("first-step-factor")
    choice.answer, number.answer = "d", 10
    page = show(choice, number)
    expect(page.get_by_role("radio", name="d)")).to_be_checked()
    expect(page.get_by_role("textbox")).to_have_value("10")
    assert [text[:2] for text in page.get_by_role("status").all_inner_texts()] == ["✓ ", "✗ "]
