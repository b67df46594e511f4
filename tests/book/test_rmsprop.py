"""The claims of chapter rmsprop, held against what its cells measured."""

import math

import pytest

from rmsprop_lib import figures


def test_over_a_round_of_nine_and_one_signs_drift_by_eight_and_gradient_descent_stays(glued):
    assert glued["rms-round-gd"] == pytest.approx(0, abs=1e-9)
    assert glued["rms-round-sign"] == pytest.approx(8)


def test_rmsprop_drifts_much_less_than_signs_and_less_with_a_slower_average(glued):
    assert 0 < glued["rms-round-rmsprop"] < glued["rms-round-sign"] / 10
    assert 0 < glued["rms-round-slow"] < glued["rms-round-rmsprop"] / 5


def test_the_first_step_in_the_valley_goes_off_at_45_degrees(glued):
    assert glued["rms-first-slope"] == pytest.approx(1, rel=1e-6)
    assert glued["rms-first"] == pytest.approx(0.1 / math.sqrt(1 - 0.9), rel=1e-6)


def test_rmsprop_comes_far_below_gradient_descent_and_then_is_thrown_out(glued):
    assert glued["rms-lowest"] < glued["rms-gd-then"] / 1000
    assert glued["rms-jump"] > 1e6 * glued["rms-lowest"]
    assert 0 < glued["rms-jump-step"] - glued["rms-lowest-step"] < 10
    assert glued["rms-end"] > 0.01 > 1e-9 > glued["rms-gd-end"]


def test_halving_alpha_quarters_the_level_at_which_the_loss_ends(glued):
    assert glued["rms-halved"] == pytest.approx(0.25, rel=0.05)


def test_small_numbers_are_written_as_they_were_measured(glued):
    assert glued["rms-lowest-text"] == figures.scientific(glued["rms-lowest"])
    assert glued["rms-gd-then-text"] == figures.scientific(glued["rms-gd-then"])
    assert glued["rms-gd-end-text"] == figures.scientific(glued["rms-gd-end"])
    assert glued["rms-decay-inverse-text"] == figures.scientific(glued["rms-decay-inverse"])
    assert glued["rms-decay-cosine-text"] == figures.scientific(glued["rms-decay-cosine"])
    assert glued["rms-turned-sgd-text"] == figures.scientific(glued["rms-turned-sgd"])
    assert glued["rms-turned-momentum-text"] == figures.scientific(glued["rms-turned-momentum"])
    assert glued["rms-turned-rmsprop-text"] == figures.scientific(glued["rms-turned-rmsprop"])


def test_the_half_life_of_nine_tenths_is_ln_half_over_ln_beta(glued):
    assert 0.9 ** glued["rms-half-life"] == pytest.approx(0.5)


def test_the_step_by_hand_is_the_step_of_the_library(glued):
    assert glued["rms-by-hand-difference"] < 1e-15


def test_effective_rates_differ_by_the_ratio_of_gradients_and_not_of_curvatures(glued):
    assert glued["rms-rate-ratio"] == pytest.approx(5)


def test_rates_fall_while_v_fills_up_and_then_rise_past_the_limit_of_the_steep_axis(glued):
    assert 0.4 < glued["rms-rate-10"] < 0.6
    assert glued["rms-rate-60"] > 2 * 0.1


def test_the_first_step_is_alpha_over_the_root_of_one_minus_beta(glued):
    assert glued["rms-first-error"] < 1e-12
    assert glued["rms-first-999"] == pytest.approx(1000**0.5)
    assert glued["rms-first-99"] == pytest.approx(10)


def test_no_step_is_longer_than_the_bound_and_a_spike_touches_it(glued):
    assert 0.999 < glued["rms-longest-over-bound"] <= 1 + 1e-12
    assert glued["rms-longest"] == pytest.approx(10**0.5, rel=1e-3)


def test_a_usual_step_is_about_alpha(glued):
    assert glued["rms-usual"] == pytest.approx(1, abs=0.1)


def test_a_spike_freezes_the_coordinate_for_about_as_long_as_the_formula_says(glued):
    formula = math.log((1 - 0.9) * 100**2 / 3) / math.log(1 / 0.9)
    assert glued["rms-frozen"] == pytest.approx(formula, rel=0.25)


def test_gradient_descent_works_for_one_unit_of_the_loss_only(glued):
    assert glued["rms-unit-gd-low"] > 0.1
    assert glued["rms-unit-gd-high"] < 10


