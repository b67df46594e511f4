"""RecordedRun in Python: the page holds the runs of the sweep, thinned, and the best of them."""

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, RMSProp, problems, sweep
from rmsprop_lib.widgets import RecordedRun

ALPHA, BETA, SEEDS = np.array([0.001, 0.1, 10.0]), np.array([0.0, 0.9]), [3, 4, 5, 6]
VALLEY = problems.noisy(problems.rosenbrock(), 1.0)


def runs(optimizer, steps=400, **more):
    return sweep(optimizer, VALLEY, steps, lr=ALPHA, progress=False, **more)


@pytest.fixture(scope="module")
def figure() -> RecordedRun:
    grids = {"RMSProp": runs(RMSProp(), beta=BETA, seed=SEEDS), "plain": runs(GradientDescent(), seed=SEEDS)}
    return RecordedRun(grids)


def test_the_page_holds_the_lowest_the_median_and_the_highest_of_the_seeds(figure):
    t, grid = figure.figure.t, figure.sweeps["RMSProp"]
    assert (t[0], t[-1]) == (0, 400) and len(t) == 161 and np.ptp(np.diff(t)) <= 1
    table = np.frombuffer(figure.figure.series[0]["table"], "<f4").reshape(3, 2, 3, len(t))
    wanted = grid.loss[t]  # step, α, β, seed
    for line, reduce in enumerate((np.min, np.median, np.max)):
        assert np.allclose(table[:, :, line], np.moveaxis(reduce(wanted, axis=-1), 0, -1), rtol=1e-6)


def test_what_diverges_stays_infinite_and_is_counted(figure):
    plain = figure.figure.series[1]
    table = np.frombuffer(plain["table"], "<f4").reshape(3, 3, -1)
    assert np.isfinite(table[0]).all() and not np.isfinite(table[2, :, -1]).any()
    assert plain["lost"] == [0, 4, 4] and plain["seeds"] == 4
    assert plain["axes"] == [0] and plain["shape"] == [3]


def test_the_best_is_the_lowest_median_of_the_last_losses(figure):
    last = np.median(figure.sweeps["RMSProp"].loss[-1], axis=-1)
    i, j = np.unravel_index(np.argmin(last), last.shape)
    assert figure.best() == {"lr": ALPHA[i], "beta": BETA[j], "loss": pytest.approx(last[i, j])}
    assert figure.figure.series[0]["best"] == 2 * i + j
    assert figure.best("plain")["lr"] == 0.001


def test_a_run_that_climbs_leaves_the_picture_and_does_not_flatten_the_others(figure):
    low, high = figure.figure.yaxis["range"]
    assert figure.figure.yaxis["log"] and 10**high <= 20 * VALLEY.f(VALLEY.start)
    assert 10**low <= min(grid.loss[-1].min() for grid in figure.sweeps.values())


def test_sweeps_without_seeds_are_one_line_each_and_large_grids_keep_fewer_steps():
    grid = sweep(RMSProp(), VALLEY, 200, lr=np.geomspace(1e-3, 1, 20), beta=np.linspace(0, 0.99, 20), progress=False)
    figure = RecordedRun(grid, at={"lr": 0.02, "beta": 0.5})
    assert figure.figure.series[0]["lines"] == 1 and list(figure.sweeps) == ["RMSProp"]
    assert len(figure.figure.t) == 75 and len(figure.figure.series[0]["table"]) <= 4 * 30_000
    assert figure.chosen == {"lr": pytest.approx(0.018, rel=0.1), "beta": pytest.approx(0.52, rel=0.1)}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RecordedRun({}), "must be one or more results of sweep"),
        (lambda: RecordedRun(runs(RMSProp(), 5, record="last")), 'record="last"'),
        (lambda: RecordedRun({"a": runs(RMSProp(), 5), "b": runs(RMSProp(), 6)}), r"same steps .*got \[6, 7\]"),
        (
            lambda: RecordedRun({"a": runs(RMSProp(), 5), "b": sweep(RMSProp(), VALLEY, 5, lr=[0.5])}),
            "same values of lr",
        ),
        (lambda: RecordedRun(runs(RMSProp(), 5), at={"beta": 0.9}), "must name the axes lr, got beta"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()
