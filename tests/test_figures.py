"""Pictures: they draw the numbers given, in the colours of the one table, with labelled axes, and refuse the rest."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import same_color

import rmsprop_lib
from rmsprop_lib import Adam, GradientDescent, Momentum, Optimizer, RMSProp, Sweep, figures, problems, run, sweep

BOWL = problems.quadratic(condition=10)
PATH = run(RMSProp(lr=0.1), BOWL, 20)
DESCENT = run(GradientDescent(lr=0.1), BOWL, 20)
GRID = sweep(RMSProp(), problems.noisy(BOWL), 10, lr=[0.01, 0.1, 1.0], seed=range(3))


def test_every_optimizer_of_the_table_has_a_colour_for_both_backgrounds_a_dash_and_a_marker():
    for name, token in figures.tokens().items():
        assert name == "other" or hasattr(rmsprop_lib, name)
        assert set(token) == {"label", "light", "dark", "dash", "marker"}
    lights = [token["light"] for token in figures.tokens().values()]
    assert len(set(lights)) == len(lights)


def test_paths_draws_each_run_in_its_colour_from_start_to_end():
    ax = figures.paths(PATH, DESCENT)
    assert same_color(ax.lines[0].get_color(), figures.tokens()["RMSProp"]["light"])
    assert same_color(ax.lines[1].get_color(), figures.tokens()["GradientDescent"]["light"])
    assert np.array_equal(np.column_stack(ax.lines[0].get_data()), PATH.theta)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("θ₁", "θ₂", BOWL.title)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["RMSProp", "gradient descent"]


def test_two_runs_of_one_optimizer_share_the_colour_and_differ_by_dash_and_label():
    one, other = figures.losses(PATH, run(RMSProp(lr=0.01), BOWL, 20), labels=["α = 0.1", "α = 0.01"]).lines
    assert same_color(one.get_color(), other.get_color())
    assert one.get_linestyle() != other.get_linestyle()
    assert [one.get_label(), other.get_label()] == ["α = 0.1", "α = 0.01"]


def test_losses_is_logarithmic_labelled_and_does_not_fall_below_its_floor():
    ax = figures.losses(run(GradientDescent(lr=1.0), problems.quadratic(condition=1), 5), floor=1e-9)
    assert ax.get_yscale() == "log" and ax.lines[0].get_ydata().min() == 1e-9
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step t", "loss f(θ)")


def test_a_readers_own_rule_has_its_name_and_a_colour_of_its_own():
    def my_rule(theta, grad, lr):
        return theta - lr * grad

    style = figures.line_style(Optimizer.from_rule(my_rule, lr=0.1))
    assert style["label"] == "my_rule" and style["color"] == figures.tokens()["other"]["light"]


def test_curves_draws_the_median_in_a_band_from_smallest_to_largest():
    runs = np.array([[1.0, 5.0], [2.0, 6.0], [9.0, 4.0]])
    ax = figures.curves([0, 1], {"Adam, β₁ = 0": runs}, xlabel="step t", ylabel="x")
    assert ax.lines[0].get_ydata().tolist() == [2.0, 5.0]
    assert same_color(ax.lines[0].get_color(), figures.tokens()["Adam"]["light"])
    band = ax.collections[0].get_paths()[0].vertices
    assert {(0, 1), (0, 9), (1, 4), (1, 6)} <= {tuple(v) for v in band}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step t", "x")


def test_curves_tells_labels_of_one_optimizer_and_unknown_labels_apart():
    zero = np.zeros(2)
    names = ("RMSProp", "RMSProp, β = 0.5", "a", "b", "Adagrad")
    drawn = [
        (line.get_color(), line.get_linestyle(), line._dash_pattern)
        for line in figures.curves([0, 1], dict.fromkeys(names, zero)).lines
    ]
    assert len(set(map(str, drawn))) == len(names)
    assert drawn[0][0] == drawn[1][0] == figures.tokens()["RMSProp"]["light"]
    assert drawn[4][0] == figures.tokens()["Adagrad"]["light"]


def test_spread_draws_every_seed_and_the_median():
    ax = figures.spread({"RMSProp": [3.0, 1.0, 2.0], "momentum": [5.0]}, xlabel="loss", xscale="log")
    points = [line for line in ax.lines if line.get_marker() == "o"]
    strokes = [line for line in ax.lines if line.get_marker() == "|"]
    assert [line.get_xdata().tolist() for line in points] == [[2.0], [5.0]]
    assert strokes[0].get_xdata().tolist() == [3.0, 1.0, 2.0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["RMSProp", "momentum"]
    assert (ax.get_xlabel(), ax.get_xscale()) == ("loss", "log")


def test_points_have_their_names_beside_them():
    ax = figures.points([1, 2], [3, 4], ["a", "b"], xlabel="x", ylabel="y")
    assert [t.get_text() for t in ax.texts] == ["a", "b"]
    assert ax.lines[0].get_ydata().tolist() == [3, 4]


def test_bars_stand_in_groups_with_their_heights_colours_and_hatches():
    ax = figures.bars({"RMSProp, step 1": [1.0, 2.0], "RMSProp, step 2": [3.0, 4.0]}, ["θ₁", "θ₂"], ylabel="rate")
    heights = [[bar.get_height() for bar in group] for group in ax.containers]
    assert heights == [[1.0, 2.0], [3.0, 4.0]]
    first, second = (group[0] for group in ax.containers)
    assert same_color(first.get_facecolor(), figures.tokens()["RMSProp"]["light"])
    assert first.get_hatch() != second.get_hatch()
    assert [t.get_text() for t in ax.get_xticklabels()] == ["θ₁", "θ₂"] and ax.get_ylabel() == "rate"


def test_sensitivity_draws_the_median_of_the_last_losses_over_alpha():
    ax = figures.sensitivity({"RMSProp": GRID})
    assert np.array_equal(ax.lines[0].get_ydata(), np.median(GRID.loss[-1], axis=1))
    assert np.array_equal(ax.lines[0].get_xdata(), GRID.axes["lr"])
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_xlabel()) == ("log", "log", "learning rate α")
    assert ax.lines[0].get_marker() == figures.tokens()["RMSProp"]["marker"]


def test_sensitivity_takes_a_sweep_without_seeds_and_stops_where_a_run_diverged():
    loss = np.array([[1.0, 1.0, 1.0], [0.5, np.nan, 0.2]])
    diverged = Sweep(Momentum(), BOWL, {"lr": np.array([0.1, 1.0, 2.0])}, loss, loss[..., None])
    assert np.isnan(figures.sensitivity({"momentum": diverged}).lines[0].get_ydata()).tolist() == [False, True, False]


def test_heat_map_marks_the_lowest_loss_and_leaves_divergence_white():
    last = np.array([[3.0, np.nan], [0.5, 2.0], [np.inf, 4.0]])
    loss = np.stack([np.ones_like(last), last])
    grid = Sweep(
        RMSProp(), BOWL, {"lr": np.array([0.1, 0.2, 0.4]), "beta": np.array([0.5, 0.9])}, loss, loss[..., None]
    )
    ax = figures.heat_map(grid)
    assert ax.lines[-1].get_xydata().tolist() == [[1, 0]]
    cells = ax.collections[0].get_array()
    assert cells.shape == (2, 3) and cells.mask.tolist() == [[False, False, True], [True, False, False]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("learning rate α", "decay β")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.1", "0.2", "0.4"]


@pytest.mark.parametrize("broadcasts", [True, False])
def test_the_paths_of_a_readers_own_problem_lie_inside_the_picture(broadcasts):
    def loss(theta):
        return (theta**2).sum(axis=-1) if broadcasts else float(theta @ theta)

    mine = problems.Problem("mine", loss, lambda theta: 2 * theta, [1.0, 2.0], broadcasts=broadcasts)
    for steps in (20, 0):
        path = run(RMSProp(lr=0.1), mine, steps)
        ax = figures.paths(path)
        (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
        assert x0 < path.theta[:, 0].min() and path.theta[:, 0].max() < x1
        assert y0 < path.theta[:, 1].min() and path.theta[:, 1].max() < y1


def test_a_long_axis_of_a_heat_map_names_values_at_equal_distances():
    grid = {"lr": np.geomspace(1e-3, 10, 9), "eps": 10.0 ** np.arange(-10, 5, 2)}
    ax = figures.heat_map(sweep(RMSProp(), BOWL, 2, **grid))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.001", "0.01", "0.1", "1", "10"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["1e-10", "1e-06", "0.01", "100"]


def test_every_function_draws_into_the_axes_it_is_given():
    for draw in (
        lambda ax: figures.paths(PATH, ax=ax),
        lambda ax: figures.losses(PATH, ax=ax),
        lambda ax: figures.curves([0, 1], {"a": [1, 2]}, ax=ax),
        lambda ax: figures.spread({"a": [1]}, ax=ax),
        lambda ax: figures.points([1], [1], ax=ax),
        lambda ax: figures.bars({"a": [1]}, ["x"], ax=ax),
        lambda ax: figures.sensitivity({"Adam": GRID}, ax=ax),
        lambda ax: figures.heat_map(sweep(Adam(), BOWL, 5, lr=[0.1, 1.0], beta2=[0.9, 0.99]), ax=ax),
    ):
        ax = plt.figure().gca()
        assert draw(ax) is ax


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.paths(), "trajectories must be one or more results of run"),
        (lambda: figures.losses(PATH.loss), "trajectories must be one or more results of run"),
        (lambda: figures.paths(run(RMSProp(), problems.quadratic(d=3), 5)), "2 parameters, got 3"),
        (lambda: figures.losses(PATH, labels=["a", "b"]), "labels must be one per run, 1, got 2"),
        (lambda: figures.curves([0, 1], {"a": [1, 2, 3]}), "'a' must have one number for each of the 2 in x"),
        (lambda: figures.bars({}, ["x"]), "values must hold 1 numbers for each label"),
        (lambda: figures.bars({"a": [1, 2]}, ["x"]), "values must hold 1 numbers for each label"),
        (lambda: figures.sensitivity({}), "sweeps must have one or more entries"),
        (lambda: figures.sensitivity({"a": sweep(RMSProp(), BOWL, 2, beta=[0.9])}), "'a' must have the axes lr"),
        (lambda: figures.heat_map(sweep(RMSProp(), BOWL, 2, lr=[0.1])), r"two axes, got \['lr'\]"),
        (lambda: figures.scientific(float("nan")), "x must be finite, got nan"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [(3.2e-9, 1, "3·10⁻⁹"), (3.25e-9, 3, "3.25·10⁻⁹"), (12345.0, 2, "1.2·10⁴"), (-0.5, 1, "-5·10⁻¹")],
)
def test_a_number_is_written_with_a_power_of_ten(x, digits, text):
    assert figures.scientific(x, digits) == text


def test_the_style_is_that_of_the_book():
    with plt.rc_context():
        figures.use_style()
        assert plt.rcParams["figure.figsize"] == [5.6, 3.3] and plt.rcParams["axes.spines.top"] is False
