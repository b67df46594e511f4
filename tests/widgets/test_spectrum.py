"""SpectrumFigure and DescentSpectrum in Python: their numbers are those given, or those of a run, and JavaScript's."""

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, problems, run
from rmsprop_lib.widgets import DescentSpectrum, SpectrumFigure
from rmsprop_lib.widgets.spectrum import said
from rmsprop_lib.widgets.tables import axis_range, inks

RADIUS, CLIP = np.array([0.5, 0.9, 1.1]), ["off", "on"]
NORMS = np.stack([RADIUS[:, None] ** np.arange(5)] * 2, axis=1) * np.array([1.0, 0.1])[:, None]


def lags(**more) -> SpectrumFigure:
    return SpectrumFigure(range(5), {"norm": NORMS}, {"ρ": RADIUS, "clipping": CLIP}, xlabel="lag", **more)


def test_what_is_left_is_what_a_run_of_gradient_descent_leaves():
    bowl = problems.quadratic(condition=30.0, d=6)
    for lr in (0.01, 0.0631, 0.07):
        figure = DescentSpectrum(bowl, lr=lr, steps=37)
        path = run(GradientDescent(lr=lr), bowl, 37, progress=False)
        assert np.allclose(figure.left, path.theta[-1] / bowl.start, rtol=1e-12)
    assert (figure.left < 0).any() and abs(figure.left[-1]) > 1  # it jumps, and grows beyond 2/30


def test_what_is_left_is_the_same_in_javascript(javascript, parity):
    rng = np.random.default_rng(0)
    for _ in range(200):
        eigenvalues, steps = 10 ** rng.uniform(-3, 3, 4), int(rng.integers(0, 501))
        figure = DescentSpectrum(eigenvalues, lr=2 / eigenvalues.max() * rng.uniform(0.01, 1.2), steps=steps)
        got = [javascript("core.remaining", float(x), figure.lr, steps) for x in figure.eigenvalues]
        assert parity("DescentSpectrum", got, figure.left) <= 1e-10


def test_every_cell_of_the_page_is_the_one_that_its_sliders_name(javascript):
    figure = lags()
    (series,) = figure.figure.series
    table = np.frombuffer(series["table"], "<f4").reshape(-1, 5)
    for i, j in np.ndindex(3, 2):
        spec = {"axes": series["axes"], "shape": series["shape"]}
        cell = javascript("core.cellOf", spec, [i, j])
        assert np.allclose(table[cell], NORMS[i, j], rtol=1e-6)
        assert javascript("core.placesOf", spec, cell) == [[0, i], [1, j]]


def test_a_series_moves_only_with_the_sliders_that_it_has(javascript):
    spec = {"axes": [2, 0], "shape": [4, 3]}
    assert javascript("core.cellOf", spec, [1, 77, 3]) == 3 * 3 + 1
    assert javascript("core.placesOf", spec, 10) == [[2, 3], [0, 1]]


def test_the_setting_is_the_nearest_and_moves_the_sliders():
    figure = lags(at={"ρ": 0.95, "clipping": "on"})
    assert figure.chosen == {"ρ": 0.9, "clipping": "on"}
    figure.chosen = {"ρ": 7}
    assert figure.chosen == {"ρ": 1.1, "clipping": "on"}
    assert [control.index for control in figure._controls.values()] == [2, 1]
    with pytest.raises(ValueError, match="clipping must be one of 'off', 'on', got 'maybe'"):
        figure.chosen = {"clipping": "maybe"}


def test_what_is_not_finite_is_counted_and_zero_is_said():
    assert (
        said(np.array([1.0, np.nan, 0.0]), [1, 2, 4], "lag") == "is 1.0 at lag 1.0 and 0 at lag 4.0, 1 of 3 not finite"
    )
    assert said(np.array([np.inf]), ["first"], "") == "is not finite anywhere"


def test_an_axis_holds_the_finite_numbers_and_is_logarithmic_where_they_differ_much():
    (low, high), log = axis_range([1e-3, 0.0, 10.0, np.inf, np.nan], None)
    assert log and low < -3 and high > 1
    assert axis_range([1.0, 2.0], None) == ([0.0, 2.1], False)
    assert axis_range([-1.0, 100.0], None)[1] is False
    assert axis_range([1e-30, 1.0], True)[0][0] > -13  # at most twelve decades
    assert axis_range([np.nan], None) == ([-1.0, 0.0], False)


def test_labels_have_the_colours_of_their_optimizers_and_else_inks_that_differ():
    tokens = inks(["RMSProp, β = 0.9", "lag norm", "another"])
    assert tokens[0]["light"] == "#b8123a" and tokens[0]["label"] == "RMSProp, β = 0.9"
    assert tokens[1]["light"] != tokens[2]["light"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: SpectrumFigure([1, 2], {"a": np.ones((3, 3))}, {"ρ": RADIUS}),
            r"values\['a'\] must .*\(3, 2\), got \(3, 3\)",
        ),
        (lambda: SpectrumFigure([], {}, {"ρ": RADIUS}), "must not be empty, got 0 places and 0 labels"),
        (lambda: SpectrumFigure([1], {"a": np.ones(1)}, {}), "1 to 4 axes of settings, got none"),
        (lambda: lags(at={"β": 0.9}), "must name the axes ρ, clipping, got β"),
        (lambda: DescentSpectrum([1.0, 0.0]), "finite and > 0, got"),
        (lambda: DescentSpectrum([1.0], steps=501), "steps must be 0 to 500, got 501"),
        (lambda: DescentSpectrum([1.0], lr=-1.0), "lr must be"),
        (lambda: DescentSpectrum(problems.rosenbrock()), "problem must be a quadratic, got rosenbrock"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()
