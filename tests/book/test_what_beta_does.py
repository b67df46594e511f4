"""The claims of chapter what_beta_does, held against what its cells measured."""

import math

import pytest

from rmsprop_lib import figures


def formula(beta, spike):
    """Steps from a spike until v is down at 4, where the other gradients are 1 in size."""
    return max(math.log((1 - beta) * (spike**2 - 1) / 3) / math.log(1 / beta), 0)


def test_lecture_pytorch_and_adam_have_memories_of_ten_a_hundred_and_a_thousand_steps(glued):
    assert 1 / (1 - glued["beta-hinton"]) == pytest.approx(10)
    assert 1 / (1 - glued["beta-torch"]) == pytest.approx(100)
    assert 1 / (1 - glued["beta-adam"]) == pytest.approx(1000)
    assert glued["beta-adam"] - glued["beta-torch"] < 0.01


def test_a_weight_brakes_at_once_and_starts_again_slowly(glued):
    assert glued["beta-up-first"] == pytest.approx(3 / math.sqrt(0.9 * 0.09 + 0.1 * 9), abs=5e-3)
    assert glued["beta-up-steps"] == 3
    assert glued["beta-down-first"] == pytest.approx(0.1, abs=0.02)
    assert glued["beta-down-steps"] == math.ceil(formula(0.9, 10) + math.log(1 / 0.1) / math.log(1 / 0.9))
    assert glued["beta-down-steps"] > 10 * glued["beta-up-steps"]


def test_half_lives_are_what_the_formula_says(glued):
    assert 0.9 ** glued["beta-half-10"] == pytest.approx(0.5)
    assert glued["beta-half-ratio"] == pytest.approx(math.log(2), abs=5e-4)


def test_the_last_squares_of_a_memory_weigh_almost_two_thirds(glued):
    assert glued["beta-share-1000"] == pytest.approx(100 * (1 - 1 / math.e), abs=0.1)


def test_the_steps_by_hand_are_the_steps_of_the_library(glued):
    assert glued["beta-hand-error"] < 1e-15


def test_the_longer_memory_brakes_later(glued):
    assert glued["beta-hand-up"] == pytest.approx(3 / math.sqrt(0.99 * 0.09 + 0.01 * 9))
    assert glued["beta-hand-up"] > 2 * glued["beta-up-first"]


def test_the_error_of_v_is_what_the_formula_says(glued):
    assert glued["beta-error-misfit"] < 0.03
    assert glued["beta-error-10"] == pytest.approx(100 * math.sqrt(2 / 19), rel=0.02)
    assert glued["beta-error-100"] == pytest.approx(glued["beta-error-10"] / math.sqrt(199 / 19), rel=0.05)


def test_ten_times_the_memory_leaves_a_third_of_the_error_and_the_root_half(glued):
    assert glued["beta-error-100"] == pytest.approx(glued["beta-error-10"] / 3, rel=0.1)
    assert glued["beta-error-root-10"] == pytest.approx(glued["beta-error-10"] / 2, rel=0.05)


def test_counted_steps_after_a_spike_are_the_formula_rounded_up(glued):
    assert glued["beta-spike-misfit"] == 0
    assert glued["beta-spike-100-10"] == math.ceil(formula(0.9, 100))
    assert glued["beta-spike-100-100"] == math.ceil(formula(0.99, 100))
    assert glued["beta-spike-100-1000"] == math.ceil(formula(0.999, 100))


def test_a_long_memory_does_not_notice_a_spike_of_ten_and_suffers_from_one_of_a_hundred(glued):
    assert glued["beta-spike-10-10"] == math.ceil(formula(0.9, 10)) > 0
    assert glued["beta-spike-10-100"] == glued["beta-spike-10-1000"] == 0
    edge = glued["beta-spike-33"]
    assert formula(1 - 1 / (edge - 0.1), 10) > 0 == formula(1 - 1 / (edge + 0.1), 10)
    assert glued["beta-spike-100-10"] < glued["beta-spike-100-100"] < glued["beta-spike-100-1000"]


def test_one_weight_of_the_digits_shrinks_its_gradient_and_a_long_memory_misses_it(glued):
    assert 5 < glued["beta-size-fall"] < 12  # "a tenth" in the description of the picture
    assert glued["beta-too-large"] > 1.5


def test_chance_and_lateness_leave_a_best_memory_of_some_ten_steps_with_a_flat_bottom(glued):
    assert 10 < glued["beta-best-memory"] < 20
    assert glued["beta-good-low"] < 10 < glued["beta-best-memory"] < glued["beta-good-high"]
    assert glued["beta-best-error"] < 0.7 * glued["beta-error-at-2"]
    assert glued["beta-best-error"] < 0.5 * glued["beta-error-at-100"]


def test_gradients_of_digits_have_more_chance_in_them_than_normal_numbers(glued):
    assert glued["beta-tails"] > 2 * math.sqrt(2)
    assert glued["beta-tails-measured"] > 2 * glued["beta-tails-normal"]
    assert glued["beta-tails-predicted"] == pytest.approx(glued["beta-tails-measured"], rel=0.1)


def test_beta_changes_no_sign_of_an_update_and_momentum_does(glued):
    assert glued["beta-signs-differ"] == 0
    assert glued["beta-signs-noise"] == pytest.approx(50, abs=0.5)
    assert glued["beta-signs-noise-momentum"] == pytest.approx(100 / 7, abs=0.5)  # "one seventh" of the picture
    assert glued["beta-signs-digits-momentum"] < 0.3 * glued["beta-signs-digits"]
    assert glued["beta-signs-digits"] == pytest.approx(37, abs=2)


def test_without_memory_it_is_sign_descent(glued):
    assert glued["beta-sign-difference"] < 1e-12


