"""The claims of chapter epsilon_and_conventions, held against what its cells measured."""

import math

import pytest

from rmsprop_lib import figures


def test_on_the_chain_the_side_of_epsilon_decides(glued):
    assert glued["eps-chain-gradient"] == figures.scientific(0.5**29, 2)
    assert glued["eps-chain-torch-done"] < 150
    assert glued["eps-chain-keras-loss"] == pytest.approx(0.5, abs=1e-6)  # "where it began"
    assert glued["eps-chain-torch-moved"] > 0.05
    assert glued["eps-chain-keras-moved"] == "3·10⁻⁶"


def test_without_a_port_no_alpha_helps_and_with_one_it_is_about_as_quick(glued):
    assert glued["eps-chain-solved-gd"] == glued["eps-chain-solved-in"] == 0
    assert min(glued["eps-chain-solved-out"], glued["eps-chain-solved-ported"]) >= 3
    assert max(glued["eps-chain-best-out"], glued["eps-chain-best-ported"]) <= 33  # "about thirty steps or fewer"
    assert 100 < glued["eps-chain-ported-done"] < glued["eps-chain-torch-done"]  # "not exactly PyTorch's"


def test_epsilon_is_a_dial_from_rmsprop_to_gradient_descent(glued):
    assert glued["eps-dial-tiny-spread"] > 10 and glued["eps-dial-tiny-cos"] < 0.8
    assert glued["eps-dial-in-spread"] < 2.5 and 0.95 < glued["eps-dial-in-cos"] < 0.99
    assert glued["eps-dial-one-spread"] < 1.001 and glued["eps-dial-one-cos"] > 0.99995
    assert (glued["eps-dial-weights"], glued["eps-dial-steps"]) == (96, 40)
    assert 1e-3 < glued["eps-dial-size"] < 1e-2


def test_outside_the_dial_turns_later_by_the_root(glued):
    assert glued["eps-dial-out-cos"] < glued["eps-dial-tiny-cos"] + 0.05
    assert glued["eps-dial-out-spread"] > 10
    assert glued["eps-dial-ported-cos"] == pytest.approx(glued["eps-dial-in-cos"], abs=0.01)
    assert glued["eps-dial-ported-spread"] == pytest.approx(glued["eps-dial-in-spread"], rel=0.25)


def test_the_step_by_hand_is_the_step_of_the_library(glued):
    assert glued["eps-hand-error"] < 1e-12
    v = 0.1 * 1e-5**2
    assert glued["eps-hand-in"] == pytest.approx(1e-5 / math.sqrt(v + 1e-8))
    assert glued["eps-hand-in"] == pytest.approx(0.1, rel=1e-3)  # "a tenth of α"
    assert 1e-8 / v == pytest.approx(1000) and math.sqrt(v) / 1e-8 == pytest.approx(300, rel=0.1)
    assert glued["eps-hand-out"] == pytest.approx(1 / math.sqrt(1 - 0.9), rel=0.01)  # "as it should be with v₀ = 0"
    assert glued["eps-hand-ratio"] == pytest.approx(glued["eps-hand-out"] / glued["eps-hand-in"])


def test_the_bend_is_at_the_root_inside_and_at_epsilon_outside(glued):
    assert glued["eps-bend-in"] == pytest.approx(0.5**0.5)
    assert glued["eps-bend-out"] == pytest.approx(0.5)
    assert glued["eps-bend-tiny"] == pytest.approx(0.5)
    assert glued["eps-slowdown"] == pytest.approx(1e4, rel=1e-3)


def test_1e_8_inside_is_1e_4_outside_for_small_gradients_and_parts_at_the_bend(glued):
    assert glued["eps-small-ratio"] <= 0.001
    assert glued["eps-largest-ratio"] == pytest.approx(2**0.5)
    assert glued["eps-largest-ratio-at"] == "1·10⁻⁴"


