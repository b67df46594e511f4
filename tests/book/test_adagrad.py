"""What chapter adagrad claims with its numbers."""

import re

import pytest

from rmsprop_lib import figures


def three(text: str) -> tuple[float, float, float]:
    """Median, lowest and highest of "0.292 (0.289 to 0.305)"."""
    middle, low, high = map(float, re.fullmatch(r"([\d.]+) \(([\d.]+) to ([\d.]+)\)", text).groups())
    assert low <= middle <= high
    return middle, low, high


def test_most_words_stand_in_one_line_and_the_word_and_in_every_fourth(glued):
    assert glued["ada-lines"] > 4000
    assert 6000 < glued["ada-words"] < 7000  # the section is called "Six thousand words"
    assert glued["ada-once"] > glued["ada-words"] / 2
    assert 25 < glued["ada-and-share"] < 30


def test_the_first_step_is_as_long_as_the_learning_rate_in_both_coordinates(glued):
    assert glued["ada-first-flat"] == pytest.approx(1) and glued["ada-first-steep"] == pytest.approx(1)


def test_the_second_step_is_the_gradient_over_the_root_of_the_sum(glued):
    assert glued["ada-second-gradient"] == pytest.approx(3)
    assert glued["ada-second-root"] == pytest.approx((4**2 + 3**2) ** 0.5)
    assert glued["ada-second-flat"] == pytest.approx(3 / 5)
    assert glued["ada-second-steep"] == pytest.approx(10 / (30**2 + 10**2) ** 0.5)


def test_without_noise_the_rate_settles_and_the_loss_goes_to_zero(glued):
    assert glued["ada-rate-100"] == pytest.approx(glued["ada-rate-end"], rel=1e-3)
    assert glued["ada-rate-end"] > 0.01
    assert glued["ada-exact-loss"] <= 1e-30
    assert glued["ada-exact-loss-text"] == figures.scientific(glued["ada-exact-loss"])


def test_with_noise_the_rate_falls_like_one_over_the_root_of_t(glued):
    assert glued["ada-noisy-slope"] == pytest.approx(0.5, abs=0.05)


def test_no_learning_rate_was_chosen_at_the_end_of_its_grid(glued):
    assert glued["ada-grid-edges"] == 0


def test_on_the_poets_gradient_descent_is_last_and_a_short_memory_next(glued):
    descent, short = three(glued["ada-test-gd"]), three(glued["ada-test-short"])
    rest = [three(glued["ada-test-long"]), three(glued["ada-test-longest"]), three(glued["ada-test-adagrad"])]
    assert descent[0] < glued["ada-guess"]
    assert descent[1] > short[2]  # no range of one reaches into the range of the other
    assert short[1] > max(high for _, _, high in rest)


def test_adagrad_is_ahead_of_the_long_memories_by_little(glued):
    adagrad = three(glued["ada-test-adagrad"])
    for name in (glued["ada-test-long"], glued["ada-test-longest"]):
        assert adagrad[0] < three(name)[0] and adagrad[2] > three(name)[1]  # "the ranges overlap"
    assert glued["ada-ahead"] >= 4


def test_rare_words_keep_a_larger_rate(glued):
    assert glued["ada-count-and"] > 100 * glued["ada-count-angels"] > 0
    assert glued["ada-rate-ratio"] > 10


def test_the_model_of_the_poets_is_worth_having_and_its_weights_make_sense(glued):
    assert glued["ada-accuracy"] > 80
    assert glued["ada-weight-beauty"] > 0.5 and glued["ada-weight-god"] > 0.5


def test_after_a_bad_start_adagrad_is_stuck_and_rmsprop_is_not(glued):
    assert glued["ada-accident-worse"] > 50
    assert glued["ada-accident-rmsprop"] == pytest.approx(1, abs=0.05)
    assert glued["ada-accident-steps"] > 100  # thousands, against the 2000 of the run


def test_a_learning_rate_tuned_on_the_accident_repairs_it(glued):
    assert glued["ada-accident-lr"] > 2
    # "about where it was without the accident"
    assert 0.2 < glued["ada-accident-tuned"] / glued["ada-accident-worse"] < 5


def test_rmsprop_comes_back_after_a_spike_and_adagrad_does_not(glued):
    assert 95 < glued["ada-spike-rmsprop"] <= 100.5
    assert glued["ada-spike-adagrad"] < 25
