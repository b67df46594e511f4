"""What people hand to a model or to a loader: tables, lists, sparse matrices and labels of every kind."""

import numpy as np
import pytest

from rmsprop_lib import datasets, models
from rmsprop_lib.models.rows import Sparse
from tests.model_table import FEW, FRESH, LABELS, MODELS, X, somewhere


class Csr:
    """A sparse matrix that speaks SciPy's language, here with every number stored twice, in halves, and some zeros."""

    ndim = 2

    def __init__(self, X):
        self._dense, self.shape = X, X.shape
        row, column = np.nonzero(X)
        self.data, self.indices = np.repeat(X[row, column] / 2, 2), np.repeat(column, 2)
        self.indptr = np.concatenate([[0], 2 * np.cumsum(np.bincount(row, minlength=len(X)))])

    def tocsr(self, copy=False):
        return Csr(self._dense) if copy else self

    def sum_duplicates(self):
        self.data, self.indices, self.indptr = 2 * self.data[::2], self.indices[::2], self.indptr // 2

    def eliminate_zeros(self):
        assert self.data.all()

    def count_nonzero(self):
        return np.count_nonzero(self._dense)

    def toarray(self):
        assert np.count_nonzero(self._dense) >= 0.1 * self._dense.size, "a sparse matrix was made dense"
        return self._dense.copy()

    def __getitem__(self, rows):
        return Csr(self._dense[rows])


class Frame:
    """A table: NumPy can read it, and that is all."""

    def __init__(self, X):
        self._X, self.shape = X, X.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self._X, dtype=dtype)


WHOLE = np.rint(3 * X).astype(int)
TABLES = {
    "list": WHOLE.tolist(),
    "integers": WHOLE,
    "small integers": WHOLE.astype(np.int8),
    "single": WHOLE.astype(np.float32),
    "byte-swapped": WHOLE.astype(">f8"),
    "columns first": np.asfortranarray(WHOLE * 1.0),
    "frame": Frame(WHOLE),
    "mask without masked entries": np.ma.array(WHOLE * 1.0),
    "matrix of many non-zeros": Csr(WHOLE * 1.0),
}
ASK = {
    "softmax": lambda X: models.softmax_regression(X, LABELS, batch=5),
    "logistic": lambda X: models.logistic_regression(X, LABELS == 1),
    "linear": lambda X: models.linear_regression(X, LABELS),
    "mlp": lambda X: models.mlp(X, LABELS, (3,)),
}


@pytest.mark.parametrize("model", ASK)
@pytest.mark.parametrize("kind", TABLES)
def test_whatever_holds_the_numbers_gives_the_same_bits(kind, model):
    wanted, asked = ASK[model](WHOLE * 1.0), ASK[model](TABLES[kind])
    theta = somewhere(wanted)
    assert asked.f(theta) == wanted.f(theta)
    assert np.array_equal(asked.grad(theta, 2), wanted.grad(theta, 2))
    assert np.array_equal(models.predict(wanted, theta, TABLES[kind]), models.predict(wanted, theta, WHOLE))
    if model != "linear":
        y = LABELS == 1 if model == "logistic" else LABELS
        answers = [
            models.accuracy(wanted, theta, X, labels) for X in (WHOLE, TABLES[kind]) for labels in (y, y.tolist())
        ]
        assert len(set(answers)) == 1


@pytest.mark.parametrize("name", ["softmax", "logistic", "mlp"])
def test_a_sparse_matrix_stays_sparse_and_gives_the_bits_of_the_dense_one(name):
    y = np.arange(30) % 2
    make = {"softmax": models.softmax_regression, "logistic": models.logistic_regression, "mlp": models.mlp}[name]
    wanted, asked = make(FEW, y, batch=7), make(Csr(FEW), y, batch=7)
    assert isinstance(asked.objective.rows.x, Sparse)
    theta = somewhere(wanted, (2,))
    assert np.array_equal(asked.f(theta), wanted.f(theta))
    assert np.array_equal(asked.grad(theta, 3), wanted.grad(theta, 3))
    assert np.array_equal(models.loss(asked, theta, Csr(FEW), y), wanted.f(theta))
    assert np.array_equal(models.predict(asked, theta, Csr(FEW)), models.predict(wanted, theta, FEW))
    parts = datasets.split(Csr(FEW), y)
    assert [type(part) for part in parts] == [Csr, np.ndarray, Csr, np.ndarray]
    assert np.array_equal(parts[0]._dense, datasets.split(FEW, y)[0])


