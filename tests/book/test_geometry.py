"""The claims of chapter geometry, held against what its cells measured."""

import itertools
import math

import pytest

from rmsprop_lib import figures


def test_the_data_are_the_ones_described(glued):
    assert (glued["geo-patients"], glued["geo-columns"]) == (569, 30)
    assert glued["geo-deviations-text"] == figures.scientific(glued["geo-deviations"])
    assert glued["geo-correlated"] > 10


def test_in_the_figure_gradient_descent_does_not_notice_the_angle(glued):
    assert glued["geo-figure-gd-spread"] == 0
    assert glued["geo-figure-gd-0"] == glued["geo-figure-gd-45"] == glued["geo-figure-gd-90"]


def test_in_the_figure_rmsprop_is_slowest_at_45_degrees_and_the_same_at_0_and_90(glued):
    assert glued["geo-figure-highest"] == 45
    assert glued["geo-figure-rmsprop-90"] == glued["geo-figure-rmsprop-0"]
    assert glued["geo-figure-rmsprop-45"] > 5 * glued["geo-figure-rmsprop-0"]


def test_a_start_on_the_floor_is_quick_at_45_degrees(glued):
    assert glued["geo-figure-floor"] < glued["geo-figure-rmsprop-45"] / 3
    assert glued["geo-figure-beside"] > 2.5 * glued["geo-figure-floor"]


def test_what_the_reader_is_told_to_try_happens(glued):
    never, arrives = glued["geo-figure-short"]
    assert glued["geo-figure-shallow"] < 1.5
    assert never > 1000 >= arrives


def test_the_step_by_hand_is_the_step_of_the_library_and_gradient_descent_turns_along(glued):
    assert glued["geo-hand-difference"] < 1e-15
    assert glued["geo-hand-gd"] < 1e-13


def test_the_step_at_45_degrees_leads_straight_across(glued):
    assert glued["geo-hand-straight"] == pytest.approx(0.1 / math.sqrt(1 - 0.9))
    assert glued["geo-hand-across"] == pytest.approx(math.sqrt(2) * glued["geo-hand-straight"])
    assert glued["geo-hand-along"] < 1e-12
    assert glued["geo-hand-first"] == pytest.approx((4 + 20) / math.sqrt(2))
    assert glued["geo-hand-second"] == pytest.approx((-4 + 20) / math.sqrt(2))


def test_after_ten_steps_the_path_of_the_straight_valley_is_ahead(glued):
    assert glued["geo-path-along"] < glued["geo-path-turned"] - 0.5 < 4


def test_the_divisor_is_like_the_curvature_only_where_distances_are_equal(glued):
    assert glued["geo-scale-equal"] == pytest.approx(100, rel=0.01)
    assert glued["geo-scale-far"] == pytest.approx(1, abs=0.15)
    assert glued["geo-scale-noise"] == pytest.approx(1, abs=0.1)


def test_the_best_diagonal_leaves_what_the_formula_says(glued):
    assert glued["geo-left-15"] == pytest.approx(glued["geo-formula-15"])
    assert glued["geo-left-45"] == pytest.approx(glued["geo-formula-45"])
    assert glued["geo-left-0"] == pytest.approx(1) == glued["geo-left-90"]
    assert glued["geo-left-45"] == pytest.approx(100)


def test_no_other_diagonal_is_better_and_equilibration_is_not_much_worse(glued):
    assert glued["geo-left-searched"] == pytest.approx(glued["geo-left-15"], rel=1e-4)
    assert glued["geo-left-15"] < glued["geo-rows-15"] < 1.5 * glued["geo-left-15"]


def test_turning_the_valley_costs_rmsprop_most_of_its_lead(glued):
    assert 20 * glued["geo-steps-0"] < glued["geo-steps-45"] < glued["geo-steps-gd"]
    assert 5 * glued["geo-steps-0"] < glued["geo-steps-9"] < glued["geo-steps-45"]
    assert glued["geo-steps-45"] > 3 * glued["geo-steps-momentum"]
    assert glued["geo-steps-symmetric"] < 0.25


def test_the_starts_differ_widely(glued):
    assert 10 * glued["geo-steps-low-45"] < glued["geo-steps-45"] < glued["geo-steps-high-45"]


def test_rmsprop_follows_the_law_of_the_best_diagonal_within_a_factor_of_two(glued):
    assert 0.5 < glued["geo-law-low"] < glued["geo-law-high"] < 2