def test_before_the_memory_is_full_it_is_adagrad_and_after_it_is_not(glued):
    assert glued["beta-ends-10"] < 1
    assert 2 < glued["beta-ends-100"] < 10
    assert glued["beta-ends-2000"] > 10


def test_each_nine_more_brings_the_paths_ten_times_closer(glued):
    assert glued["beta-gap-5"] == pytest.approx(glued["beta-gap-3"] / 100, rel=0.05)
    assert glued["beta-gap-3-text"] == figures.scientific(glued["beta-gap-3"])
    assert glued["beta-gap-5-text"] == figures.scientific(glued["beta-gap-5"])


def test_epsilon_has_to_be_translated_too(glued):
    assert glued["beta-gap-tiny-same"] > 1000 * glued["beta-gap-tiny"]
    assert glued["beta-gap-tiny-text"] == figures.scientific(glued["beta-gap-tiny"])


def test_with_a_growing_beta_it_is_adagrad_to_rounding(glued):
    assert 0 < glued["beta-exact"] < 1e-12
    assert glued["beta-exact-text"] == figures.scientific(glued["beta-exact"])


def test_no_choice_of_alpha_stands_at_the_edge_of_its_grid(glued):
    assert glued["beta-edges"] == glued["beta-corrected-edge"] == 0


def test_the_best_alpha_falls_as_the_memory_grows(glued):
    assert glued["beta-lr-falls"]
    assert glued["beta-lr-1000"] < glued["beta-lr-2"] / 10


def test_with_falling_alpha_a_short_memory_is_far_ahead_and_a_long_one_behind_gradient_descent(glued):
    assert glued["beta-falling-2"] < glued["beta-falling-10"] / 2 < glued["beta-falling-100"] / 4
    assert glued["beta-falling-2-high"] < glued["beta-falling-10-low"]
    assert glued["beta-falling-10-high"] < glued["beta-falling-100-low"]
    assert glued["beta-falling-2-high"] < glued["beta-falling-momentum-low"] <= glued["beta-falling-momentum"]
    assert glued["beta-falling-10-high"] < glued["beta-falling-gd"] < glued["beta-falling-100"]
    assert min(glued["beta-falling-2"], glued["beta-falling-5"]) < glued["beta-falling-1-low"]


def test_with_constant_alpha_two_to_ten_steps_overlap_and_momentum_lies_among_them(glued):
    names = ("beta-constant-2", "beta-constant-5", "beta-constant-10")
    middles = [glued[name] for name in names]
    assert min(middles) == glued["beta-constant-5"]
    assert max(middles) == glued["beta-constant-10"]
    assert max(glued[f"{name}-low"] for name in names) < min(glued[f"{name}-high"] for name in names)
    assert min(middles) < glued["beta-constant-momentum"] < max(middles)
    assert max(middles) < 1.5 * min(middles)


def test_without_memory_the_loss_is_higher_in_both(glued):
    assert glued["beta-constant-1"] > 2 * glued["beta-constant-10"]
    assert glued["beta-falling-1"] > 2 * glued["beta-falling-5"]


def test_a_memory_longer_than_the_run_is_as_good_as_adagrad(glued):
    assert glued["beta-constant-1000"] == pytest.approx(glued["beta-constant-adagrad"], rel=0.1)
    assert glued["beta-falling-1000"] == pytest.approx(glued["beta-falling-adagrad"], rel=0.1)


def test_the_first_steps_do_most_of_the_damage_of_a_long_memory_and_not_all(glued):
    assert glued["beta-first-step-1000"] == pytest.approx(math.sqrt(1000))
    assert glued["beta-corrected"] < glued["beta-falling-100"] / 3
    assert glued["beta-corrected-high"] < glued["beta-falling-100-low"]
    assert glued["beta-corrected-low"] > glued["beta-falling-2-high"]


def test_after_a_change_of_scale_short_memories_go_on_and_long_ones_do_not(glued):
    assert glued["beta-constant-5"] < glued["beta-hit-5"] < 1.5 * glued["beta-constant-5"]
    assert glued["beta-hit-5"] - glued["beta-constant-5"] < glued["beta-hit-5-high"] - glued["beta-hit-5-low"]
    assert glued["beta-hit-100"] > 4 * glued["beta-constant-100"]
    assert glued["beta-hit-1000"] > 4 * glued["beta-constant-1000"]
    assert glued["beta-hit-100-low"] > max(glued["beta-constant-100-high"], glued["beta-hit-5-high"])
    assert glued["beta-hit-adagrad"] == pytest.approx(glued["beta-hit-1000"], rel=0.1)
    assert glued["beta-hit-gd"] > 2


def test_the_picture_of_the_mistake_is_what_its_description_says(glued):
    for memory in (1, 2):
        assert glued[f"beta-hit-{memory}"] == pytest.approx(glued[f"beta-constant-{memory}"], rel=0.15)
    assert glued["beta-hit-10"] > 2 * glued["beta-constant-10"]


def test_another_alpha_does_not_mend_it(glued):
    assert glued["beta-hit-retuned"] > 0.95 * glued["beta-hit-100"]


def test_the_formula_foresees_who_recovers_before_the_end(glued):
    assert glued["beta-slow-10"] == pytest.approx(55, abs=1)
    assert glued["beta-slow-10"] < glued["beta-left-over"] / 4
    assert glued["beta-slow-100"] > 1.5 * glued["beta-left-over"]


def test_a_memory_shorter_than_the_gaps_cannot_tell_rare_from_rarer(glued):
    assert glued["beta-rare-misfit"] < 1e-9
    assert glued["beta-rare-short"] == pytest.approx(glued["beta-rare-shorter"], abs=5e-3)
    assert glued["beta-rare-long"] == pytest.approx(10, rel=0.05)