def test_a_character_rnn_says_the_next_character_of_every_place():
    problem = FRESH["char rnn"]()
    theta, windows = somewhere(problem, (2,)) * 3, np.random.default_rng(0).integers(9, size=(3, 6))
    said = models.predict(problem, theta, windows)
    assert said.shape == (2, 3, 6)
    for i, j in np.ndindex(3, 6):  # what comes later does not matter
        assert np.array_equal(models.predict(problem, theta, windows[i : i + 1, : j + 1])[:, 0, -1], said[:, i, j])
    assert models.accuracy(problem, theta[0], windows, said[0]) == 1
    assert models.accuracy(problem, theta, windows, said[0])[1] == (said[0] == said[1]).mean() < 1


def test_words_are_split_as_they_are():
    a, b, c, _ = datasets.split(["one", "two", "three", "four"], list("xyzw"))
    assert sorted([*a, *c]) == ["four", "one", "three", "two"]
    assert len(b) == len(a) == 3


HOLES = np.ma.array(X, mask=X > 1)
COMPLEX = X + 0j


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: models.mlp(HOLES, LABELS), TypeError, "X must be a plain array .* masked entries; fill them first"),
        (lambda: models.mlp(COMPLEX, LABELS), TypeError, "X must be an array of real numbers, got complex128"),
        (lambda: models.mlp(None, LABELS), TypeError, "X must be an array of numbers, got None"),
        (lambda: models.mlp(Csr(X * np.nan), LABELS), ValueError, "X must be finite, got 184 NaN"),
        (lambda: models.mlp(Csr(X), LABELS[:5]), ValueError, "the same number of rows, got 23 and 5"),
        (lambda: models.rnn(Csr(FEW), LABELS), TypeError, r"X must be a plain array .*; make it dense first"),
        (
            lambda: models.mlp(X, ["a", "b"] * 11 + ["a"]),
            TypeError,
            r"got words; number them first: words, y = np\.uni",
        ),
        (lambda: models.mlp(X, LABELS * 1.0), TypeError, r"got float64; convert them first with astype\(int\)"),
        (
            lambda: models.logistic_regression(X, 2 * (LABELS == 1) - 1),
            ValueError,
            "y must be in 0 ... 1, got -1 ... 1",
        ),
        (lambda: models.linear_regression(X, HOLES[:, 0]), TypeError, "y must be a plain array .* masked entries"),
        (lambda: models.char_rnn(b"bytes" * 999), TypeError, "text must be a string, got bytes"),
        (lambda: datasets.split(HOLES, LABELS), TypeError, "X must be a plain array .* masked entries"),
        (lambda: datasets.split(X, 3), ValueError, "y must have a row for each example, got one number"),
        (lambda: datasets.standardise(Csr(FEW)), TypeError, "X must be a plain array .*; make it dense first"),
        (lambda: datasets.standardise([["a"]]), TypeError, "X must be an array of numbers"),
    ],
)
def test_what_is_no_data_is_refused_with_what_to_do(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("name", ["softmax", "sparse softmax", "mlp", "rnn", "adding", "char rnn", "stream"])
def test_parameters_that_are_none_are_refused_by_loss_and_gradient_alike(name):
    problem = (MODELS | FRESH)[name]()
    for ask in (problem.f, problem.grad):
        with pytest.raises(ValueError, match=rf"theta must have shape \(..., {problem.start.size}\), got"):
            ask(problem.start[1:], 1)
        with pytest.raises(TypeError, match="theta must be an array of floating-point numbers, got int64"):
            ask(problem.start.astype(int), 1)
        with pytest.raises(TypeError, match=r"theta must be a plain array of numbers, .* masked entries"):
            ask(np.ma.masked_less(problem.start, 9), 1)


def test_a_word_for_every_label_is_no_accuracy_of_zero():
    problem = MODELS["softmax"]()
    with pytest.raises(TypeError, match="got words; number them first"):
        models.accuracy(problem, problem.start, X, ["a"] * 23)
    with pytest.raises(ValueError, match="the same number of rows, got 23 and 22"):
        models.accuracy(problem, problem.start, X, LABELS[:22])