def test_the_lead_that_is_left_is_no_larger_than_about_two_and_sometimes_negative(glued):
    for kappa in (10, 100, 1000):
        rows = [f"geo-table-{kappa}-{name}" for name in ("gd", "momentum", "short", "long")]
        gd, momentum, *rmsprop = (glued[name] for name in rows)
        assert momentum < min(rmsprop)
        assert min(rmsprop) > gd / 2.5
    assert glued["geo-table-10-long"] > glued["geo-table-10-gd"]
    assert glued["geo-table-100-short"] > glued["geo-table-100-gd"]
    assert glued["geo-table-1000-short"] < glued["geo-table-1000-long"]


def test_a_start_on_an_eigenvector_is_quick_and_one_beside_it_is_not(glued):
    assert glued["geo-trap-floor"] == glued["geo-trap-wall"] < 10
    assert glued["geo-trap-near"] > 100


def test_at_a_saddle_rmsprop_is_slow_near_45_degrees_only(glued):
    assert glued["geo-saddle-gd-spread"] == 0
    assert glued["geo-saddle-most"] < glued["geo-saddle-momentum"] / 2 < glued["geo-saddle-gd"] / 2
    assert glued["geo-saddle-rmsprop-40"] < glued["geo-saddle-rmsprop-43"] < glued["geo-saddle-rmsprop-45"]
    assert glued["geo-saddle-rmsprop-45"] == pytest.approx(glued["geo-saddle-gd"], rel=0.15)
    assert max(glued["geo-saddle-rmsprop-0"], glued["geo-saddle-rmsprop-25"]) <= glued["geo-saddle-most"]


def test_a_full_matrix_does_not_notice_the_angle(glued):
    assert glued["geo-full-45"] == glued["geo-full"] < 10
    assert glued["geo-full-other"] <= 1
    assert glued["geo-full-memory"] == 961


def test_no_choice_of_alpha_stands_at_the_edge_of_the_grid(glued):
    assert glued["geo-edges"] == glued["geo-std-edges"] == 0


def test_gradient_descent_on_turned_data_has_the_same_loss(glued):
    assert glued["geo-raw-gd-difference"] < 1e-8
    assert glued["geo-raw-gd-turned"] == pytest.approx(glued["geo-raw-gd"], rel=1e-8)


def test_on_raw_data_rmsprop_leads_in_columns_more_in_principal_axes_and_not_in_random_ones(glued):
    order = ["gd", "random", "momentum", "rmsprop", "principal"]
    for worse, better in itertools.pairwise(order):
        assert glued[f"geo-raw-{better}-high"] < glued[f"geo-raw-{worse}-low"], (worse, better)
    assert glued["geo-raw-principal-high"] < glued["geo-raw-rmsprop-low"]
    medians = ("geo-raw-gd", "geo-raw-random", "geo-raw-momentum", "geo-raw-rmsprop", "geo-raw-principal")
    assert all(glued[f"{name}-low"] <= glued[name] <= glued[f"{name}-high"] for name in medians)
    assert glued["geo-raw-gd"] > glued["geo-raw-random"] > glued["geo-raw-momentum"]
    assert glued["geo-raw-rmsprop"] > 1.3 * glued["geo-raw-principal"]


def test_standardising_takes_most_of_the_lead(glued):
    before = glued["geo-raw-gd"] / glued["geo-raw-rmsprop"]
    after = glued["geo-std-gd"] / glued["geo-std-rmsprop"]
    assert 1 < after < 1 + (before - 1) / 2


def test_on_standardised_data_columns_are_no_better_than_random_axes_and_principal_axes_are(glued):
    assert glued["geo-std-random"] < 1.02 * glued["geo-std-rmsprop"]
    assert glued["geo-std-random-low"] < glued["geo-std-rmsprop-high"]
    assert glued["geo-std-principal-high"] < min(glued["geo-std-rmsprop-low"], glued["geo-std-random-low"])
    assert glued["geo-std-principal-high"] < min(glued["geo-std-gd-low"], glued["geo-std-momentum-low"])
    assert glued["geo-std-principal"] <= glued["geo-std-principal-high"]


def test_on_whitened_data_gradient_descent_is_where_rmsprop_is(glued):
    assert glued["geo-std-white-rmsprop-low"] < glued["geo-std-white-gd"] < glued["geo-std-white-rmsprop-high"]
    assert glued["geo-std-white-rmsprop"] == pytest.approx(glued["geo-std-white-gd"], rel=0.1)
    assert glued["geo-std-white-gd"] == pytest.approx(glued["geo-std-principal"], rel=0.1)


def test_in_the_curved_valley_momentum_is_far_ahead_of_rmsprop(glued):
    assert glued["geo-curve-momentum"] < glued["geo-curve-rmsprop"] / 5
    assert glued["geo-curve-momentum-high"] < glued["geo-curve-rmsprop"] < glued["geo-curve-gd"]
    assert max(glued["geo-curve-gd-high"], glued["geo-curve-rmsprop-high"]) < 10  # none diverged
