"""Models in time: rows learned one by one, and recurrent networks."""

import math

import numpy as np
import pytest

from rmsprop_lib import GradientDescent, models, problems, run
from tests.model_table import FRESH, MODELS, SEQUENCES, TEXT, batch_loss, seen, somewhere


def test_a_stream_learns_each_row_once_in_order_and_is_charged_before():
    X, y = np.arange(1.0, 6.0)[:, None], np.arange(1.0, 6.0) * 2
    problem = models.stream(models.linear_regression(X, y))
    path = run(GradientDescent(lr=0.01), problem, 7)
    theta = np.zeros(2)
    for t in range(7):
        x, target = X[t % 5, 0], y[t % 5]
        error = x * theta[0] + theta[1] - target
        assert path.loss[t] == pytest.approx(0.5 * error**2)
        assert path.grad[t] == pytest.approx([error * x, error])
        theta = theta - 0.01 * error * np.array([x, 1])
    assert problem.minimum is None


def test_relabelling_permutes_the_classes_from_the_first_change_on():
    rows = np.eye(6)
    problem = models.stream(models.softmax_regression(rows, np.arange(6)), relabel_every=6)
    labels = [problem.gradient.batches(problem.start, t, 0)[1].item() for t in range(1, 25)]
    assert labels[:6] == list(range(6))
    for k in (6, 12, 18):
        assert sorted(labels[k : k + 6]) == list(range(6))
    assert labels[:6] != labels[6:12] != labels[12:18]
    theta = somewhere(problem)
    assert problem.f(theta, 5) == batch_loss(problem, theta, 6)


def test_a_random_stream_draws_all_rows():
    problem = models.stream(models.linear_regression(np.arange(8.0)[:, None], np.zeros(8)), order="random")
    rows = [row for step in seen(problem, 400) for row in step]
    assert set(rows) == set(range(8))
    assert rows[:8] != rows[8:16]


def test_the_adding_problem_marks_two_numbers_one_in_each_half_and_asks_for_their_sum():
    problem = models.adding(9, 4, batch=200)
    (x, y), (other, _) = (problem.gradient.batches(problem.start, t, 0) for t in (1, 2))
    assert x.shape == (200, 9, 2)
    assert x[..., 1].sum(axis=1).tolist() == [2] * 200
    assert x[:, :4, 1].sum(axis=1).tolist() == [1] * 200
    assert y[:, 0] == pytest.approx((x[..., 0] * x[..., 1]).sum(axis=1))
    assert x[..., 0].min() >= 0
    assert x[..., 0].mean() == pytest.approx(0.5, abs=0.03)
    assert not np.array_equal(x, other)
    always_one = np.zeros_like(problem.start)
    always_one[-1] = 1
    assert problem.f(always_one) == pytest.approx(1 / 12, rel=0.1)


def test_a_recurrent_network_is_its_recursion():
    problem = MODELS["rnn"]()
    theta = somewhere(problem)
    p = models.views(problem, theta)
    h = np.zeros((9, 5))
    for t in range(6):
        h = np.tanh(SEQUENCES[:, t] @ p["Wx"] + h @ p["Wh"] + p["b"])
    z = h @ p["Wo"] + p["bo"]
    assert models.predict(problem, theta, SEQUENCES) == pytest.approx(z)
    assert problem.f(theta) == pytest.approx(0.5 * ((z - SEQUENCES[:, 0]) ** 2).sum(axis=1).mean())


def test_the_character_network_reads_windows_of_the_text_and_guesses_the_next():
    problem = models.char_rnn(TEXT, 6, length=7, batch=50, test=10)
    alphabet = problem.objective.model.alphabet
    assert alphabet == "".join(sorted(set(TEXT)))
    x, y = problem.gradient.batches(problem.start, 3, 0)
    assert x.shape == y.shape == (50, 7)
    for row, following in zip(x, y, strict=True):
        window = "".join(alphabet[i] for i in row)
        assert window in TEXT
        assert "".join(alphabet[i] for i in following[:-1]) == window[1:]
        assert window + alphabet[following[-1]] in TEXT
    uniform = np.zeros_like(problem.start)
    assert problem.f(uniform) == pytest.approx(math.log(len(alphabet)))


def test_the_last_tenth_of_the_text_is_held_out():
    text = "abc" * 300 + "xyz" * 33 + "x"
    problem = models.char_rnn(text, 4, length=5, batch=500, test=20)
    letters = problem.objective.model.alphabet
    shown = {letters[i] for t in (1, 2, 3) for part in problem.gradient.batches(problem.start, t, 0) for i in part.flat}
    held = {letters[i] for part in problem.objective.rows for i in part.flat}
    assert shown == set("abc")
    assert held == set("xyz")
    assert len(problem.objective.rows) == 20


def test_the_gates_of_time_multiply_and_the_lags_say_so():
    problem = models.adding(30, 16, gain=0.4)
    norms = models.lag_norms(problem, problem.start)
    assert norms.shape == (30,)
    assert (norms[1:] < 0.41 * norms[:-1]).all()
    still = models.adding(30, 16, recurrent="identity")
    theta = still.start.copy()
    models.views(still, theta)["Wx"][...] = 0
    assert models.lag_norms(still, theta) == pytest.approx(np.full(30, models.lag_norms(still, theta)[0]))
    text = FRESH["char rnn"]()
    theta = somewhere(text)
    p = models.views(text, theta)
    x, y = text.gradient.batches(theta, 1, 0)
    h = np.zeros((3, 6))
    for t in range(7):
        h = np.tanh(p["Wx"][x[:, t]] + h @ p["Wh"] + p["b"])
    z = h @ p["Wo"] + p["bo"]
    d = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - np.eye(z.shape[1])[y[:, -1]]
    last = d @ p["Wo"].T / (3 * 7)
    earlier = (last * (1 - h**2)) @ p["Wh"].T
    assert models.lag_norms(text, theta)[:2] == pytest.approx([np.linalg.norm(last), np.linalg.norm(earlier)])


def test_what_is_wrapped_has_no_lags_and_a_stream_is_not_made_twice():
    with pytest.raises(TypeError, match="problem must be a plain recurrent network, got clipped adding"):
        models.lag_norms(problems.clipped(models.adding()), np.zeros(3))
    with pytest.raises(TypeError, match="must be a regression or mlp of all rows, got stream softmax_regression"):
        models.stream(FRESH["stream"]())


def test_recurrent_weights_start_as_they_are_asked_for():
    def recurrent(**settings):
        problem = models.adding(5, 40, **settings)
        return models.views(problem, problem.start)["Wh"]

    assert recurrent(gain=0.5) @ recurrent(gain=0.5).T == pytest.approx(0.25 * np.eye(40), abs=1e-12)
    assert np.array_equal(recurrent(recurrent="identity", gain=2), 2 * np.eye(40))
    assert recurrent(recurrent="normal").std() == pytest.approx(1 / math.sqrt(40), rel=0.05)
    assert not np.array_equal(recurrent(init=1), recurrent(init=2))