def test_v_starting_at_one_is_a_warm_up_that_depends_on_the_unit(glued):
    assert glued["eps-v0-zero-first"] == pytest.approx(1 / math.sqrt(1 - 0.9), rel=1e-3)
    assert glued["eps-v0-one-first"] == pytest.approx(0.01 / math.sqrt(0.9), rel=1e-3)
    assert glued["eps-v0-zero-settled"] <= 20  # the figure's alternative text
    formula = math.log(0.01**2 * (1 / 0.9**2 - 1)) / math.log(0.9)
    assert glued["eps-v0-one-settled"] == math.ceil(formula)
    assert glued["eps-v0-settled-1"] == 1
    assert glued["eps-v0-settled-0.0001"] > 1.5 * glued["eps-v0-one-settled"]


def test_bias_correction_makes_every_step_alpha_long(glued):
    assert glued["eps-v0-corrected-error"] < 1e-3


def test_the_place_of_alpha_shows_only_after_alpha_changes(glued):
    assert glued["eps-buffer-before"] < 1e-4  # Keras' ε of 1e-7 inside is all there is
    assert glued["eps-buffer-level"] == pytest.approx(10, rel=0.01)
    assert glued["eps-buffer-outer"] == pytest.approx(1, rel=0.01)
    assert glued["eps-buffer-inner"] == pytest.approx(0.9 * glued["eps-buffer-level"] + 0.1, rel=1e-3)
    above = [1 + (glued["eps-buffer-level"] - 1) * 0.9**k > 1.1 for k in range(1, 100)]
    assert glued["eps-buffer-late"] == sum(above) + 1 < 50  # the alternative text says "about forty steps"


def test_the_centered_form_divides_by_epsilon_alone_where_gradients_agree(glued):
    assert glued["eps-centered-50"] > 10
    assert glued["eps-centered-last"] == pytest.approx(glued["eps-centered-limit"], rel=1e-3)


def test_a_difference_of_averages_becomes_negative_in_float32_and_our_recursion_does_not(glued):
    assert glued["eps-negative-dtype"] == "float32"
    assert glued["eps-negative-share"] > 0.5
    assert glued["eps-negative-inside"] > 0.5  # an ε of 1e-8 inside the root saves nearly nobody
    assert glued["eps-negative-graves"] == 0
    assert glued["eps-negative-ours"] >= 0


def test_rmsprop_with_epsilon_one_is_gradient_descent(glued):
    assert glued["eps-one-apart"] == "1·10⁻⁴"
    assert glued["eps-one-loss"] == pytest.approx(glued["eps-one-gd"], rel=1e-3)


def test_alpha_has_to_be_tuned_with_a_large_epsilon_and_need_not_with_a_small_one(glued):
    assert glued["eps-map-flat"]
    assert 0.01 < glued["eps-map-small"] < 0.1
    assert 1 < glued["eps-map-next"] < 1.1  # "nearly as good"
    assert glued["eps-map-five"] == pytest.approx(glued["eps-map-small"] / 10**0.5)
    # From ε = 1 to 10⁴ √ε grows by a hundred, and so does the best α, but for a step of the grid.
    assert glued["eps-map-large"] == pytest.approx(100, rel=10**0.5 - 1)


def test_a_large_epsilon_takes_the_advantage_away(glued):
    small, one, hundred, gd = (
        glued["eps-bad-small"], glued["eps-bad-one"], glued["eps-bad-hundred"], glued["eps-bad-gd"],
    )  # fmt: skip
    assert small < one / 1.5 and one < gd
    assert hundred == pytest.approx(gd, rel=0.02)
    assert glued["eps-bad-small-low"] <= small <= glued["eps-bad-small-high"] < glued["eps-bad-one-low"]
    assert glued["eps-bad-gd-low"] < glued["eps-bad-one-high"]  # ε = 1 and gradient descent overlap
    assert glued["eps-bad-hundred-low"] == pytest.approx(glued["eps-bad-gd-low"], rel=0.02)
    assert glued["eps-bad-hundred-high"] == pytest.approx(glued["eps-bad-gd-high"], rel=0.02)
    assert glued["eps-bad-edges"] == 0


def test_in_half_precision_the_usual_epsilon_is_zero_and_our_library_does_not_mind(glued):
    assert glued["eps-half-eps"] == 0
    assert glued["eps-half-nan"]
    assert glued["eps-half-ours"] == pytest.approx([0, 0.953, 3.16], rel=1e-2)
    assert glued["eps-half-dtype"] == "float32"


