"""Small real data inside the package; no download. `data/SOURCES.md` lists source, licence and checksum of every file.

A loader returns plain arrays, raw: nothing is shuffled, scaled or split. `split` and `standardise` do that.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import numpy as np

from .arrays import host


def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits: (X, y), X of shape (1797, 64), an 8 × 8 picture a row, y of shape (1797,), the digit 0-9.

    X counts dark pixels of a 4 × 4 block in 0 ... 16, as floats; divide by 16 for numbers in [0, 1].
    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository
    (doi:10.24432/C50P49), CC BY 4.0; the 1797 pictures of the test set.
    """
    with np.load(_path("digits.npz"), allow_pickle=False) as data:
        return data["images"].astype(float), data["labels"].astype(int)


def load_diabetes() -> tuple[np.ndarray, np.ndarray]:
    """Diabetes patients: (X, y), X of shape (442, 10), raw, y of shape (442,), progression after one year, 25-346.

    Columns of X: age (years), sex (1 or 2), body mass index (kg/m²), mean blood pressure, and six blood serum values:
    total cholesterol, LDL, HDL, cholesterol/HDL, a logarithm of triglycerides, glucose. The source gives no units for
    blood pressure, serum and y.
    Source: Efron, Hastie, Johnstone and Tibshirani (2004), Least Angle Regression, Annals of Statistics 32,
    407-499.
    """
    table = _table("diabetes")
    return table[:, :-1], table[:, -1]


def load_wine() -> tuple[np.ndarray, np.ndarray]:
    """Chemical analysis of wines: (X, y), X of shape (178, 13), raw, y of shape (178,), which of 3 growers, 0-2.

    The columns have different units and standard deviations from 0.12 to 314 (`columns("wine")` names them): a
    problem that is badly scaled as it comes. Source: Aeberhard and Forina (1991), Wine, UCI Machine Learning
    Repository (doi:10.24432/C5PC7J), CC BY 4.0.
    """
    table = _table("wine")
    return table[:, :-1], table[:, -1].astype(int)


def load_breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """Cell nuclei under a microscope: (X, y), X of shape (569, 30), raw, y of shape (569,), 1 benign, 0 malignant.

    Ten measures (`columns("breast_cancer")`), each as mean, standard error and worst value over the nuclei of one
    picture.
    Correlated and badly scaled: the standard deviations of the columns run from 0.0026 to 569.
    Source: Wolberg, Mangasarian, Street and Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI Machine
    Learning Repository (doi:10.24432/C5DW2B), CC BY 4.0.
    """
    table = _table("breast_cancer")
    return table[:, :-1], table[:, -1].astype(int)


def load_co2(missing: str = "last") -> tuple[np.ndarray, np.ndarray]:
    """Carbon dioxide in the air at Mauna Loa, Hawaii, a value a week: (year, co2), both of shape (2284,).

    year: decimal, 1958.24 to 2001.99. co2: ppm by volume. 59 weeks were not measured; missing="last" repeats the
    week before, "nan" leaves NaN. Raises ValueError for another word.
    Source: Keeling and Whorf (2004), Trends: a compendium of data on global change, Oak Ridge National Laboratory.
    """
    if missing not in ("last", "nan"):
        raise ValueError(f'missing must be "last" or "nan", got {missing!r}')
    rows = [line.split(",") for line in _text("co2.csv").splitlines()[1:]]
    year = np.array([_decimal_year(datetime.datetime.strptime(day, "%Y%m%d")) for day, _ in rows])
    co2 = np.array([float(value or "nan") for _, value in rows])
    if missing == "last":
        seen = np.maximum.accumulate(np.where(np.isnan(co2), 0, np.arange(co2.size)))
        co2 = co2[seen]
    return year, co2


def load_seattle_weather() -> tuple[np.ndarray, np.ndarray]:
    """Weather in Seattle, 2012-2015: (X, y), X of shape (1461, 4), a day a row, y of shape (1461,), the kind of day.

    Columns of X: precipitation (mm), highest and lowest temperature (°C), wind (m/s). y counts `WEATHER`: 0
    drizzle, 1 fog, 2 rain, 3 snow, 4 sun. Source: NOAA National Climatic Data Center, as in vega-datasets.
    """
    rows = [line.split(",") for line in _text("seattle_weather.csv").splitlines()[1:]]
    return np.array([row[1:5] for row in rows], dtype=float), np.array([WEATHER.index(row[5]) for row in rows])


WEATHER = ("drizzle", "fog", "rain", "snow", "sun")


def load_sonnets(plain: bool = False) -> str:
    """Shakespeare's 154 Sonnets (1609), a string of 95686 characters; a Roman number stands before each but the first.

    plain: the poems alone, in small letters, without Roman numbers, empty lines, double spaces and spaces at the
    ends of lines.
    """
    text = _text("sonnets.txt")
    if not plain:
        return text
    lines = (" ".join(line.lower().split()) for line in text.splitlines() if not re.fullmatch("[IVXLC]+", line.strip()))
    return "\n".join(line for line in lines if line) + "\n"


