"""What the introduction claims with its numbers."""

from rmsprop_lib import figures


def test_the_two_walkers_are_about_equal_after_60_steps(glued):
    assert glued["intro-ratio-60"] < 3


def test_gradient_descent_wins_the_long_race(glued):
    assert glued["intro-descent-500"] < 1e-20
    assert glued["intro-descent-500-text"] == figures.scientific(glued["intro-descent-500"], 2)
    assert glued["intro-rmsprop-500"] > 0.005


def test_the_check_says_what_has_changed_places(glued):
    assert glued["intro-mistake"] == "beta-swapped"
