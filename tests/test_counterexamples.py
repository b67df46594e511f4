"""One weight and a stream of slopes: where RMSProp goes the wrong way, and where it does not."""

import math

import numpy as np
import pytest

from rmsprop_lib import Adagrad, AMSGrad, GradientDescent, RMSProp, problems, run, schedules, sweep


def test_reddis_stream_has_the_slopes_of_the_paper():
    theta = np.zeros(1)
    assert [problems.reddi().grad(theta, t).item() for t in range(1, 8)] == [3, -1, -1, 3, -1, -1, 3]
    assert problems.reddi().f(np.ones(1)) == pytest.approx(1 / 3)
    hundred = problems.reddi(1010, 10, 101)
    slopes = [hundred.grad(theta, t).item() for t in range(1, 102)]
    assert slopes[0] == 1010
    assert slopes[1:] == [-10] * 100
    assert hundred.f(np.ones(1)) == pytest.approx(sum(slopes) / 101)
    chance = problems.reddi(10, stochastic=True, probability=0.12)
    slopes = np.array([chance.grad(theta, t).item() for t in range(1, 5001)])
    assert set(slopes) == {10, -1}
    assert (slopes == 10).mean() == pytest.approx(0.12, abs=4 * math.sqrt(0.12 * 0.88 / 5000))


@pytest.mark.parametrize("large", [2.5, 3.0, 4.0, 10.0])
def test_rmsprop_with_the_beta_of_the_theorem_ends_at_the_worst_place_and_others_at_the_best(large):
    problem = problems.reddi(large)
    decay, beta = schedules.inverse_sqrt(), 1 / (1 + large**2)
    ends = {
        optimizer: run(optimizer, problem, 2000, schedule=decay).theta[-1].item()
        for optimizer in (
            RMSProp(lr=0.5, beta=beta, eps=0),
            RMSProp(lr=0.5, beta=0.999, eps=0),
            GradientDescent(lr=0.5),
            AMSGrad(lr=0.5, beta1=0.0, beta2=beta, eps=0),
        )
    }
    wrong, *right = ends.values()
    assert wrong > 0.98
    assert max(right) < -0.9
    assert run(Adagrad(lr=0.5), problem, 2000).theta[-1].item() < -0.9


def test_everything_stays_in_the_interval_it_is_projected_to():
    problem = problems.projected(problems.rosenbrock(), (-0.5, 0.0), (0.4, 0.2))
    path = run(GradientDescent(lr=0.01), problem, 200)
    assert (path.theta >= [-0.5, 0.0]).all()
    assert (path.theta <= [0.4, 0.2]).all()
    assert path.theta[0].tolist() == [-0.5, 0.2]
    assert problem.minimum is None
    kept = problems.projected(problems.himmelblau(), 0, 4).minima
    assert kept.tolist() == [[3, 2]]
    grid = sweep(GradientDescent(), problems.reddi(), 50, lr=[0.01, 10.0])
    assert np.abs(grid.theta).max() == 1
    assert problem.project(np.ones(2, np.float32)).dtype == np.float32


def test_nine_gradients_and_one_cancel_without_imbalance():
    theta = np.zeros(1)
    slopes = [problems.nine_and_one().grad(theta, t).item() for t in range(1, 21)]
    assert slopes == pytest.approx(([0.1] * 9 + [-0.9]) * 2)
    tilted = problems.nine_and_one(imbalance=0.2, count=4, small=0.5)
    slopes = [tilted.grad(theta, t).item() for t in range(1, 5)]
    assert slopes == pytest.approx([0.5, 0.5, 0.5, -1.8])
    assert tilted.f(np.ones(1)) == pytest.approx(np.mean(slopes))
    chance = problems.nine_and_one(stochastic=True)
    rare = np.array([chance.grad(theta, t).item() for t in range(1, 5001)]) < 0
    assert rare.mean() == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / 5000))


@pytest.mark.parametrize(("imbalance", "threshold"), [(0.2, 0.926), (0.5, 0.850)])
def test_below_its_threshold_rmsprop_drives_hintons_weight_the_wrong_way(imbalance, threshold):
    problem = problems.nine_and_one(imbalance)
    ends = [
        run(RMSProp(lr=1e-3, beta=beta, eps=0), problem, 3000).theta[-1].item()
        for beta in (threshold - 0.02, threshold + 0.02)
    ]
    assert ends[0] < 0 < ends[1]  # the loss falls to the right
    assert run(GradientDescent(lr=1e-3), problem, 3000).theta[-1].item() > 0
