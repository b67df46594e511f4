"""What chapter gradient_descent claims with its numbers."""

import pytest

from rmsprop_lib import figures


def test_the_first_step_by_hand_is_theta_minus_lr_times_gradient(glued):
    assert glued["gd-first-flat"] == pytest.approx(glued["gd-start-flat"] - 0.095 * glued["gd-gradient-flat"])
    assert -glued["gd-first-steep"] == pytest.approx(glued["gd-start-steep"] - 0.095 * glued["gd-gradient-steep"])
    assert glued["gd-gradient-steep"] == 20 * glued["gd-start-steep"]  # "its gradient is (θ₁, 20 θ₂)"


def test_the_first_step_is_shorter_along_the_longer_way(glued):
    along = glued["gd-start-flat"] - glued["gd-first-flat"]
    across = glued["gd-start-steep"] + glued["gd-first-steep"]
    assert along < across and glued["gd-start-flat"] > glued["gd-start-steep"]
    assert 0.8 < glued["gd-first-steep"] / glued["gd-start-steep"] < 1  # "almost as high as before"


def test_the_limit_is_where_alpha_is_a_tenth(glued):
    assert glued["gd-limit"] == pytest.approx(0.1)  # "At α = 0.1 it bounces for ever"


def test_the_best_learning_rate_leaves_what_theory_says(glued):
    assert glued["gd-best"] == pytest.approx(2 / 21)
    assert abs(glued["gd-best"] - 0.095) < 0.001  # "the slider stood at the best place"
    assert glued["gd-best-factor"] == pytest.approx(19 / 21)
    assert glued["gd-measured-factor"] == pytest.approx(glued["gd-best-factor"], rel=1e-6)


def test_steps_grow_in_proportion_to_the_condition_number(glued):
    assert glued["gd-steps-1000"] / glued["gd-steps-20"] == pytest.approx(50, rel=0.02)
    assert glued["gd-steps-1000"] == pytest.approx(glued["gd-law-1000"], rel=0.01)


def test_one_percent_below_the_limit_learns_and_one_percent_above_diverges_on_real_data(glued):
    assert glued["gd-raw-below"] < 0.2 and glued["gd-standardised-below"] < 0.2
    assert glued["gd-raw-above"] > 1000 and glued["gd-standardised-above"] > 1000


def test_raw_units_look_finished_long_before_they_are(glued):
    assert glued["gd-patients"] == 442
    assert glued["gd-long"] == 20_000
    assert 5 < glued["gd-raw-first"] < 20 and 1 < glued["gd-raw-end"] < 2
    assert glued["gd-raw-intercept"] < 0.01 * glued["gd-true-intercept"]  # "has not begun to move"
    assert glued["gd-raw-intercept"] > 0 and glued["gd-true-intercept"] > 300  # both are printed after a minus sign
    assert glued["gd-raw-kappa-millions"] > 10  # "we would wait for millions of steps"


def test_standardising_makes_ten_steps_better_than_all_raw_ones(glued):
    assert glued["gd-scaled-steps"] <= 10
    assert glued["gd-scaled-end"] <= 1e-12  # "this run does arrive"
    assert glued["gd-scaled-end-text"] == figures.scientific(glued["gd-scaled-end"])
    assert glued["gd-unit-ratio"] > 50
    assert glued["gd-scaled-kappa"] < 1e-4 * 1e6 * glued["gd-raw-kappa-millions"]


def test_standardising_takes_both_the_dividing_and_the_moving(glued):
    for alone in (glued["gd-divided-kappa-thousands"], glued["gd-moved-kappa-thousands"]):
        assert 100 * glued["gd-scaled-kappa"] < 1000 * alone < 1e6 * glued["gd-raw-kappa-millions"] / 100


def test_what_is_left_after_standardising_is_correlation(glued):
    assert glued["gd-cholesterol"] > 0.85
    assert glued["gd-turned-first"] <= 1e-12  # "one step"
    assert glued["gd-turned-first-text"] == figures.scientific(glued["gd-turned-first"])


def test_in_the_narrow_valley_gradient_descent_is_last(glued):
    assert glued["gd-narrow-left"] > 10
    assert glued["gd-narrow-adagrad"] < glued["gd-narrow-momentum"] < 400
    assert glued["gd-narrow-momentum"] < 0.1 * glued["gd-steps-1000"]  # √κ in place of κ
    assert glued["gd-narrow-climb"] > 10  # "the loss first climbs"


def test_turning_the_valley_takes_adagrads_advantage_but_not_gradient_descents(glued):
    assert glued["gd-turned-adagrad"] > 100 * glued["gd-aligned-adagrad"] > 0
    assert glued["gd-turned-descent"] == pytest.approx(glued["gd-steps-1000"], rel=0.01)
    assert glued["gd-turned-adagrad"] > 0.5 * glued["gd-turned-descent"]


def test_the_flattest_direction_keeps_its_error_when_the_middle_is_done(glued):
    assert glued["gd-spectrum-flat"] > 80  # "the one that you wait for"
    assert glued["gd-spectrum-middle"] < 2 < glued["gd-spectrum-flat"]  # "as good as done"
    assert glued["gd-spectrum-steep"] < 5
    assert glued["gd-spectrum-steps"] == 20
