"""The claims of chapter adam, held against what its cells measured."""

import math

import pytest


def test_rmsprop_with_a_long_memory_starts_with_a_very_long_step(glued):
    assert glued["adam-first-rmsprop"] == pytest.approx(1000**0.5)


def test_on_a_noisy_slope_rmsprop_is_hardly_better_than_a_coin_and_adam_is(glued):
    assert 0.52 < glued["adam-right-rmsprop"] < 0.56
    assert glued["adam-right-adam"] > glued["adam-right-rmsprop"] + 0.1


def test_both_move_at_the_same_mean_speed_but_adam_jitters_less(glued):
    assert glued["adam-mean-adam"] == pytest.approx(glued["adam-mean-rmsprop"], rel=0.05)
    assert glued["adam-sd-rmsprop"] == pytest.approx(1, abs=0.05)
    assert glued["adam-sd-adam"] == pytest.approx(glued["adam-sd-formula"], rel=0.05)
    assert glued["adam-sd-rmsprop"] / glued["adam-sd-adam"] > 4  # "four times less"


def test_without_its_average_adam_differs_from_rmsprop_at_the_start(glued):
    assert glued["adam-rmsprop-first"] == pytest.approx(0.1 / math.sqrt(1 - 0.9), rel=1e-4)
    assert glued["adam-no-average-first"] == pytest.approx(0.1, rel=1e-4)
    assert glued["adam-average-first"] == pytest.approx(0.1, rel=1e-4)


def test_the_average_overshoots_and_without_it_the_path_does_not_cross(glued):
    assert glued["adam-average-overshoot"] > 0.2
    assert glued["adam-no-average-overshoot"] < 1e-6
    assert glued["adam-rmsprop-overshoot"] < 1e-6


def test_the_step_by_hand_is_the_step_of_the_library_and_alpha_long(glued):
    assert glued["adam-by-hand-difference"] < 1e-15
    assert glued["adam-step-over-lr"] == pytest.approx(1)


def test_without_correction_the_steps_grow_before_they_fall(glued):
    assert glued["adam-uncorrected-first"] == pytest.approx((1 - 0.9) / math.sqrt(1 - 0.999), rel=1e-5)
    assert glued["adam-uncorrected-first"] < glued["adam-rmsprop-start"]
    lengths = [(1 - 0.9**t) / math.sqrt(1 - 0.999**t) for t in range(1, 4001)]
    assert glued["adam-uncorrected-peak"] == pytest.approx(max(lengths), rel=1e-5)
    assert glued["adam-uncorrected-peak-step"] == lengths.index(max(lengths)) + 1
    assert glued["adam-uncorrected-until"] == max(t for t, u in enumerate(lengths, 1) if u > 1.1) + 1


def test_with_correction_every_step_is_alpha_long(glued):
    assert glued["adam-corrected-error"] < 1e-6
    assert glued["adam-rmsprop-start"] == pytest.approx(1000**0.5, rel=1e-4)


def test_adam_without_its_average_is_corrected_rmsprop_to_the_last_bit(glued):
    assert glued["adam-equality"] == 0
    assert glued["adam-rmsprop-distance"] > 1e-3  # and not RMSProp itself


def test_who_looks_better_in_the_figure_depends_on_the_step(glued):
    assert glued["adam-rmsprop-loss"] == "5.2·10⁻⁵"  # after 60 steps, as the figure says
    assert glued["adam-average-loss"] > 0.05
    assert glued["adam-rmsprop-late"] == pytest.approx(glued["adam-rmsprop-late-highest"], rel=0.02)
    assert glued["adam-rmsprop-late"] > 100 * glued["adam-average-late-highest"]
    assert glued["adam-average-late"] == "2·10⁻⁴" and glued["adam-average-late-highest"] < 2e-4


def test_after_a_spike_adam_walks_backwards_and_the_other_place_hardly_does(glued):
    def backward(m, push):  # v has forgotten its start and is 1; the spike makes it about 100, and it fades by β
        v, steps = 0.99 + 0.01 * 100**2, 0
        m = 0.9 * m - push(100, v)
        while m < 0:
            v = 0.99 * v + 0.01
            m, steps = 0.9 * m + push(1, v), steps + 1
        return steps

    assert glued["adam-place-before-backward"] == backward(10, lambda g, v: g) == 22
    assert glued["adam-place-after-backward"] == backward(10, lambda g, v: g / v**0.5)
    assert glued["adam-place-after-backward"] < glued["adam-place-before-backward"] / 2
    assert glued["adam-place-before-lowest"] == pytest.approx(0.9, abs=0.05)  # "nearly as fast as it came"
    assert 0 < glued["adam-place-after-lowest"] < 0.15


def test_averaging_does_not_lower_the_noise_floor(glued):
    assert glued["adam-floor-adam"] == pytest.approx(glued["adam-floor-rmsprop"], rel=0.05)


def test_momentum_more_than_halves_the_loss_in_every_row(glued):
    assert glued["adam-digits-momentum"] < glued["adam-digits-sgd"] / 2
    assert glued["adam-digits-adam"] < glued["adam-digits-adam-0"] / 2
    assert glued["adam-digits-rmsprop-momentum"] < glued["adam-digits-rmsprop"] / 2


def test_division_alone_brings_little(glued):
    assert glued["adam-digits-rmsprop"] > 0.6 * glued["adam-digits-sgd"]
    assert glued["adam-digits-adam-0"] > 0.6 * glued["adam-digits-sgd"]


def test_adam_and_plain_momentum_are_tied(glued):
    assert glued["adam-digits-adam-low"] < glued["adam-digits-momentum"] < glued["adam-digits-adam-high"]
    assert glued["adam-digits-momentum-low"] < glued["adam-digits-adam"] < glued["adam-digits-momentum-high"]


def test_rmsprop_with_momentum_has_the_lowest_loss_of_all(glued):
    others = (glued["adam-digits-adam"], glued["adam-digits-momentum"], glued["adam-digits-rmsprop"])
    low, middle = glued["adam-digits-rmsprop-momentum-low"], glued["adam-digits-rmsprop-momentum"]
    assert low <= middle <= glued["adam-digits-rmsprop-momentum-high"]
    assert middle < min(others)


def test_no_choice_of_alpha_stands_at_the_edge_of_the_grid(glued):
    assert glued["adam-digits-edges"] == 0


def test_which_method_looks_better_depends_on_the_common_alpha(glued):
    assert glued["adam-small-rmsprop"] < glued["adam-small-momentum"] / 4
    assert glued["adam-large-momentum"] < glued["adam-large-rmsprop"] / 100


def test_the_usual_default_of_adam_leaves_most_of_the_loss(glued):
    assert glued["adam-default"] > 10 * glued["adam-digits-adam"]
