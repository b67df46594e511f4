"""Sweeps on workers in processes of their own: the same numbers, and nothing is lost when a worker dies."""

import os
import pickle
import signal
import threading
import time
import warnings
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from rmsprop_lib import RMSProp, problems, run, sweep, sweeping
from rmsprop_lib.problems import Problem


def slow_gradient(folder, theta, t):
    """The gradient of a bowl, which takes its time and leaves a note of who computed it."""
    if t == 1:
        with open(f"{folder}/{os.getpid()}", "a") as notes:
            notes.write("run\n")
    time.sleep(0.004)
    return theta


class Slow:
    """A gradient that can be sent to another process."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __call__(self, theta, t):
        return slow_gradient(self.folder, theta, t)


def half_square(theta):
    return 0.5 * (theta**2).sum(-1)


def slow_bowl(folder):
    """Runs on it cannot be put together: each leaves its note."""
    return Problem("slow bowl", half_square, Slow(folder), [1.0, 2.0], broadcasts=False)


def runs_begun(folder):
    return sum(note.read_text().count("run") for note in folder.iterdir())


AXES = {"lr": np.geomspace(1e-3, 0.3, 6), "beta": [0.5, 0.9]}


def expected():
    return sweep(RMSProp(), Problem("bowl", half_square, lambda theta: theta, [1.0, 2.0]), 25, **AXES)


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed", reason="Dask is optional and not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
            ) as cluster,
            distributed.Client(cluster) as client,
        ):
            yield client


@pytest.mark.filterwarnings("default")  # Dask's own
@pytest.mark.timeout(60)
def test_a_dask_cluster_computes_the_same_sweep(client, tmp_path):
    grid = sweep(RMSProp(), slow_bowl(tmp_path), 25, executor=client.get_executor(), **AXES)
    assert np.array_equal(grid.loss, expected().loss)
    assert np.array_equal(grid.theta, expected().theta)
    pids = {int(name) for name in os.listdir(tmp_path)}
    assert os.getpid() not in pids
    assert len(pids) == 2


@pytest.mark.filterwarnings("default")
@pytest.mark.timeout(60)
def test_a_dask_worker_killed_in_the_middle_loses_nothing(client, tmp_path):
    killed = []

    def kill_one():
        while runs_begun(tmp_path) < 4:
            time.sleep(0.005)
        killed.append(int(sorted(os.listdir(tmp_path))[0]))
        os.kill(killed[0], signal.SIGKILL)

    thread = threading.Thread(target=kill_one)
    thread.start()
    grid = sweep(RMSProp(), slow_bowl(tmp_path), 25, executor=client.get_executor(), **AXES)
    thread.join()
    assert killed
    assert np.array_equal(grid.loss, expected().loss)
    assert runs_begun(tmp_path) > grid.loss[0].size  # what the dead worker had in hand was done again


def test_a_process_killed_in_a_pool_loses_nothing(tmp_path):
    def kill_one(pool):
        while len(os.listdir(tmp_path)) < 2:
            time.sleep(0.005)
        os.kill(int(sorted(os.listdir(tmp_path))[0]), signal.SIGKILL)

    with ProcessPoolExecutor(2, get_context("spawn")) as pool:  # a fork of a process with threads can deadlock
        thread = threading.Thread(target=kill_one, args=(pool,))
        thread.start()
        with pytest.warns(RuntimeWarning, match=r"\d+ of 12 runs were lost with their workers and are computed here"):
            grid = sweep(RMSProp(), slow_bowl(tmp_path), 25, executor=pool, **AXES)
        thread.join()
    assert np.array_equal(grid.loss, expected().loss)


class Broken(Executor):
    """An executor of three workers whose every third task ends with the given error, if there is one."""

    def __init__(self, error=None):
        self.error, self.count, self._max_workers = error, 0, 3

    def submit(self, function, /, *arguments, **kwargs):
        future = Future()
        self.count += 1
        if self.count % 3 or self.error is None:
            future.set_result(function(*arguments, **kwargs))
        else:
            future.set_exception(self.error)
        return future


class KilledWorker(Exception):
    """By this name Dask says that a task's workers died again and again."""


