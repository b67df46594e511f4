"""Figures of recorded numbers, and readers' own rules, in a browser: what diverges, where sliders stop, what fades."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from rmsprop_lib.widgets import DescentSpectrum, GradientStream, NineAndOne, SpectrumFigure, ValleyRotation
from rmsprop_lib.widgets.examples import recorded

from .figure_page import write_page


@pytest.fixture
def show(page, tmp_path):
    def open_figure(figure):
        page.goto(write_page(tmp_path, figure))
        expect(page.locator(".rms-told")).not_to_be_empty()
        return page

    yield open_figure
    page.log.assert_clean(tmp_path.as_uri())


def test_sliders_of_a_recorded_run_stop_at_the_values_of_its_grid(show):
    page = show(recorded())
    beta = page.get_by_label("β", exact=True)
    seen = []
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight"):
        beta.press(key)
        seen.append(page.get_by_label("β, value").input_value())
    assert seen == ["0", "0.9", "0.99", "0.99"]
    expect(page.locator(".rms-told")).to_contain_text(re.compile("RMSProp at [^:]*β = 0.99[^:]*: the last loss is"))
    expect(page.locator(".rms-told")).to_contain_text(". Gradient descent at α = 0.3:")  # it has no β


def test_a_recorded_run_that_diverges_ends_in_a_cross_and_is_counted(show):
    page = show(recorded())
    page.get_by_label("α", exact=True).press("Home")
    expect(page.locator(".rms-exit")).to_have_count(0)
    page.get_by_label("α", exact=True).press("End")
    expect(page.locator(".rms-exit")).not_to_have_count(0)
    expect(page.locator(".rms-told")).to_contain_text(
        re.compile(r"not finite\. 3 of 3 runs are not finite by step \d+")
    )
    expect(page.locator(".rms-legend")).to_contain_text("not finite")


def test_the_best_run_is_pale_behind_and_not_drawn_twice(show):
    figure = recorded()
    page = show(figure)
    expect(page.locator(".rms-pale")).to_have_count(2)
    best = figure.best("RMSProp")
    for name, value in (("α", best["lr"]), ("β", best["beta"])):
        page.get_by_label(f"{name}, value").fill(f"{value:g}")
        page.keyboard.press("Enter")
    expect(page.locator(".rms-told")).to_contain_text("No setting of the grid ends lower.")
    expect(page.locator(".rms-pale")).to_have_count(1)


def test_beyond_the_limit_the_error_of_gradient_descent_grows_and_says_so(show):
    page = show(DescentSpectrum([1.0, 4.0, 20.0]))
    expect(page.locator(".rms-told")).to_contain_text("most error is left at λ = 1.0")
    page.get_by_label("α, value").fill("0.12")
    page.keyboard.press("Enter")
    expect(page.locator(".rms-told")).to_contain_text("the error grows along 1 of 3 eigenvectors, most at λ = 20")
    page.get_by_label("steps t, value").fill("500")
    page.keyboard.press("Enter")
    expect(page.locator(".rms-told")).to_contain_text("to 1.2·10⁷³ times the first")
    assert page.locator(".rms-exit").get_attribute("d")  # ✕ at the edge


def test_numbers_that_are_not_finite_and_zeros_are_marked(show):
    table = np.array([[1.0, 0.0, np.nan, np.inf, 1e-5], [1.0, 0.1, 0.01, 1e-3, 1e-4]])
    page = show(SpectrumFigure(range(5), {"norm": table}, {"ρ": [0.5, 0.9]}, at={"ρ": 0.5}, xlabel="lag"))
    expect(page.locator(".rms-told")).to_contain_text("norm is 1.0 at lag 0 and 1.0·10⁻⁵ at lag 4.0, 2 of 5 not finite")
    assert page.locator(".rms-exit").get_attribute("d").count("M") == 2
    expect(page.locator(".rms-plot text")).to_have_text("0")
    page.get_by_label("ρ", exact=True).press("End")
    expect(page.locator(".rms-told")).to_contain_text("At ρ = 0.9: norm is 1.0 at lag 0 and 1.0·10⁻⁴ at lag 4.0.")
    assert not page.locator(".rms-exit").get_attribute("d")


def my_rule(theta, grad, m, lr):
    m = 0.9 * m + 0.1 * grad
    return theta - lr * m, m


@pytest.mark.parametrize(
    ("make", "slider"),
    [(GradientStream, "α"), (NineAndOne, "α"), (ValleyRotation, "α RMSProp")],
    ids=["stream", "weight", "valley"],
)
def test_a_rule_of_the_reader_is_drawn_and_fades_when_the_sliders_leave_it(show, make, slider):
    figure = make()
    figure.add(my_rule)
    page = show(figure)
    expect(page.locator(".rms-legend")).to_contain_text("my_rule")
    expect(page.locator(".rms-told")).to_contain_text("my_rule")
    assert page.locator(".rms-dim").count() == 0
    page.get_by_label(slider, exact=True).press("ArrowLeft")
    expect(page.locator(".rms-told")).to_contain_text("my_rule was computed in Python for other settings")
    assert page.locator(".rms-plot .rms-dim").count() >= 1
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".rms-told")).not_to_contain_text("other settings")
