"""GradientStream in a real browser: its gradient is edited by mouse, touch and keys."""

import re

import pytest
from playwright.sync_api import expect

from rmsprop_lib.widgets import GradientStream

from .figure_page import write_page


@pytest.fixture
def handle(page, tmp_path):
    page.goto(write_page(tmp_path, GradientStream("spike")))
    handle = page.get_by_role("slider", name="gradient at one step")
    expect(handle).to_have_attribute("aria-valuetext", re.compile("step 31, gradient 0.10"))
    yield handle
    page.log.assert_clean(tmp_path.as_uri())


def test_dragging_paints_the_gradients_it_passes(handle, page):
    box = handle.locator(".rms-touch").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 40, steps=2)
    page.mouse.move(x + 60, y - 40, steps=4)
    page.mouse.up()
    text = handle.get_attribute("aria-valuetext")
    step, value = int(re.search(r"step (\d+)", text)[1]), float(re.search(r"gradient (\S+)", text)[1])
    assert step > 36 and 1.5 < value <= 3
    page.get_by_role("button", name="Link").click()
    edits = re.search("edits:([^,]*)", page.url)[1]
    assert edits.count("~") + edits.count("%7E") == step - 31 + 1  # every step on the way was set


def test_keys_choose_the_step_and_set_its_gradient(handle):
    handle.press("ArrowRight")
    handle.press("Shift+ArrowRight")
    expect(handle).to_have_attribute("aria-valuetext", "step 42, gradient 0.10")
    handle.press("ArrowUp")
    handle.press("Shift+ArrowDown")
    expect(handle).to_have_attribute("aria-valuetext", "step 42, gradient -0.80")
    for _ in range(5):
        handle.press("Shift+ArrowDown")
    expect(handle).to_have_attribute("aria-valuetext", "step 42, gradient -3.00")


def test_a_click_on_any_panel_chooses_the_step_of_the_sentence(handle, page):
    page.locator(".rms-panel > svg").nth(3).click(position={"x": 334, "y": 40})
    expect(handle).to_have_attribute("aria-valuetext", re.compile("step 5[0-9]"))
    expect(page.locator(".rms-told")).to_contain_text(re.compile("At step 5[0-9] the gradient is 0.10"))


def test_another_shape_forgets_the_edits(handle, page):
    handle.press("Shift+ArrowUp")
    page.get_by_label("gradient", exact=True).select_option("step")
    expect(handle).to_have_attribute("aria-valuetext", "step 31, gradient 0.30")
