"""SweepMap in Python: the cells are those of the sweep, and what JavaScript unpacks is what was packed."""

import numpy as np
import pytest

from rmsprop_lib import RMSProp, problems, sweep
from rmsprop_lib.widgets import SweepMap
from rmsprop_lib.widgets.sweep_map import default_sweep, loss_range, packed

BETA = np.array([0.0, 0.9, 0.99])


def small(**more):
    return sweep(RMSProp(), problems.rosenbrock(), 50, lr=np.geomspace(1e-3, 1e3, 4), beta=BETA, **more)


def test_the_page_holds_every_last_loss_and_every_curve_to_a_twentieth_of_a_decade(javascript):
    grid = small()
    canvas = SweepMap(grid).figure
    last = np.frombuffer(canvas.last, "<f8").reshape(4, 3)
    assert np.array_equal(last, grid.loss[-1])
    low, high = canvas.range
    assert all(0 <= x <= 255 for x in canvas.curves) and len(canvas.curves) == 4 * 3 * len(canvas.t)
    bytes_ = list(canvas.curves)
    for cell, (i, j) in enumerate(np.ndindex(4, 3)):
        unpack = f"((b, points, range) => core.curveOf(Uint8Array.from(b), {cell}, points, range))"
        got = javascript(unpack, bytes_, len(canvas.t), [low, high])
        wanted = np.clip(grid.loss[canvas.t, i, j], 10**low, 10**high)
        assert np.allclose(np.log10(np.array(got)), np.log10(wanted), atol=0.05)


def test_what_is_not_finite_is_marked_and_zero_is_the_lowest():
    loss = np.array([np.nan, np.inf, 0.0, 1e-9, 0.01, 100.0, 1e9])
    assert packed(loss, (-2.0, 2.0)).tolist() == [255, 255, 0, 0, 0, 254, 254]
    assert loss_range(np.array([[np.nan], [np.inf]])) == (-1.0, 0.0)


def test_the_chosen_cell_is_the_nearest_and_moves_the_sliders(javascript):
    figure = SweepMap(small(), at={"lr": 0.2, "beta": 0.8})
    assert figure.chosen == {"lr": pytest.approx(0.1), "beta": 0.9}
    figure.chosen = {"lr": 1000, "beta": 0}
    assert figure._controls["x"].value == figure.figure.x == pytest.approx(1000)
    assert figure.figure.y == 0
    figure.figure.x, figure.figure.y = 1.1, 0.5  # a slider between the cells
    assert figure.chosen == {"lr": pytest.approx(10), "beta": 0.9}
    assert javascript("core.nearest", [0.001, 0.1, 10, 1000], 1.1, True) == 2
    assert javascript("core.nearest", BETA.tolist(), 0.5, False) == 1


def test_the_best_cell_is_found_alike_in_javascript(javascript):
    grid = small()
    last = [None if not np.isfinite(x) else x for x in grid.loss[-1].ravel().tolist()]
    place = javascript("((l) => core.lowest(l.map((x) => x ?? Infinity)))", last)
    assert grid.loss[-1].ravel()[place] == grid.best()["loss"]
    assert javascript("((l) => core.lowest(l.map((x) => x ?? NaN)))", [None, 3, 2, None]) == 2


def test_the_default_map_shows_that_beta_and_alpha_matter():
    grid = default_sweep()
    last = grid.loss[-1]
    assert np.isfinite(last).all() and last.max() > 100 * last.min()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SweepMap(sweep(RMSProp(), problems.bowl(), 5, lr=np.array([0.1, 0.2]))), "two axes .*got lr"),
        (lambda: SweepMap(small(record="last")), 'record="last"'),
        (lambda: SweepMap(small(), at={"lr": 0.1}), "values must name the axes"),
    ],
)
def test_what_cannot_be_a_map_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()
