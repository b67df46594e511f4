"""Laws that hold for every model: gradients against finite differences, the same bits in a sweep, views, batches."""

import itertools
import math
import os
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from rmsprop_lib import Adagrad, Adam, GradientDescent, RMSProp, datasets, models, problems, run, sweep
from rmsprop_lib.models.rows import _blocks
from tests.model_table import ALL, FEW, FRESH, LABELS, MODELS, RNG, SEQUENCES, X, batch_loss, seen, somewhere
from tests.test_arrays import Device


@pytest.mark.parametrize("t", [1, 9])
@pytest.mark.parametrize("name", ALL)
def test_every_gradient_is_the_slope_of_the_loss_of_its_batch(name, t):
    problem = ALL[name](**({"batch": 4} if name in MODELS else {}))
    theta = somewhere(problem)
    batch = problems.Problem(
        "batch", lambda theta, t: batch_loss(problem, theta, t + 1), lambda theta, t: problem.grad(theta, t), theta
    )
    assert problems.check_gradient(batch, theta, t) < 1e-7


@pytest.mark.parametrize("name", MODELS)
def test_without_batches_the_gradient_is_the_slope_of_f_and_batches_of_an_epoch_average_to_it(name):
    whole, parts = MODELS[name](), MODELS[name](batch=3)
    theta = somewhere(whole)
    grad = whole.grad(theta)
    assert problems.check_gradient(whole, theta) < 1e-7
    assert parts.f(theta) == whole.f(theta)
    rows = whole.objective.rows
    if len(rows) % 3 == 0:
        epoch = [parts.grad(theta, t) for t in range(1, len(rows) // 3 + 1)]
        assert np.mean(epoch, axis=0) == pytest.approx(grad, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ALL)
def test_many_parameter_vectors_at_once_give_the_bits_of_each_alone(name, dtype):
    problem = ALL[name]()
    for shape in ((1,), (2, 3), (50,)):
        theta = somewhere(problem, shape).astype(dtype)
        for layout in (theta, np.moveaxis(np.ascontiguousarray(np.moveaxis(theta, -1, 0)), 0, -1)):
            f, grad = problem.f(layout, 2), problem.grad(layout, 3)
            assert f.dtype == grad.dtype == dtype
            assert f.shape == shape
            for i in np.ndindex(shape):
                assert problem.f(theta[i], 2) == f[i]
                assert np.array_equal(problem.grad(theta[i], 3), grad[i])


@pytest.mark.parametrize(
    "problem",
    [
        models.mlp(RNG.standard_normal((700, 30)), np.arange(700) % 7, (16, 9), l2=0.1),
        models.logistic_regression(RNG.standard_normal((3000, 5)), np.arange(3000) % 2),
        models.logistic_regression(RNG.random((3000, 200)) < 0.03, np.arange(3000) % 2),
        models.softmax_regression(RNG.random((900, 300)) < 0.03, np.arange(900) % 4),
        models.rnn(RNG.standard_normal((300, 9, 2)), RNG.standard_normal((300, 2)), 12),
        models.mlp(RNG.standard_normal((50, 70)), np.arange(50) % 7, (300, 150, 40)),
        models.rnn(RNG.standard_normal((20, 5, 2)), RNG.standard_normal(20), 130),
    ],
    ids=["mlp", "logistic", "sparse logistic", "sparse softmax", "rnn", "wide mlp", "wide rnn"],
)
def test_the_bits_are_the_same_for_long_sums_too(problem):
    theta = somewhere(problem, (6,))
    f, grad = problem.f(theta), problem.grad(theta)
    for one, loss, g in zip(theta, f, grad, strict=True):
        assert problem.f(one) == loss
        assert np.array_equal(problem.grad(one), g)


def test_no_product_is_cut_into_slivers():
    for inputs, outputs in itertools.product((1, 2, 10, 64, 91, 128, 256, 512, 1024), repeat=2):
        for n in (1, 32, 128, 5000):
            *others, last = (rows.stop - rows.start for rows in _blocks(n, inputs, outputs))
            assert sum(others) + last == n
            assert min(others, default=32) >= 32


def test_the_bits_of_narrow_layers_are_the_same_with_one_core_and_with_two():
    code = (
        "import hashlib, numpy as np; from rmsprop_lib import models; rng = np.random.default_rng(0);"
        "X, y = rng.standard_normal((9000, 64)), np.arange(9000) % 10; narrow = [models.mlp(X, y, (128, 64, 5)),"
        "models.mlp(X[:, :1], y, (20,)), models.logistic_regression(X, y > 4), models.linear_regression(X[:, :1], y)];"
        "asked = [(p, np.stack([p.start + 0.1, 2 * p.start]).astype(d)) for p in narrow for d in 'fd'];"
        "bits = b''.join(a.tobytes() for p, theta in asked for a in (p.grad(theta), p.f(theta)));"
        "print(hashlib.sha256(bits).hexdigest())"
    )
    answers = {
        subprocess.check_output([sys.executable, "-c", code], env=os.environ | {"OPENBLAS_NUM_THREADS": str(cores)})
        for cores in (1, 2)
    }
    assert len(answers) == 1


@pytest.mark.parametrize("name", ALL)
def test_on_another_device_the_bits_are_the_same_and_stay_there(name):
    problem = ALL[name]()
    for shape in ((), (2, 3)):
        theta = somewhere(problem, shape)
        f, grad = problem.f(Device(theta), 2), problem.grad(Device(theta), 3)
        assert np.array_equal(f.get(), problem.f(theta, 2))
        assert np.array_equal(grad.get(), problem.grad(theta, 3))
        parts = models.views(problem, Device(theta))
        assert all(np.array_equal(parts[k].get(), v) for k, v in models.views(problem, theta).items())
    if name in ("softmax", "logistic mlp"):
        y = LABELS % 2
        assert models.accuracy(problem, Device(theta), X, y).get() == pytest.approx(
            models.accuracy(problem, theta, X, y)
        )


@pytest.mark.parametrize("name", ALL)
def test_asking_changes_nothing_and_a_pickled_model_gives_the_same_bits(name):
    problem = ALL[name](seed=4)
    theta = somewhere(problem)
    before = theta.copy()
    forwards = [problem.grad(theta, t) for t in range(1, 12)]
    problem.grad(theta.astype(np.float32))
    again = pickle.loads(pickle.dumps(problem))
    assert np.array_equal([again.grad(theta, t) for t in reversed(range(1, 12))][::-1], forwards)
    assert again.f(theta, 3) == problem.f(theta, 3)
    assert np.array_equal(theta, before)


@pytest.mark.parametrize("name", ["softmax", "sparse softmax", "mlp", "rnn", "adding", "char rnn"])
def test_a_sweep_equals_single_runs_bit_for_bit(name):
    problem = ALL[name]() if name in FRESH else ALL[name](batch=5)
    grid = sweep(RMSProp(), problem, 12, lr=[1e-3, 1e-1], beta=[0.5, 0.9, 0.99])
    for i, j in np.ndindex(2, 3):
        path = run(RMSProp(lr=grid.axes["lr"][i], beta=grid.axes["beta"][j]), problem, 12)
        assert np.array_equal(path.loss, grid.loss[:, i, j])
        assert np.array_equal(path.theta, grid.theta[:, i, j])


def test_known_values_at_the_start():
    assert models.softmax_regression(X, LABELS).f(np.zeros(15)) == pytest.approx(math.log(3))
    assert models.logistic_regression(X, LABELS == 1).f(np.zeros(5)) == pytest.approx(math.log(2))
    assert models.linear_regression(X, np.full(23, 4.0)).f(np.zeros(5)) == pytest.approx(8)
    assert models.chain(4, weight=0.5).f(np.full(4, 0.5)) == pytest.approx(0.5 * (1 / 16 - 1) ** 2)


def test_softmax_of_two_classes_is_logistic_regression_of_the_difference():
    two, one = models.softmax_regression(X, LABELS % 2), models.logistic_regression(X, LABELS % 2)
    theta = somewhere(two)
    W, b = models.views(two, theta).values()
    difference = np.concatenate([W[:, 1] - W[:, 0], [b[1] - b[0]]])
    assert two.f(theta) == pytest.approx(one.f(difference), rel=1e-12)


def test_huge_outputs_give_a_finite_loss_and_gradient():
    for name in ("softmax", "logistic", "mlp"):
        problem = MODELS[name]()
        theta = 1e4 * somewhere(problem)
        assert np.isfinite(problem.f(theta))
        assert np.isfinite(problem.grad(theta)).all()


def test_least_squares_knows_its_minimum_and_its_curvature():
    for problem in (MODELS["linear"](), MODELS["linear with l2"]()):
        assert np.abs(problem.grad(problem.minimum)).max() < 1e-12
        H = problems.hessian(problem)
        theta = somewhere(problem)
        quadratic = problem.f(problem.minimum) + 0.5 * (theta - problem.minimum) @ H @ (theta - problem.minimum)
        assert problem.f(theta) == pytest.approx(quadratic, rel=1e-12)
    assert MODELS["linear"]().minimum == pytest.approx([1, 2, 0, -1, 3])
    largest = 2 / np.linalg.eigvalsh(problems.hessian(MODELS["linear"]()))[-1]
    assert run(GradientDescent(lr=0.99 * largest), MODELS["linear"](), 400).loss[-1] < 1e-3
    assert run(GradientDescent(lr=1.01 * largest), MODELS["linear"](), 400).loss[-1] > 10


def test_parameters_of_another_size_are_refused_by_name():
    problem = MODELS["softmax"]()
    X = np.zeros((2, 4))
    for ask in (models.views, lambda p, theta: models.predict(p, theta, X), lambda p, t: models.loss(p, t, X, [0, 1])):
        for size in (14, 16):
            with pytest.raises(ValueError, match=rf"theta must have shape \(..., 15\), got \({size},\)"):
                ask(problem, np.zeros(size))
    assert models.predict(problem, [0.0] * 15, X).tolist() == [0, 0]
    with pytest.raises(TypeError, match=r"hidden must list the units of each hidden layer, such as \(32,\), got 5"):
        models.mlp(X, [0, 1], hidden=5)


def test_views_name_all_of_theta_and_writing_to_them_writes_to_theta():
    problem = models.mlp(X, LABELS, (5, 4))
    theta = np.zeros((2, problem.start.size))
    parts = models.views(problem, theta)
    assert {k: v.shape for k, v in parts.items()} == {
        "W1": (2, 4, 5), "b1": (2, 5), "W2": (2, 5, 4), "b2": (2, 4), "W3": (2, 4, 3), "b3": (2, 3),
    }  # fmt: skip
    for part in parts.values():
        part += 1
    assert np.array_equal(theta, np.ones_like(theta))
    order = models.views(problem, np.arange(theta.shape[1]))
    assert np.array_equal(np.concatenate([part.ravel() for part in order.values()]), np.arange(theta.shape[1]))
    swept = np.moveaxis(np.zeros((problem.start.size, 3, 2)), 0, -1)
    assert all(np.shares_memory(part, swept) for part in models.views(problem, swept).values())
    assert set(models.views(MODELS["softmax"](), np.zeros(15))) == {"W", "b"}
    assert set(models.views(FRESH["char rnn"](), FRESH["char rnn"]().start)) == {"Wx", "Wh", "b", "Wo", "bo"}


def test_predictions_accuracy_and_test_loss_are_those_of_the_named_parts():
    problem = models.softmax_regression(X, LABELS)
    theta = somewhere(problem, (3,))
    W, b = models.views(problem, theta).values()
    wanted = (X @ W + b[:, None]).argmax(axis=-1)
    assert np.array_equal(models.predict(problem, theta, X), wanted)
    assert models.accuracy(problem, theta, X, LABELS) == pytest.approx((wanted == LABELS).mean(axis=-1))
    assert models.loss(problem, theta, X, LABELS) == pytest.approx(problem.f(theta), rel=1e-14)
    assert models.loss(problem, theta[0], X[:5], LABELS[:5]) != pytest.approx(problem.f(theta[0]))
    one = models.logistic_regression(X, LABELS == 2)
    theta = somewhere(one)
    assert np.array_equal(models.predict(one, theta, X), (X @ theta[:-1] + theta[-1] > 0).astype(int))
    line = models.linear_regression(X, X[:, 0])
    assert models.predict(line, theta, X)[:, 0] == pytest.approx(X @ theta[:-1] + theta[-1])


def joined(lists):
    return list(itertools.chain.from_iterable(lists))


def test_an_epoch_goes_once_through_the_rows_in_a_new_order_each_time_and_leaves_out_the_rest():
    counted = np.arange(1.0, 12.0)[:, None]
    problem = models.linear_regression(counted, counted[:, 0], batch=3)
    steps = seen(problem, 9)
    epochs = [joined(steps[k : k + 3]) for k in (0, 3, 6)]
    for rows in epochs:
        assert len(set(rows)) == 9
    assert epochs[0] != epochs[1] != epochs[2]
    assert seen(problem.with_seed(1), 3) != steps[:3]
    left_out = [set(range(1, 12)) - set(joined(seen(problem.with_seed(s), 3))) for s in range(30)]
    assert set().union(*left_out) == set(range(1, 12))


def test_sampling_with_replacement_draws_each_row_equally_often_and_sometimes_twice():
    counted = np.arange(10.0)[:, None] + 1
    steps = seen(models.linear_regression(counted, counted[:, 0], batch=4, replace=True), 3000)
    share = np.array(list(Counter(joined(steps)).values())) / 12000
    assert len(share) == 10
    assert np.abs(share - 0.1).max() < 4 * math.sqrt(0.09 / 12000)
    distinct = 10 * 9 * 8 * 7 / 10**4
    assert np.mean([len(set(s)) == 4 for s in steps]) == pytest.approx(distinct, abs=4 * math.sqrt(0.25 / 3000))


def test_the_noise_of_a_batch_has_the_deviation_of_the_theory():
    problem = models.softmax_regression(X, LABELS, batch=8, replace=True)
    theta = somewhere(problem)
    one = models.softmax_regression(X, LABELS, batch=1)
    each = np.array([one.grad(theta, t) for t in range(1, 24)])
    drawn = np.array([problem.grad(theta, t) for t in range(1, 4001)])
    assert drawn.mean(axis=0) == pytest.approx(each.mean(axis=0), abs=5 * each.std(axis=0).max() / math.sqrt(8 * 4000))
    assert np.sqrt(drawn.var(axis=0).sum()) == pytest.approx(np.sqrt(each.var(axis=0).sum() / 8), rel=0.03)


def test_few_non_zeros_are_computed_as_the_whole_matrix_would_be(monkeypatch):
    sparse = models.softmax_regression(FEW, np.arange(30) % 3, batch=7)
    monkeypatch.setattr("rmsprop_lib.models.rows.FEW", 0.0)
    dense = models.softmax_regression(FEW, np.arange(30) % 3, batch=7)
    assert type(sparse.objective.rows.x) is not type(dense.objective.rows.x)
    theta = somewhere(sparse, (3,))
    assert sparse.f(theta) == pytest.approx(dense.f(theta), rel=1e-13)
    assert sparse.grad(theta, 2) == pytest.approx(dense.grad(theta, 2), rel=1e-12, abs=1e-16)
    assert models.predict(sparse, theta, FEW).tolist() == models.predict(dense, theta, FEW).tolist()


def test_weights_start_with_the_deviation_that_keeps_signals_alive():
    wide = models.mlp(np.zeros((2, 400)), [0, 1], (300, 200), gain=1.5, init=3)
    parts = models.views(wide, wide.start)
    assert parts["W1"].std() == pytest.approx(1.5 / 20, rel=0.02)
    assert parts["W2"].std() == pytest.approx(1.5 / math.sqrt(300), rel=0.02)
    assert not parts["b1"].any()
    relu = models.mlp(np.zeros((2, 400)), [0, 1], (300,), activation="relu")
    assert models.views(relu, relu.start)["W1"].std() == pytest.approx(math.sqrt(2) / 20, rel=0.02)
    assert np.array_equal(models.mlp(X, LABELS, init=1).start, models.mlp(X, LABELS, init=1, seed=9).start)
    assert not np.array_equal(models.mlp(X, LABELS, init=1).start, models.mlp(X, LABELS, init=2).start)


def test_the_chain_has_tiny_gradients_that_rmsprop_rescales_and_gradient_descent_does_not():
    problem = models.chain(30)
    assert problem.grad(problem.start) == pytest.approx(np.full(30, -(0.5**29)), rel=1e-6)
    assert run(GradientDescent(lr=0.3), problem, 500).loss[-1] == pytest.approx(0.5)
    assert run(RMSProp(lr=0.003, eps=0), problem, 300).loss[-1] < 0.01
    assert np.abs(problem.grad(problem.minimum)).max() < 1e-15


def test_real_models_learn_real_data():
    images, digits = datasets.load_digits()
    a, b, c, d = datasets.split(images / 16, digits)
    problem = models.softmax_regression(a, b, batch=32)
    path = run(RMSProp(lr=0.01), problem, 400)
    assert models.accuracy(problem, path.theta[-1], c, d) > 0.93
    lines, authors, _ = datasets.load_authors()
    a, b, c, d = datasets.split(lines, authors)
    problem = models.logistic_regression(a, b, batch=16)
    path = run(Adagrad(lr=0.5), problem, 300, record="loss")
    assert models.accuracy(problem, path.theta[-1], c, d) > 0.85
    text = models.char_rnn(hidden=24)
    path = run(Adam(lr=0.01), text, 120, record="loss")
    assert path.loss[-1] / math.log(2) < 3.6  # knowing the frequencies of characters alone gives more than 4 bits


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: models.softmax_regression(X[0], [0]), ValueError, r"X must have shape \(n, d\).* got \(4,\)"),
        (lambda: models.softmax_regression([["a"]], [0]), TypeError, "X must be an array of numbers, got list of <U1"),
        (lambda: models.softmax_regression([[np.nan]], [0]), ValueError, "X must be finite, got 1 NaN"),
        (lambda: models.softmax_regression(X, LABELS[:5]), ValueError, "same number of rows, got 23 and 5"),
        (lambda: models.softmax_regression(X, LABELS + 0.5), TypeError, r"class numbers \(integers\), got float64"),
        (lambda: models.softmax_regression(X, LABELS, 2), ValueError, r"y must be in 0 ... 1, got 0 ... 2"),
        (lambda: models.softmax_regression(X, LABELS - 1), ValueError, r"y must be in 0 ..., got -1 ... 1"),
        (lambda: models.softmax_regression(X, LABELS[:, None]), ValueError, r"y must have shape \(n,\), got \(23, 1\)"),
        (lambda: models.softmax_regression(X, LABELS, batch=0), ValueError, "batch must be >= 1, got 0"),
        (lambda: models.softmax_regression(X, LABELS, batch=24), ValueError, "batch must be in 1 ... 23"),
        (lambda: models.softmax_regression(X, LABELS, batch=2.0), TypeError, "batch must be a whole number, got 2.0"),
        (lambda: models.softmax_regression(X, LABELS, l2=-1), ValueError, "l2 must be >= 0, got -1"),
        (lambda: models.logistic_regression(X, LABELS), ValueError, "y must be in 0 ... 1, got 0 ... 2"),
        (lambda: models.linear_regression(X, ["a"] * 23), TypeError, "y must be an array of numbers"),
        (lambda: models.mlp(X, LABELS, activation="sine"), ValueError, "activation must be one of .* got 'sine'"),
        (lambda: models.mlp(X, LABELS, loss="hinge"), ValueError, "loss must be one of .* got 'hinge'"),
        (lambda: models.mlp(X, LABELS, (0,)), ValueError, "hidden must be >= 1, got 0"),
        (lambda: models.chain(target=0), ValueError, "target must be a finite number > 0, got 0"),
        (lambda: models.rnn(X, LABELS), ValueError, r"X must have shape \(n, T, inputs\).* got \(23, 4\)"),
        (lambda: models.rnn(SEQUENCES, SEQUENCES[:4, 0]), ValueError, "same number of rows, got 9 and 4"),
        (lambda: models.rnn(SEQUENCES, SEQUENCES[:, 0], recurrent="zero"), ValueError, "recurrent must be one of"),
        (lambda: models.adding(1), ValueError, "length must be >= 2, got 1"),
        (lambda: models.char_rnn("short"), ValueError, "text must have at least 1740 characters, got 5"),
        (lambda: models.stream(problems.bowl()), TypeError, "problem must be a model .* got bowl"),
        (lambda: models.stream(models.adding()), TypeError, "must be a regression or mlp of all rows, got adding"),
        (lambda: models.stream(MODELS["linear"](), relabel_every=3), ValueError, "relabel_every must be None"),
        (lambda: models.stream(MODELS["softmax"](), order="sorted"), ValueError, 'order must be "given" or "random"'),
        (lambda: models.accuracy(MODELS["linear"](), np.zeros(5), X, X[:, 0]), TypeError, "problem must have classes"),
        (lambda: models.predict(MODELS["softmax"](), np.zeros(15), X[:, :3]), ValueError, "must have 4 columns, got 3"),
        (lambda: models.loss(FRESH["char rnn"](), np.zeros(9), [[99]], [[0]]), ValueError, r"X must be in 0 \.\.\. 27"),
        (
            lambda: models.lag_norms(MODELS["mlp"](), np.zeros(9)),
            TypeError,
            "must be a plain recurrent network, got mlp",
        ),
        (lambda: problems.hessian(MODELS["mlp"]()), TypeError, "problem must be a quadratic"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(make, error, message):
    with pytest.raises(error, match=message):
        make()
