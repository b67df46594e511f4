"""The data in the package: small, listed with source and checksum, and what the loaders say they are."""

import hashlib
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib import datasets

DATA = Path(str(resources.files("rmsprop_lib") / "data"))
FILES = sorted(path.name for path in DATA.iterdir() if path.name != "SOURCES.md")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", (DATA / "SOURCES.md").read_text("utf8"), re.M | re.S))
LOADERS = {name: getattr(datasets, name) for name in dir(datasets) if name.startswith("load_")}
TABLES = {"load_digits": (1797, 64, 10), "load_wine": (178, 13, 3), "load_breast_cancer": (569, 30, 2)}


def test_every_file_has_a_section_with_its_checksum_and_every_section_a_file():
    assert sorted(SECTIONS) == FILES
    for name, section in SECTIONS.items():
        (listed,) = re.findall(r"^- sha256: ([0-9a-f]{64})$", section, re.M)
        assert listed == hashlib.sha256((DATA / name).read_bytes()).hexdigest(), name


@pytest.mark.parametrize("name", FILES)
def test_every_section_says_what_who_where_from_and_under_which_licence(name):
    entries = dict(re.findall(r"^- (\w+): (.+)$", SECTIONS[name], re.M))
    assert set(entries) == {"What", "Authors", "Source", "Licence", "Changed", "sha256"}
    if "CC BY" in entries["Licence"] and "UCI" in entries["Authors"]:
        assert "doi.org" in entries["Authors"]


def test_the_data_are_small():
    sizes = [(DATA / name).stat().st_size for name in FILES]
    assert max(sizes) <= 1_000_000
    assert sum(sizes) <= 4_000_000


def test_every_file_is_loaded_by_a_loader(monkeypatch):
    opened, path = set(), datasets._path
    monkeypatch.setattr(datasets, "_path", lambda name: opened.add(name) or path(name))
    for load in LOADERS.values():
        load()
    assert sorted(opened) == FILES


@pytest.mark.parametrize("name", LOADERS)
def test_the_docstring_gives_the_shapes_that_are_loaded(name):
    loaded = LOADERS[name]()
    parts = loaded if isinstance(loaded, tuple) else (loaded,)
    for part in parts:
        if isinstance(part, np.ndarray):
            assert str(part.shape) in LOADERS[name].__doc__
            assert not np.isnan(part).any()
        elif isinstance(part, str):
            assert str(len(part)) in LOADERS[name].__doc__


@pytest.mark.parametrize("name", LOADERS)
def test_what_a_loader_gives_can_be_changed_without_harm_to_the_next_reader(name):
    first = LOADERS[name]()
    if isinstance(first, tuple):
        first[0][...] = 7
        assert not (LOADERS[name]()[0] == 7).all()


@pytest.mark.parametrize(("name", "shape"), TABLES.items())
def test_tables_have_rows_columns_and_classes(name, shape):
    X, y = LOADERS[name]()
    assert (*X.shape, len(np.unique(y))) == shape
    assert X.dtype == np.float64
    assert y.dtype.kind == "i"
    assert np.array_equal(np.unique(y), np.arange(shape[2]))


def test_numbers_that_their_publishers_state_are_found_again():
    X, y = datasets.load_digits()
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (X.min(), X.max()) == (0, 16)
    X, y = datasets.load_wine()
    assert np.bincount(y).tolist() == [59, 71, 48]
    assert (X[:, 12].min(), X[:, 12].max(), round(X[:, 12].mean())) == (278, 1680, 747)
    X, y = datasets.load_breast_cancer()
    assert np.bincount(y).tolist() == [212, 357]
    assert (X[:, 0].min(), X[:, 0].max()) == (6.981, 28.11)
    X, y = datasets.load_diabetes()
    assert (y.min(), y.max()) == (25, 346)
    assert (X[0].tolist(), y[0]) == ([59, 2, 32.1, 101, 157, 93.2, 38, 4, 4.8598, 87], 151)


def test_columns_have_names():
    assert datasets.columns("diabetes")[:4] == ("age", "sex", "bmi", "bp")
    assert len(datasets.columns("wine")) == datasets.load_wine()[0].shape[1]
    assert datasets.columns("wine")[-1] == "proline"
    names = datasets.columns("breast_cancer")
    assert len(set(names)) == 30
    assert names[0::10] == ("mean_radius", "error_radius", "worst_radius")
    with pytest.raises(ValueError, match="name must be one of diabetes, wine, breast_cancer, got 'iris'"):
        datasets.columns("iris")