def test_rmsprop_does_not_notice_the_unit_until_gradients_meet_epsilon(glued):
    assert glued["rms-invariance"] == 0
    assert glued["rms-unit-spread"] < 1.01
    assert glued["rms-unit-tiny"] > 0.9


def test_the_last_cycle_is_half_alpha_with_effective_sharpness_two(glued):
    assert glued["rms-cycle-error"] < 1e-6
    assert glued["rms-cycle-sharpness"] == pytest.approx(2, abs=5e-7)
    assert 100 < glued["rms-cycle-settled"] < 300


def test_longer_memories_come_closer_before_they_are_thrown_out(glued):
    assert glued["rms-depths-in-order"]


def test_the_floor_of_the_valley_is_what_the_cycles_predict(glued):
    assert glued["rms-floor"] == pytest.approx(glued["rms-floor-formula"], rel=1e-5)


def test_a_decaying_alpha_removes_the_floor(glued):
    assert glued["rms-decay-constant"] > 100 * glued["rms-decay-inverse"] > 1e6 * glued["rms-decay-cosine"]
    assert glued["rms-decay-cosine"] < 1e-16  # below the figure's lower edge, as the text says


def test_in_good_units_gradient_descent_and_rmsprop_are_tied(glued):
    assert glued["rms-good-rmsprop-low"] < glued["rms-good-sgd"] < glued["rms-good-rmsprop-high"]
    assert glued["rms-good-sgd-low"] < glued["rms-good-rmsprop"] < glued["rms-good-sgd-high"]


def test_in_good_units_momentum_has_the_lowest_loss(glued):
    assert glued["rms-good-momentum"] < min(glued["rms-good-rmsprop"], glued["rms-good-sgd"])


def test_in_bad_units_the_worst_rmsprop_is_better_than_the_best_of_the_others(glued):
    assert glued["rms-bad-rmsprop"] <= glued["rms-bad-rmsprop-high"]
    assert glued["rms-bad-rmsprop-high"] < min(glued["rms-bad-sgd-low"], glued["rms-bad-momentum-low"])
    assert glued["rms-bad-sgd"] > glued["rms-bad-momentum"] > glued["rms-bad-rmsprop"]


def test_bad_units_cost_rmsprop_something_and_its_alpha_about_the_root_of_what_they_cost_the_other(glued):
    assert glued["rms-bad-rmsprop"] > 1.5 * glued["rms-good-rmsprop"]
    step_of_the_grid = 10**0.5
    assert glued["rms-alpha-fall-rmsprop"] == pytest.approx(
        glued["rms-alpha-fall-sgd"] ** 0.5, rel=step_of_the_grid - 1
    )


def test_no_choice_of_alpha_stands_at_the_edge_of_the_grid(glued):
    assert glued["rms-edges"] == glued["rms-fading-edges"] == 0


def test_the_data_are_the_ones_described(glued):
    assert glued["rms-digits-count"] == 1797
    assert (glued["rms-wine-count"], glued["rms-wine-columns"]) == (178, 13)
    assert glued["rms-wine-wide"] > 1000 * glued["rms-wine-narrow"]


def test_on_raw_wine_rmsprop_is_far_below_the_others(glued):
    assert glued["rms-wine-rmsprop"] < glued["rms-wine-momentum"] / 2
    assert glued["rms-wine-momentum"] < glued["rms-wine-sgd"]


def test_with_decay_rmsprop_wins_in_good_units_too(glued):
    assert glued["rms-fading-rmsprop"] <= glued["rms-fading-rmsprop-high"] < glued["rms-fading-sgd-low"]
    assert glued["rms-fading-sgd-low"] <= glued["rms-fading-sgd"]


def test_along_the_axes_nothing_comes_near_rmsprop(glued):
    assert glued["rms-straight-rmsprop"] < 1e-12 * min(glued["rms-straight-sgd"], glued["rms-straight-momentum"])


def test_across_the_axes_rmsprop_is_no_better_than_gradient_descent_and_momentum_is_far_ahead(glued):
    assert glued["rms-turned-rmsprop"] > 0.9 * glued["rms-turned-sgd"]
    assert glued["rms-turned-momentum"] < 1e-3 * min(glued["rms-turned-sgd"], glued["rms-turned-rmsprop"])