@pytest.mark.parametrize(
    "error", [BrokenProcessPool("a process died"), KilledWorker("task")], ids=lambda e: type(e).__name__
)
def test_runs_lost_with_their_worker_are_computed_here(error, monkeypatch):
    monkeypatch.setattr(sweeping, "TRIP", 1e-9)
    for count, message in ((6, "2 of 6 runs were lost"), (20, "8 of 20 runs were lost")):
        with pytest.warns(RuntimeWarning, match=f"{message} with their workers and are computed here"):
            grid = sweep(RMSProp(), problems.bowl(), 5, executor=Broken(error), lr=np.linspace(0.1, 0.6, count))
        assert np.array_equal(grid.loss, sweep(RMSProp(), problems.bowl(), 5, lr=np.linspace(0.1, 0.6, count)).loss)


GRIDS = [
    {"lr": np.linspace(0.01, 0.5, 40), "beta": np.linspace(0, 0.9, 10)},
    {"lr": [0.1], "beta": [0.9]},
    {"lr": [0.1], "seed": range(50)},
    {"seed": range(3), "lr": np.linspace(0.01, 0.5, 7), "eps": [0.0, 1e-8, 1.0]},
    {"seed": range(20)},
]


@pytest.mark.parametrize("broadcasts", [True, False])
@pytest.mark.parametrize("axes", GRIDS, ids=lambda axes: " ".join(axes))
def test_a_grid_goes_out_in_a_few_shares_and_comes_back_whole(axes, broadcasts, monkeypatch):
    monkeypatch.setattr(sweeping, "TRIP", 1e-9)
    problem = replace(problems.noisy(problems.bowl()), broadcasts=broadcasts)
    executor = Broken()
    grid, expected = (sweep(RMSProp(), problem, 4, executor=e, **axes) for e in (executor, None))
    assert executor.count <= (12 if broadcasts and set(axes) > {"seed"} else 48)
    assert np.array_equal(grid.loss, expected.loss)
    assert np.array_equal(grid.theta, expected.theta)


def test_runs_that_take_less_time_than_their_way_to_a_worker_stay_here(monkeypatch):
    monkeypatch.setattr(sweeping, "TRIP", 60.0)
    executor = Broken()
    for steps in (0, 20):
        sweep(RMSProp(), problems.bowl(), steps, executor=executor, **GRIDS[0])
    assert executor.count == 0


def test_what_a_share_sends_to_its_worker_grows_with_the_share_and_not_with_the_grid(monkeypatch):
    monkeypatch.setattr(sweeping, "TRIP", 1e-9)
    sizes = []

    class Measured(Broken):
        def submit(self, function, /, *arguments, **kwargs):
            sizes.append(len(pickle.dumps((function, arguments))))
            return super().submit(function, *arguments, **kwargs)

    sweep(RMSProp(), problems.bowl(), 1, executor=Measured(), lr=np.linspace(0.1, 0.6, 6000), record="last")
    assert sum(sizes) < 6 * 4000 + 8 * 6000


def test_an_error_of_the_run_itself_is_not_hidden(monkeypatch):
    monkeypatch.setattr(sweeping, "TRIP", 1e-9)
    with pytest.raises(ZeroDivisionError, match="in the gradient"):
        sweep(RMSProp(), problems.bowl(), 5, executor=Broken(ZeroDivisionError("in the gradient")), lr=[0.1] * 3)


def test_a_run_on_a_worker_is_the_run_here(tmp_path):
    path = run(RMSProp(lr=0.3), slow_bowl(tmp_path), 25)
    assert np.array_equal(expected().theta[:, 5, 1], path.theta)
