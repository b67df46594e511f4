"""What is measured besides a single large step: small steps, runs, grids, networks, clusters, the import."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

from benchmarks.clock import in_turn, ratio
from rmsprop_lib import Adam, Momentum, RMSProp, conventions, models, problems, run, sweep


def small_steps(dtype, rounds, sample) -> dict[str, float]:
    """The time of a step in two dimensions over that of its rule alone."""
    theta, grad = np.array([1.0, 2.0], dtype), np.array([0.5, -0.1], dtype)
    found = {}
    for optimizer in (RMSProp(), Adam(), Momentum(), conventions.like("torch")):
        state = optimizer.step(theta, grad, optimizer.init(theta))[1]
        arguments = dict(optimizer._arguments(2, theta.dtype, theta))
        rule, slots = type(optimizer).rule, state._asdict()
        slots.pop("t")
        calls = {
            "step": lambda o=optimizer, s=state: o.step(theta, grad, s),
            "rule": lambda r=rule, a=slots | arguments: r(theta, grad, **a),
        }
        found[type(optimizer).__name__] = ratio(in_turn(calls, rounds, sample), "step", "rule")
    return found


def long_runs(rounds, sample) -> dict[str, float]:
    """The time of `run` over a bare loop that asks the same problem for the same losses and gradients."""
    ravine, optimizer, steps = problems.ravine(), RMSProp(lr=0.01), 300

    def bare(with_loss):
        theta, v = ravine.start, np.zeros(2)
        losses = [ravine.f(theta, 0)] if with_loss else []
        for t in range(1, steps + 1):
            theta, v = RMSProp.rule(theta, ravine.grad(theta, t), v, 0.01, 0.9, 1e-8)
            if with_loss:
                losses.append(ravine.f(theta, t))

    calls = {f"run {r}": lambda r=r: run(optimizer, ravine, steps, record=r, progress=False) for r in ("all", "last")}
    calls |= {"bare all": lambda: bare(True), "bare last": lambda: bare(False)}
    times = in_turn(calls, rounds, sample)
    return {record: ratio(times, f"run {record}", f"bare {record}") for record in ("all", "last")}


def grid(rounds, sample) -> float:
    """The time of 200 runs in a loop of plain NumPy over that of one `sweep`."""
    ravine, steps, rates = problems.ravine(), 60, np.geomspace(1e-3, 1e-1, 200)
    H = problems.landscapes.hessian(ravine)

    def loop():
        for lr in rates:
            theta, v = ravine.start, np.zeros(2)
            for _ in range(steps):
                g = H @ theta
                v = 0.9 * v + 0.1 * g**2
                theta = theta - lr * g / np.sqrt(v + 1e-8)

    calls = {"loop": loop, "sweep": lambda: sweep(RMSProp(), ravine, steps, lr=rates, record="loss", progress=False)}
    return ratio(in_turn(calls, rounds, sample), "loop", "sweep")


def network(width, dtype, rounds, sample) -> dict[str, float]:
    """A gradient of 64-width-width-10 for 128 examples: its time over plain NumPy's, and PyTorch's over its."""
    import torch

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((128, 64)), rng.integers(0, 10, 128)
    problem = models.mlp(X, y, (width, width))
    theta, X = problem.start.astype(dtype), X.astype(dtype)
    shapes = [(64, width), (width,), (width, width), (width,), (width, 10), (10,)]
    parts = np.split(theta, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    W = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]

    def plain():
        h1 = np.tanh(X @ W[0] + W[1])
        h2 = np.tanh(h1 @ W[2] + W[3])
        z = h2 @ W[4] + W[5]
        p = np.exp(z - z.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        p[np.arange(len(y)), y] -= 1
        p /= len(y)
        d2 = (p @ W[4].T) * (1 - h2**2)
        d1 = (d2 @ W[2].T) * (1 - h1**2)
        pieces = (X.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ p, p.sum(0))
        return np.concatenate([piece.ravel() for piece in pieces])

    np.testing.assert_allclose(problem.grad(theta, 1), plain(), rtol=1e-3, atol=1e-5)
    leaves = [torch.tensor(part, requires_grad=True) for part in W]
    inputs, classes = torch.from_numpy(X), torch.from_numpy(y)

    def in_torch():
        h = torch.tanh(torch.tanh(inputs @ leaves[0] + leaves[1]) @ leaves[2] + leaves[3])
        loss = torch.nn.functional.cross_entropy(h @ leaves[4] + leaves[5], classes)
        return torch.autograd.grad(loss, leaves)

    calls = {"ours": lambda: problem.grad(theta, 1), "plain": plain, "torch": in_torch}
    times = in_turn(calls, rounds, sample)
    return {"over NumPy": ratio(times, "ours", "plain"), "torch / ours": ratio(times, "torch", "ours")}


def cluster() -> float:
    """Seconds of the wall clock that 400 short runs take longer on four workers of Dask than in one array."""
    from dask.distributed import Client

    def seconds(**options):
        begin = time.perf_counter()
        sweep(RMSProp(), problems.ravine(), 20, lr=np.geomspace(1e-3, 1e-1, 400), progress=False, **options)
        return time.perf_counter() - begin

    with Client(n_workers=4, threads_per_worker=1, dashboard_address=None) as client:
        seconds(executor=client.get_executor())  # the workers import what they need
        there = [seconds(executor=client.get_executor()) for _ in range(5)]
    return statistics.median(there) - statistics.median(seconds() for _ in range(5))


def importing(rounds) -> float:
    """Milliseconds of processor time that `import rmsprop_lib` takes over `import numpy`."""
    times = {"numpy": [], "numpy, rmsprop_lib": []}
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}  # else each import compiles anew
    subprocess.run([sys.executable, "-c", "import rmsprop_lib"], check=True, env=environment)
    for _ in range(rounds):
        for names, seen in times.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, "-c", f"import {names}"], check=True, env=environment)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seen.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    bare, both = (statistics.median(seen) for seen in times.values())
    return 1e3 * (both - bare)
