"""Figures with a point to drag: NineAndOne, SweepMap and ValleyRotation move their sliders, and the other way round."""

import re

import pytest
from playwright.sync_api import expect

from rmsprop_lib.widgets import NineAndOne, SweepMap, ValleyRotation

from .figure_page import write_page


@pytest.fixture
def show(page, tmp_path):
    def open_figure(figure):
        page.goto(write_page(tmp_path, figure))
        expect(page.locator(".rms-told")).not_to_be_empty()
        return page.locator(".rms-start")

    yield open_figure
    page.log.assert_clean(tmp_path.as_uri())


def drag(page, handle, dx, dy):
    box = handle.locator(".rms-touch").bounding_box()
    x, y = box["x"] + 22, box["y"] + 22
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=3)
    page.mouse.up()


def test_longer_memory_brings_hintons_weight_back_to_the_right_way(show, page):
    handle = show(NineAndOne())
    expect(page.locator(".rms-told")).to_contain_text("goes the wrong way")
    drag(page, handle, 120, 0)
    expect(page.locator(".rms-told")).to_contain_text("goes the right way")
    assert float(page.get_by_label("memory 1/(1 − β), value").input_value()) > 100
    handle.press("Shift+ArrowUp")
    expect(page.get_by_label("imbalance δ, value")).to_have_value("0.200")
    for _ in range(12):
        handle.press("Shift+ArrowDown")
    expect(page.get_by_label("imbalance δ, value")).to_have_value("0.000")
    expect(page.locator(".rms-told")).to_contain_text("Their mean is 0")


def test_a_click_on_the_map_shows_the_run_of_that_cell(show, page):
    handle = show(SweepMap())
    expect(handle).to_have_attribute("aria-valuetext", "α 0.0316, β 0.98")
    page.locator(".rms-panel > svg").first.click(position={"x": 60, "y": 270})
    expect(handle).to_have_attribute("aria-valuetext", re.compile("α 0.001.*, β 0$"))
    expect(page.get_by_label("β, value")).to_have_value("0.000")
    handle.press("ArrowUp")
    expect(page.get_by_label("β, value")).to_have_value("0.500")
    handle.press("ArrowLeft")
    handle.press("ArrowLeft")
    handle.press("ArrowLeft")
    expect(page.locator(".rms-told")).to_contain_text(re.compile("^At α = 0.001, β = 0.5 the last loss is"))


def test_the_start_stays_where_it_was_dragged_while_the_valley_turns(show, page):
    handle = show(ValleyRotation(angle=0))
    expect(handle).to_have_attribute("aria-valuetext", "θ₁ -4.00, θ₂ 0.40")
    drag(page, handle, 100, 0)
    moved = handle.get_attribute("aria-valuetext")
    assert moved != "θ₁ -4.00, θ₂ 0.40"
    length = [float(x) for x in re.findall(r"-?\d+\.\d+", moved)]
    page.get_by_label("angle in degrees, value").fill("90")
    page.keyboard.press("Enter")
    expect(handle).not_to_have_attribute("aria-valuetext", moved)
    turned = [float(x) for x in re.findall(r"-?\d+\.\d+", handle.get_attribute("aria-valuetext"))]
    assert turned == pytest.approx([-length[1], length[0]], abs=0.011)