def test_many_names_are_few_algorithms(glued):
    assert glued["eps-rows"] >= 17
    assert glued["eps-groups"] == 5
    assert glued["eps-group-book"] == glued["eps-group-torch"] == 7  # "the largest groups"
    assert glued["eps-group-book"] + glued["eps-group-torch"] > glued["eps-rows"] / 2
    assert 0 < glued["eps-group-tf1"] < 0.01  # "hardly left the start", where others have come two units far
    assert 0 < glued["eps-group-hinton"] < 1e-3
    assert glued["eps-group-hinton-text"] == figures.scientific(glued["eps-group-hinton"])
    assert glued["eps-groups-defaults"] > glued["eps-groups"]


def test_an_exact_port_is_exact_and_another_is_not(glued):
    assert glued["eps-port-exact"] == 0
    assert glued["eps-port-exact-count"] == 3
    assert glued["eps-port-inexact"] > 1e-3
    assert glued["eps-port-v0"] > 0.5
    assert glued["eps-port-optax-inside"] is False
    assert glued["eps-port-keras-eps"] == pytest.approx(1e-12)


def test_the_translated_run_cannot_be_told_from_the_source_and_the_copied_one_can(glued):
    assert glued["eps-tr-translated"] < 1e-3  # less than a pixel of the figure
    assert glued["eps-tr-translated-text"] == figures.scientific(glued["eps-tr-translated"], 2)
    assert glued["eps-tr-copied"] > 2
    assert glued["eps-tr-one"] < 1e-6  # with c = 1 everything agrees
    assert glued["eps-tr-one-text"] == figures.scientific(glued["eps-tr-one"])
    assert glued["eps-tr-constant"] < 1e-10 < 0.05 < glued["eps-tr-decaying"]


def test_the_default_alpha_decides_what_is_delivered(glued):
    assert glued["eps-own-factor"] > 10
    assert glued["eps-digits-keras-own"] > 10 * glued["eps-digits-keras"]
    assert glued["eps-digits-graves-own"] > 10 * glued["eps-digits-graves"]
    assert glued["eps-digits-torch-own"] == min(glued["eps-digits-torch-own"], glued["eps-digits-tf1-own"])


def test_at_one_alpha_the_side_of_epsilon_cannot_be_seen_on_the_digits(glued):
    assert glued["eps-digits-torch-common"] == pytest.approx(glued["eps-digits-keras-common"], rel=0.2)
    assert glued["eps-digits-tf1-common"] > 1.5 * glued["eps-digits-torch-common"]
    assert glued["eps-digits-graves-common"] < glued["eps-digits-tf1-common"]


def test_tuned_pytorch_and_keras_overlap_and_tensorflow_1_stays_behind(glued):
    assert glued["eps-digits-keras-low"] < glued["eps-digits-torch"] < glued["eps-digits-keras-high"]
    assert glued["eps-digits-torch-low"] < glued["eps-digits-keras"] < glued["eps-digits-torch-high"]
    assert glued["eps-digits-tf1-low"] > glued["eps-digits-torch-high"]
    assert glued["eps-digits-torch-low"] < glued["eps-digits-zero-start"] < glued["eps-digits-torch-high"]  # "the 1"
    assert glued["eps-digits-tf1-low"] <= glued["eps-digits-tf1"] <= glued["eps-digits-tf1-high"]
    assert glued["eps-digits-edges"] == 0


def test_graves_form_wins_by_its_momentum_and_not_by_its_centering(glued):
    assert glued["eps-digits-graves-low"] <= glued["eps-digits-graves"] <= glued["eps-digits-graves-high"]
    assert glued["eps-digits-graves-high"] < glued["eps-digits-torch-low"]
    assert glued["eps-digits-centered-only"] == pytest.approx(glued["eps-digits-torch"], rel=0.2)  # "one of the crowd"
    assert glued["eps-digits-momentum-only"] <= glued["eps-digits-momentum-only-high"] < glued["eps-digits-graves-low"]