def load_paradise_lost() -> str:
    """The first 120000 characters of Milton's Paradise Lost (1667, old spelling), from book I into book IV."""
    return _text("paradise_lost.txt")


def load_authors() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Who wrote this line? (X, y, words), X of shape (4880, 6570), 1 where the line has the word, y of shape (4880,).

    A row is a line of the Sonnets (y = 1, 2155 lines) or of Paradise Lost (y = 0, 2725 lines), of four words or
    more; a column is a word, named in `words`, in the order of first appearance. X is uint8, 32 MB, and nearly
    empty: 7.7 words a line.
    Words are rare as in all texts: most of them occur in one line only, "and" in more than a quarter of all lines.
    Source: `load_sonnets`, `load_paradise_lost`.
    """
    lines, labels = [], []
    for text, label in ((load_sonnets(), 1), (load_paradise_lost(), 0)):
        for line in text.lower().splitlines():
            found = re.findall("[a-z']+", line)
            if len(found) >= 4:
                lines.append(found)
                labels.append(label)
    words = {word: column for column, word in enumerate(dict.fromkeys(word for line in lines for word in line))}
    X = np.zeros((len(lines), len(words)), np.uint8)
    for row, line in zip(X, lines, strict=True):
        row[[words[word] for word in line]] = 1
    return X, np.array(labels), tuple(words)


def columns(name: str) -> tuple[str, ...]:
    """The names of the columns of X in the table `name`: "diabetes", "wine" or "breast_cancer"."""
    if name not in _TABLES:
        raise ValueError(f"name must be one of {', '.join(_TABLES)}, got {name!r}")
    return tuple(_text(f"{name}.csv").split("\n", 1)[0].split(",")[:-1])


def split(X, y, test: float = 0.25, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows in two parts at random: (X_train, y_train, X_test, y_test), the same parts for the same seed.

    X may be sparse, and stays so. test: share of the rows in the second part, in (0, 1), rounded to whole rows and at
    least one in each part.
    Raises ValueError when X and y differ in length or test is not in (0, 1). Streams in time should not be
    shuffled: cut them.
    """
    X, y = _rows("X", X), _rows("y", y)
    n = X.shape[0]
    if n != y.shape[0]:
        raise ValueError(f"X and y must have the same number of rows, got {n} and {y.shape[0]}")
    if not 0 < test < 1:
        raise ValueError(f"test must be in (0, 1), got {test!r}")
    if n < 2:
        raise ValueError(f"X must have at least 2 rows to split, got {n}")
    order = np.random.Generator(np.random.Philox(key=seed)).permutation(n)
    count = min(max(round(test * n), 1), n - 1)
    return X[order[count:]], y[order[count:]], X[order[:count]], y[order[:count]]


def standardise(X, *others):
    """Each column of X with mean 0 and standard deviation 1; `others` moved and scaled by the mean and deviation of X.

    X: shape (n, d), the training rows. Returns the scaled X, or (X, *others) when others, such as test rows, are
    given. A column that never changes is only moved. Deviations divide by n. Raises TypeError for a sparse matrix,
    which would lose its zeros.
    """
    X, *others = (_columns(A) for A in (X, *others))
    mean, deviation = X.mean(axis=0), X.std(axis=0)
    deviation = np.where(X.min(axis=0) == X.max(axis=0), 1.0, deviation)
    scaled = [(A - mean) / deviation for A in (X, *others)]
    return scaled[0] if not others else tuple(scaled)


def _rows(name: str, value):
    """What has a row for each example: numbers, words, or a sparse matrix, which stays one."""
    if hasattr(value, "tocsr"):
        return value.tocsr()
    try:
        array = host(name, value)
    except TypeError:
        array = np.asarray(value)
        if array.dtype.kind not in "USO" or not array.ndim or np.ma.isMaskedArray(value):
            raise
    if not array.ndim:
        raise ValueError(f"{name} must have a row for each example, got one number")
    return array


def _columns(X):
    X = host("X", X)
    if not X.ndim or not len(X):
        raise ValueError(f"X must have shape (n, d), one row an example, got {X.shape}")
    if X.dtype.kind not in "fiub":
        raise TypeError(f"X must be an array of real numbers, got {X.dtype}")
    return X.astype(float)


_TABLES = ("diabetes", "wine", "breast_cancer")


def _table(name: str) -> np.ndarray:
    return np.loadtxt(_text(f"{name}.csv").splitlines(), delimiter=",", skiprows=1)


def _text(name: str) -> str:
    return _path(name).read_text(encoding="ascii")


def _path(name: str) -> Path:
    return Path(__file__).parent / "data" / name


def _decimal_year(day: datetime.datetime) -> float:
    first, after = datetime.datetime(day.year, 1, 1), datetime.datetime(day.year + 1, 1, 1)
    return day.year + (day - first) / (after - first)