def test_carbon_dioxide_rises_week_by_week_and_missing_weeks_repeat_the_one_before():
    year, co2 = datasets.load_co2()
    _, gaps = datasets.load_co2(missing="nan")
    assert np.isnan(gaps).sum() == 59
    assert np.diff(year) == pytest.approx(np.full(2283, 7 / 365.25), abs=1e-4)
    assert round(year[0], 2) == 1958.24
    assert round(year[-1], 2) == 2001.99
    last = gaps[0]
    for value, filled in zip(gaps, co2, strict=True):
        last = last if np.isnan(value) else value
        assert filled == last
    assert co2[-52:].mean() - co2[:52].mean() > 50
    with pytest.raises(ValueError, match='missing must be "last" or "nan", got \'drop\''):
        datasets.load_co2(missing="drop")


def test_the_weather_is_that_of_seattle():
    X, y = datasets.load_seattle_weather()
    assert X[0].tolist() == [0, 12.8, 5, 4.7]
    assert datasets.WEATHER[y[0]] == "drizzle"
    assert (X[:, 1] >= X[:, 2]).all()
    snow = y == datasets.WEATHER.index("snow")
    assert X[snow, 1].mean() < X[~snow, 1].mean() - 5


def test_the_poems_are_the_poems():
    sonnets, plain = datasets.load_sonnets(), datasets.load_sonnets(plain=True)
    assert sonnets.startswith("From fairest creatures we desire increase,")
    assert "\n\nCLIV\n\n" in sonnets
    assert plain.startswith("from fairest creatures we desire increase,\nthat thereby")
    assert len(plain.splitlines()) == 154 * 14 - 1  # sonnet 99 has 15 lines, sonnet 126 has 12
    assert plain == plain.lower()
    assert "  " not in plain
    assert "\n\n" not in plain
    assert "Of Mans First Disobedience" in datasets.load_paradise_lost()


def test_lines_of_authors_are_bags_of_words():
    X, y, words = datasets.load_authors()
    assert (X.shape[1], len(set(words))) == (len(words), len(words))
    assert np.bincount(y).tolist() == [2725, 2155]
    assert set(np.unique(X)) == {0, 1}
    assert {words[i] for i in np.flatnonzero(X[0])} == set(["from", "fairest", "creatures", "we", "desire", "increase"])
    count = X.sum(axis=0, dtype=int)
    assert count.min() == 1
    assert (count == 1).mean() > 0.5
    assert count[words.index("and")] > len(X) / 4
    assert X.sum(axis=1).mean() == pytest.approx(7.7, abs=0.05)


def test_a_split_is_the_same_each_time_and_loses_no_row():
    X, y = np.arange(40.0).reshape(20, 2), np.arange(20)
    a, b, c, d = datasets.split(X, y)
    assert (len(a), len(b), len(c), len(d)) == (15, 15, 5, 5)
    assert sorted([*b, *d]) == list(range(20))
    assert np.array_equal(a[:, 0], 2 * b)
    assert np.array_equal(c[:, 0], 2 * d)
    assert all(np.array_equal(p, q) for p, q in zip((a, b, c, d), datasets.split(X, y), strict=True))
    assert not np.array_equal(d, datasets.split(X, y, seed=1)[3])
    assert sorted(d) != d.tolist()
    assert [len(part) for part in datasets.split(X[:2], y[:2], test=0.01)] == [1, 1, 1, 1]
    assert len(datasets.split(X, y, test=0.5)[0]) == 10


def test_standardised_columns_have_mean_zero_and_deviation_one_by_the_training_rows():
    X = np.random.default_rng(0).normal([5, -3, 7], [1e-3, 100, 1], (50, 3))
    X[:, 2] = 7
    other = X[:5] + 1
    train, test = datasets.standardise(X, other)
    assert train.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    assert train.std(axis=0) == pytest.approx([1, 1, 0])
    assert test[:, :2] == pytest.approx((train[:5] + 1 / np.where(X.std(0) > 1e-9, X.std(0), 1))[:, :2])
    assert np.array_equal(test[:, 2], np.ones(5))
    assert np.array_equal(datasets.standardise(X), train)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: datasets.split(np.ones((3, 1)), np.ones(2)), "X and y must have the same number of rows, got 3 and 2"),
        (lambda: datasets.split(np.ones((3, 1)), np.ones(3), test=1), r"test must be in \(0, 1\), got 1"),
        (lambda: datasets.split(np.ones((1, 1)), np.ones(1)), "X must have at least 2 rows to split, got 1"),
    ],
)
def test_what_cannot_be_split_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
