"""The JavaScript of the figures without a browser: static/core.js in QuickJS."""

import json

import numpy as np
import pytest
import quickjs

from rmsprop_lib.widgets.figure import STATIC


class JavaScript:
    """javascript(function, *arguments): arguments and result as JSON."""

    def __init__(self):
        self.context = quickjs.Context()
        self.context.eval((STATIC / "core.js").read_text("utf8"))

    def __call__(self, function: str, *arguments):
        call = f"JSON.stringify({function}({','.join(json.dumps(a) for a in arguments)}))"
        return json.loads(self.context.eval(call))


@pytest.fixture(scope="module")
def javascript() -> JavaScript:
    return JavaScript()


@pytest.fixture
def parity(record_property):
    """parity(figure, ours, theirs, scale): the largest difference of two arrays, relative to the larger number or to
    `scale`; ∞ or NaN in both agrees. The largest of a test is kept in its record, for benchmarks/figures.py.
    """
    largest: dict[str, float] = {}

    def error(figure: str, ours, theirs, scale=0.0) -> float:
        ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        assert ours.shape == theirs.shape
        assert (np.isfinite(ours) == np.isfinite(theirs)).all()
        ok = np.isfinite(ours)
        size = np.maximum(np.maximum(np.abs(ours[ok]), np.abs(theirs[ok])), scale)
        found = float(np.max(np.abs(ours[ok] - theirs[ok]) / np.where(size > 0, size, 1), initial=0))
        largest[figure] = max(found, largest.get(figure, 0.0))
        return found

    yield error
    for figure, found in largest.items():
        record_property(f"parity of {figure}", found)
