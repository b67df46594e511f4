"""Arrays of another library: rules, runs and sweeps stay on the device they were given.

There is no GPU here. `Device` follows NumPy's two protocols as CuPy's arrays do and refuses, as they do, to become a
NumPy array
without being asked: whatever passes here never leaves the device.
"""

import sys
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import Adam, RMSProp, Trajectory, conventions, matrix, problems, run, schedules, sweep
from tests.optimizer_table import OPTIMIZERS


class Device:
    """An array that lives elsewhere."""

    __hash__ = None

    def __init__(self, array):
        self._array = np.asarray(array)

    def __array__(self, *arguments, **kwargs):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`.")

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **kwargs):
        values = [_host(v) for v in inputs]
        if out is not None:
            kwargs["out"] = tuple(_host(o) for o in out)
        result = getattr(ufunc, method)(*values, **kwargs)
        return out[0] if out is not None else _device(result)

    def __array_function__(self, function, types, arguments, kwargs):
        if function is np.full_like and np.ndim(kwargs.get("fill_value", arguments[1] if len(arguments) > 1 else 0)):
            raise TypeError("cupy.full_like takes a number")
        creates = function in (np.asarray, np.array)
        arguments, kwargs = _unwrap(arguments, creates), _unwrap(kwargs, creates)
        kwargs.pop("like", None)
        return _device(function(*arguments, **kwargs))

    shape, dtype, ndim, size, flags = (property(lambda self, n=n: getattr(self._array, n)) for n in
                                       ("shape", "dtype", "ndim", "size", "flags"))  # fmt: skip
    T = property(lambda self: Device(self._array.T))

    def __getitem__(self, index):
        return Device(self._array[_unwrap(index)])

    def __setitem__(self, index, value):
        if isinstance(value, np.ndarray) and value.ndim:
            raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        self._array[_unwrap(index)] = _host(value)

    def __len__(self):
        return len(self._array)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __float__(self):
        return float(self._array)

    def __int__(self):
        return int(self._array)

    def __bool__(self):
        return bool(self._array)

    def get(self):
        return self._array.copy()


def _method(name):
    def method(self, *arguments, **kwargs):
        return _device(getattr(self._array, name)(*_unwrap(arguments), **_unwrap(kwargs)))

    return method


for _name in ("astype", "copy", "all", "any", "sum", "mean", "min", "max", "reshape", "ravel"):
    setattr(Device, _name, _method(_name))
for _name, _ufunc in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power,
                      "matmul": np.matmul, "mod": np.remainder, "floordiv": np.floor_divide}.items():  # fmt: skip
    setattr(Device, f"__{_name}__", lambda a, b, f=_ufunc: f(a, b))
    setattr(Device, f"__r{_name}__", lambda a, b, f=_ufunc: f(b, a))
_COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
                "ne": np.not_equal, "and": np.logical_and, "or": np.logical_or}  # fmt: skip
for _name, _ufunc in _COMPARISONS.items():
    setattr(Device, f"__{_name}__", lambda a, b, f=_ufunc: f(a, b))
Device.__pow__ = lambda self, exponent: _device(self._array ** _host(exponent))  # the operator knows the square
Device.__neg__, Device.__abs__ = (lambda self: np.negative(self)), (lambda self: np.absolute(self))


def _device(result):
    if isinstance(result, tuple):
        return type(result)(*map(_device, result)) if hasattr(result, "_fields") else tuple(map(_device, result))
    return Device(result) if isinstance(result, np.ndarray | np.generic) else result


def _host(value, creates=False):
    """What is on the device as NumPy; refuses an array that is not, but for numbers and where one is being made."""
    if isinstance(value, Device):
        return value._array
    if isinstance(value, np.ndarray) and value.ndim and not creates:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return value


def _unwrap(value, creates=False):
    if isinstance(value, list | tuple):
        return type(value)(_unwrap(v, creates) for v in value)
    if isinstance(value, dict):
        return {k: _unwrap(v, creates) for k, v in value.items()}
    return _host(value, creates)


START = np.array([-3.0, 1.5])
PROBLEMS = [problems.bowl(), problems.quadratic(10, angle=0.4), problems.rosenbrock(), problems.beale(),
            problems.himmelblau(), problems.noisy(problems.ravine(), sigma=0.1)]  # fmt: skip


def test_the_stand_in_refuses_what_cupy_refuses():
    array = Device(START)
    for leave in (np.asarray, np.array, lambda a: np.float64(1.0) * np.ones(2) + a, lambda a: np.stack([a, START])):
        with pytest.raises(TypeError):
            leave(array)
    assert isinstance(np.sqrt(abs(array)) * 2.0, Device)
    assert float(array[0]) == -3.0


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_stays_on_the_device_and_has_the_same_bits(name, dtype):
    optimizer = OPTIMIZERS[name]
    theta, device = START.astype(dtype), Device(START.astype(dtype))
    state, there = optimizer.init(theta), optimizer.init(device)
    for t in range(3):
        grad = np.array([0.5 - t, 2.0 + t], dtype)
        theta, state = optimizer.step(theta, grad, state)
        device, there = optimizer.step(device, Device(grad), there)
        assert isinstance(device, Device)
        assert device.dtype == dtype
        assert np.array_equal(device.get(), theta)
        for a, b in zip(there[:-1], state[:-1], strict=True):
            assert isinstance(a, Device)
            assert np.array_equal(a.get(), b)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize("name", ["rmsprop", "adam", "rprop", "conventions.rmsprop centered"])
def test_a_run_stays_on_the_device(name, problem):
    options = {"schedule": schedules.inverse_sqrt(), "seed": 4}
    optimizer = replace(OPTIMIZERS[name], lr=1e-3)
    there = run(optimizer, problem, 12, start=Device(START), **options)
    here = run(optimizer, problem, 12, start=START, **options)
    for key in ("theta", "loss", "grad"):
        assert isinstance(getattr(there, key), Device)
        assert np.array_equal(getattr(there, key).get(), getattr(here, key))
    assert all(
        isinstance(a, Device) and np.array_equal(a.get(), b) for a, b in zip(there.state, here.state, strict=True)
    )
    rest = run(optimizer, problem, 3, start=there.theta[-1], state=there.last, **options)
    assert isinstance(rest.theta, Device)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.name)
@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("rmsprop", {"lr": [1e-3, 1e-2], "beta": [0.5, 0.9, 0.99], "eps": [0.0, 1e-8]}),
        ("adam", {"beta1": [0.0, 0.9], "beta2": [0.9, 0.99]}),
        ("rprop", {"lr": [1e-3, 1e-2], "shrink": [0.3, 0.5]}),
        ("conventions.rmsprop", {"v0": [0.0, 1.0], "momentum": [0.1, 0.9]}),
    ],
)
def test_a_sweep_stays_on_the_device(name, axes, problem):
    optimizer = replace(OPTIMIZERS[name], lr=1e-3)
    there, here = (sweep(optimizer, problem, 8, start=s, **axes) for s in (Device(START), START))
    assert isinstance(there.loss, Device)
    assert isinstance(there.theta, Device)
    assert np.array_equal(there.loss.get(), here.loss)
    assert np.array_equal(there.theta.get(), here.theta)
    assert there.best() == here.best()


def test_a_sweep_of_seeds_and_choices_stays_on_the_device_too():
    problem = problems.noisy(problems.bowl(), sigma=0.3)
    axes = {"seed": [1, 2], "eps_inside": [True, False]}
    there, here = (sweep(conventions.rmsprop(0.1), problem, 6, start=s, **axes) for s in (Device(START), START))
    assert isinstance(there.loss, Device)
    assert np.array_equal(there.loss.get(), here.loss)


@pytest.mark.parametrize("record", ["all", "loss"])
def test_a_run_on_the_device_is_written_to_a_file(record, tmp_path):
    path = run(Adam(lr=0.1), problems.bowl(), 4, start=Device(START), record=record)
    found = Trajectory.load(path.save(tmp_path / "run"))
    assert np.array_equal(found.theta, path.theta.get())
    assert np.array_equal(found.last.v, path.last.v.get())


@pytest.mark.parametrize("optimizer", [matrix.Adafactor(), matrix.Muon()], ids=lambda o: type(o).__name__)
def test_a_matrix_stays_on_the_device(optimizer):
    theta, grad = np.arange(12.0).reshape(3, 4), np.cos(np.arange(12.0)).reshape(3, 4)
    there, state = optimizer.step(Device(theta), Device(grad), optimizer.init(Device(theta)))
    here, _ = optimizer.step(theta, grad, optimizer.init(theta))
    assert all(isinstance(a, Device) for a in (there, *state[:-1]))
    assert np.array_equal(there.get(), here)


def test_a_gradient_from_elsewhere_is_refused_and_not_moved():
    with pytest.raises(TypeError):
        RMSProp().step(Device(START), START, RMSProp().init(Device(START)))


def test_cupy_itself_gives_the_same_runs():
    cupy = pytest.importorskip("cupy", reason="CuPy is optional and not installed")
    start = cupy.asarray(START)
    there = run(RMSProp(lr=0.1), problems.bowl(), 20, start=start)
    assert isinstance(there.theta, cupy.ndarray)
    assert np.allclose(there.theta.get(), run(RMSProp(lr=0.1), problems.bowl(), 20, start=START).theta, rtol=1e-12)
    grid = sweep(Adam(), problems.rosenbrock(), 20, start=start, lr=[0.01, 0.1], beta1=[0.5, 0.9])
    assert isinstance(grid.loss, cupy.ndarray)


def test_nothing_here_loads_cupy():
    assert "cupy" not in sys.modules or hasattr(sys.modules["cupy"], "__version__")
