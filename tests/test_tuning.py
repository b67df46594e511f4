"""Choosing a setting: the median over seeds decides, divergence counts, and nothing is chosen silently at an edge."""

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, RMSProp, Sweep, problems, sweep
from rmsprop_lib.tuning import last_loss, together, tuned

NOISY = problems.noisy(problems.quadratic(condition=5), sigma=0.5)


def made_up(last, **axes):
    """A sweep with these last losses; θ holds the loss, so that one can see which was picked."""
    last = np.asarray(last, dtype=float)
    loss = np.stack([np.ones_like(last), last])
    return Sweep(RMSProp(), NOISY, {k: np.asarray(v) for k, v in axes.items()}, loss, loss[..., None])


def test_the_median_over_seeds_decides_and_not_the_luckiest_run():
    best = tuned(made_up([[0.0, 9, 9], [3, 4, 5], [7, 7, 7]], lr=[0.1, 0.2, 0.4], seed=[0, 1, 2]))
    assert best.settings == {"lr": 0.2}
    assert (best.low, best.median, best.high) == (3.0, 4.0, 5.0)
    assert best.theta.tolist() == [[3.0], [4.0], [5.0]]
    assert best.at_edge == ()


def test_a_diverged_run_counts_as_infinitely_bad():
    best = tuned(made_up([[np.nan, np.nan, 0.1], [5, np.inf, 6]], lr=[0.1, 0.2], seed=[0, 1, 2]))
    assert best.settings == {"lr": 0.2} and best.high == np.inf


def test_a_choice_at_the_end_of_an_axis_is_said_so_and_an_axis_of_one_has_no_end():
    best = tuned(made_up([[[1.0], [2.0], [3.0]]], beta=[0.9], lr=[0.1, 0.2, 0.4], seed=[0]))
    assert best.settings == {"beta": 0.9, "lr": 0.1}
    assert best.at_edge == ("lr",)
    assert tuned(made_up([[2.0], [1.0]], lr=[0.1, 0.2], seed=[0])).at_edge == ("lr",)


def test_the_seed_may_stand_anywhere_among_the_axes():
    last = np.array([[3.0, 1.0], [4.0, 2.0], [9.0, 0.0]])  # seeds by learning rates
    best = tuned(made_up(last, seed=[0, 1, 2], lr=[0.1, 0.2]))
    assert best.settings == {"lr": 0.2} and best.loss.tolist() == [1.0, 2.0, 0.0]
    assert best.theta[:, 0].tolist() == [1.0, 2.0, 0.0]
    assert last_loss(made_up(last, seed=[0, 1, 2], lr=[0.1, 0.2])).shape == (2, 3)


def test_tuned_agrees_with_single_runs():
    result = sweep(GradientDescent(), NOISY, 30, lr=[0.01, 0.1, 0.5], seed=range(3))
    by_hand = np.median(result.loss[-1], axis=1)
    assert tuned(result).median == by_hand.min()
    assert tuned(result).settings["lr"] == [0.01, 0.1, 0.5][by_hand.argmin()]


def test_together_is_a_sweep_with_a_seed_axis():
    sweeps = [sweep(RMSProp(), NOISY.with_seed(s), 20, lr=[0.01, 0.1]) for s in (0, 1, 2)]
    joined = together(sweeps, seeds=(0, 1, 2))
    direct = sweep(RMSProp(), NOISY, 20, lr=[0.01, 0.1], seed=(0, 1, 2))
    assert list(joined.axes) == ["lr", "seed"]
    assert np.array_equal(joined.loss, direct.loss) and np.array_equal(joined.theta, direct.theta)


@pytest.mark.parametrize("axes", [{"lr": [0.1]}, {"seed": [0]}])
def test_tuned_wants_seeds_and_something_to_choose_from(axes):
    with pytest.raises(ValueError, match="sweep must have the axis seed and one to choose from, got"):
        tuned(made_up([1.0], **axes))


def test_together_refuses_other_grids_and_wrong_counts():
    one, other = made_up([1.0, 2.0], lr=[0.1, 0.2]), made_up([1.0, 2.0], lr=[0.1, 0.3])
    with pytest.raises(ValueError, match="over one grid"):
        together([one, other], seeds=(0, 1))
    with pytest.raises(ValueError, match="one per sweep, got 1 for 2 sweeps"):
        together([one, one], seeds=(0,))
    with pytest.raises(ValueError, match="one per sweep, got 0 for 0 sweeps"):
        together([], seeds=())
