"""`fuse` for CuPy, as far as it can be tested without one: the kernel's text is run as Python."""

import re
import sys
import types

import numpy as np
import pytest

from rmsprop_lib import RMSProp, fuse
from rmsprop_lib.fused import CannotCompile
from rmsprop_lib.optimizer import Optimizer
from tests.optimizer_table import OPTIMIZERS
from tests.test_fused import rounds, without


class GpuArray(np.ndarray):
    """Looks to `fuse` like an array of CuPy."""

    __module__ = "cupy._core"

    def get(self):
        return np.array(self)


class ElementwiseKernel:
    """Runs the text of a kernel element by element, with the types checked as CuPy would."""

    def __init__(self, inputs, outputs, body, name, preamble="", options=()):
        parameters = [p.split() for p in f"{inputs}, {outputs}".split(", ")]
        self.kinds, self.names = zip(*parameters, strict=True)
        self.outputs = [p.split()[1] for p in outputs.split(", ")]
        assert all(line.endswith(";") for line in body.splitlines())
        body = re.sub(r"const (T|double|bool) ", "", body).replace(";", "")
        self.body = re.sub(r"(\w+) \? (\w+) : (\w+)", r"where(\1, \2, \3)", body).replace("!x", "~x")
        assert all(f" {f}(T" in preamble for f in ("sign", "maximum", "minimum"))

    def __call__(self, *arguments):
        space = dict(zip(self.names, map(np.asarray, arguments), strict=True))
        targets = {name: space[name] for name in self.outputs}
        functions = {n: getattr(np, n) for n in ("sqrt", "sign", "maximum", "minimum", "where")}
        types = {(kind, space[name].dtype) for kind, name in zip(self.kinds, self.names, strict=True)}
        assert len({dtype for kind, dtype in types if kind == "T"}) == 1
        assert all(dtype == np.float64 for kind, dtype in types if kind == "float64")
        exec(self.body, functions, space)
        for name, target in targets.items():
            target[...] = space[name]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_kernel_for_cupy_computes_the_rule(name, dtype, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(ElementwiseKernel=ElementwiseKernel))
    optimizer = OPTIMIZERS[name]
    theta = np.random.default_rng(0).standard_normal((2, 5)).astype(dtype)
    gpu, state = theta.copy().view(GpuArray), optimizer.init(theta)
    fast = fuse(optimizer, gpu)
    assert fast.backend == "cupy"
    for t in range(3):
        grad = np.cos(theta + t)
        theta, state = optimizer.step(theta, grad, state)
        fast.step(gpu, grad.view(GpuArray))
    assert np.array_equal(np.asarray(gpu), theta)
    assert all(np.array_equal(np.asarray(a), b) for a, b in zip(fast.state, state, strict=True))


def test_a_missing_cupy_is_said_with_what_to_install(monkeypatch):
    without(monkeypatch, "cupy")
    with pytest.raises(ImportError, match=r'backend "cupy" needs CuPy: pip install "rmsprop-textbook\[cuda\]"'):
        fuse(RMSProp(), np.ones(3).view(GpuArray))
    with pytest.raises(ImportError, match="pip install"):
        fuse(RMSProp(), np.ones(3), backend="cupy")


def test_an_array_is_stepped_where_it_lives(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", types.SimpleNamespace(ElementwiseKernel=ElementwiseKernel))
    with pytest.raises(ValueError, match="backend must be cupy for an array of CuPy, got 'numpy'"):
        fuse(RMSProp(), np.ones(3).view(GpuArray), backend="numpy")
    with pytest.raises(ValueError, match=r"theta must be a CuPy array .* got one of NumPy; move it with cupy.asarray"):
        fuse(RMSProp(), np.ones(3), backend="cupy")
    with pytest.raises(CannotCompile):
        fuse(Optimizer.from_rule(rounds, lr=0.1), np.ones(3).view(GpuArray))
