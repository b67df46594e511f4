"""Runs and states in files: the same bits come back, nothing in a file is executed, no half file is left."""

import io
import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from rmsprop_lib import (
    Adam,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    Trajectory,
    conventions,
    matrix,
    models,
    problems,
    run,
    schedules,
    storage,
)
from tests.optimizer_table import OPTIMIZERS

BOWL = problems.bowl()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_run_comes_back_bit_for_bit_and_goes_on_from_there(name, tmp_path):
    optimizer, problem = OPTIMIZERS[name], problems.noisy(BOWL, sigma=0.5)
    options = {"seed": 3, "schedule": schedules.inverse_sqrt()}
    whole = run(optimizer, problem, 20, **options)
    path = run(optimizer, problem, 8, **options).save(tmp_path / "run")
    assert path == tmp_path / "run.npz"
    found = Trajectory.load(path, problem=problem, optimizer=optimizer if name == "reader's rule" else None)
    assert found.optimizer == optimizer
    assert found.problem is problem
    assert found.stopped is None
    assert found.steps == 8
    for key in ("theta", "loss", "grad"):
        assert np.array_equal(getattr(found, key), getattr(whole, key)[: 9 if key != "grad" else 8])
    assert all(np.array_equal(a, b[:9]) for a, b in zip(found.state, whole.state, strict=True))
    assert type(found.last) is optimizer.State
    assert found.last.t == 8
    rest = run(optimizer, problem, 12, start=found.theta[-1], state=found.last, **options)
    assert np.array_equal(np.concatenate([found.theta, rest.theta[1:]]), whole.theta)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_precision_is_kept(dtype, tmp_path):
    path = run(Adam(lr=0.1), BOWL, 5, start=np.array([1.0, 2.0], dtype)).save(tmp_path / "run.npz")
    found = Trajectory.load(path)
    assert found.theta.dtype == dtype
    assert found.last.v.dtype == Adam().init(np.ones(2, dtype)).v.dtype
    assert found.problem is None


def test_a_lean_run_comes_back_lean(tmp_path):
    lean = run(RMSProp(lr=0.1), BOWL, 10, record="loss", until=lambda theta, loss, t: t == 7)
    found = Trajectory.load(lean.save(tmp_path / "lean"))
    assert found.stopped == 7
    assert found.steps == 7
    assert np.array_equal(found.theta, lean.theta)
    assert found.state is found.last
    assert np.array_equal(found.last.v, lean.last.v)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_comes_back_bit_for_bit(name, tmp_path):
    optimizer = OPTIMIZERS[name]
    path = run(optimizer, BOWL, 7)
    found = storage.load_state(storage.save_state(tmp_path / "state", optimizer, path.last), optimizer)
    assert type(found) is optimizer.State
    assert found.t == 7
    ahead, expected = (optimizer.step(path.theta[-1], path.grad[-1], s)[0] for s in (found, path.last))
    assert np.array_equal(ahead, expected)


def test_a_run_of_matrices_comes_back_and_goes_on(tmp_path):
    problem = models.softmax_regression(np.eye(3), [0, 1, 2])
    optimizer = matrix.ByPart({"W": (3, 3), "b": (3,)}, matrices=matrix.Muon(lr=0.3), others=Adam())
    path = run(optimizer, problem, 3)
    found = Trajectory.load(path.save(tmp_path / "run"), problem)
    state = storage.load_state(storage.save_state(tmp_path / "state", optimizer, path.last), optimizer)
    whole = run(optimizer, problem, 5)
    for last in (found.last, state):
        assert np.array_equal(run(optimizer, problem, 2, start=path.theta[-1], state=last).theta[-1], whole.theta[-1])


def test_the_state_of_another_optimizer_is_refused(tmp_path):
    file = storage.save_state(tmp_path / "state", RMSProp(), RMSProp().init(np.ones(2)))
    with pytest.raises(ValueError, match=r"must hold the state of Momentum, got that of .*RMSProp"):
        storage.load_state(file, Momentum())
    file = storage.save_state(tmp_path / "state", Momentum(), Momentum().init(np.ones(2)))
    with pytest.raises(ValueError, match=r"must hold the state of Nesterov, got that of .*Momentum"):
        storage.load_state(file, Nesterov())  # its state has the same names
    with pytest.raises(TypeError, match=r"state must have v and t, as RMSProp.init gives it, got NoneType"):
        storage.save_state(tmp_path / "state", RMSProp(), None)
    with pytest.raises(ValueError, match=r"must hold the state v of RMSProp, got "):
        storage.load_state(run(RMSProp(), BOWL, 2).save(tmp_path / "run"), RMSProp())


@pytest.mark.parametrize(
    "optimizer",
    [
        conventions.nadam(0.1, momentum_decay=float("inf")),
        conventions.adam(amsgrad="corrected", eps_hat=True),
        replace(RMSProp(), lr=np.float32(0.5)),
        RMSProp(lr=1),
        matrix.ByPart({"W": (2, 3), "b": (2,)}, matrices=matrix.Muon(lr=0.3), others=Adam()),
    ],
    ids=lambda o: type(o).__name__,
)
def test_an_optimizer_is_rebuilt_from_plain_json(optimizer):
    assert storage.rebuild(json.loads(json.dumps(storage.describe(optimizer)))) == optimizer


def test_a_function_of_t_is_refused_by_name(tmp_path):
    path = run(RMSProp(lr=lambda t: 0.1 / t), BOWL, 3)
    with pytest.raises(TypeError, match=r"RMSProp.lr must be a number to be written to a file, got a function of t"):
        path.save(tmp_path / "run")
    with pytest.raises(TypeError, match=r"RMSProp.lr must be a number .* got ndarray"):
        storage.describe(RMSProp(lr=np.ones(2)))
    assert os.listdir(tmp_path) == []


def test_a_run_of_a_readers_own_rule_is_kept_without_the_rule(tmp_path):
    mine = Optimizer.from_rule(lambda theta, grad, v, lr: (theta - lr * grad, v + 1), state={"v": 0.0}, lr=0.1)
    found = Trajectory.load(run(mine, BOWL, 4).save(tmp_path / "run"))
    assert found.optimizer is None
    assert found.last._fields == ("v", "t")
    assert found.state.v[-1].tolist() == [4.0, 4.0]
    again = Trajectory.load(tmp_path / "run.npz", optimizer=mine)
    assert again.optimizer is mine
    assert type(again.last) is mine.State


def test_a_file_of_another_problem_is_noticed(tmp_path):
    file = run(RMSProp(), BOWL, 2).save(tmp_path / "run")
    with pytest.raises(ValueError, match="problem must be 'bowl', as in the file, got 'ravine'"):
        Trajectory.load(file, problem=problems.ravine())


class Trap:
    """Would run code when unpickled."""

    def __reduce__(self):
        return print, ("executed",)


def _write(file, **arrays):
    np.savez(file, **arrays)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda f: f.write_bytes(b"PK\x03\x04 cut"), "got one that cannot be read"),
        (lambda f: f.write_text("hello"), "got one that cannot be read"),
        (lambda f: _write(f, a=np.ones(2)), "got one that cannot be read"),
        (lambda f: _write(f, header=np.array('{"format": "other/1"}')), "must have the format 'rmsprop-textbook/1'"),
        (lambda f: _write(f, header=np.array("[1]")), "must have the format"),
        (lambda f: _write(f, header=np.array([Trap()], dtype=object)), "got one that cannot be read: .*allow_pickle"),
        (
            lambda f: storage.write(f, {"theta": np.ones(2)}, {"optimizer": {}}),
            "must hold a trajectory, got a file without grad, last.t, loss, state.t",
        ),
    ],
)
def test_a_file_of_another_kind_is_refused_and_never_executed(content, message, tmp_path, capsys):
    file = tmp_path / "file.npz"
    content(file)
    with pytest.raises(ValueError, match=message):
        Trajectory.load(file)
    assert "executed" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["os.system", "rmsprop_lib.storage.write", "rmsprop_lib.optimizers.Nothing", "Trap", None]
)
def test_only_optimizers_of_the_library_are_rebuilt(name):
    with pytest.raises(ValueError, match="which this library does not have"):
        storage.rebuild({"class": name, "hyper": {}})


def test_a_missing_file_is_said_as_python_says_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        Trajectory.load(tmp_path / "nothing.npz")


def test_a_file_is_found_under_the_name_it_was_given(tmp_path):
    assert storage.save_state(tmp_path / "state", RMSProp(), RMSProp().init(np.ones(2))).name == "state.npz"
    assert storage.load_state(tmp_path / "state", RMSProp()).t == 0
    run(RMSProp(), BOWL, 2).save(tmp_path / "run.v1")
    assert Trajectory.load(tmp_path / "run.v1").steps == 2


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = run(RMSProp(), BOWL, 3)
    file = path.save(tmp_path / "run")
    before = file.read_bytes()

    def half(stream, **arrays):
        stream.write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(OSError, match="No space left"):
        run(RMSProp(), BOWL, 5).save(file)
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


FULL_DISK = """
import resource, sys
from rmsprop_lib import RMSProp, problems, run
path = run(RMSProp(), problems.bowl(), 5000, progress=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    path.save(sys.argv[1])
except OSError as error:
    print("refused", error.errno)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the size limit of a file is POSIX")
def test_a_disk_that_is_full_leaves_the_old_file(tmp_path):
    file = run(RMSProp(), BOWL, 3).save(tmp_path / "run")
    before = file.read_bytes()
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(file)], capture_output=True, text=True, check=True)
    assert "refused" in done.stdout
    assert file.read_bytes() == before
    assert os.listdir(tmp_path) == ["run.npz"]


SAVING = """
import sys
from rmsprop_lib import RMSProp, problems, run
path = run(RMSProp(), problems.bowl(), 100, progress=False)
print("ready", flush=True)
while True:
    path.save(sys.argv[1])
"""


def test_a_process_killed_while_it_writes_leaves_a_whole_file(tmp_path):
    file = tmp_path / "run.npz"
    for delay in (0.0, 0.003, 0.011):
        saving = subprocess.Popen([sys.executable, "-c", SAVING, str(file)], stdout=subprocess.PIPE, text=True)
        assert saving.stdout.readline() == "ready\n"
        while not file.exists():
            time.sleep(0.001)
        time.sleep(delay)
        saving.kill()
        saving.wait()
        saving.stdout.close()
        assert Trajectory.load(file).steps == 100


@pytest.mark.parametrize("path", [b"state", io.BytesIO(), None, 3], ids=lambda p: type(p).__name__)
def test_a_path_that_is_no_name_of_a_file_is_refused(path):
    optimizer = RMSProp()
    state = optimizer.init(np.ones(2))
    for fails in (lambda: storage.save_state(path, optimizer, state), lambda: storage.load_state(path, optimizer)):
        with pytest.raises(TypeError, match="path must be the name of a file, got "):
            fails()


def test_a_missing_folder_is_named_and_not_the_file_behind_the_scenes(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        storage.save_state(tmp_path / "nowhere" / "state", RMSProp(), RMSProp().init(np.ones(2)))
    assert str(caught.value) == f"the folder of state.npz must be there, got {tmp_path / 'nowhere'}"


def test_a_state_with_a_negative_average_is_neither_written_nor_read(tmp_path):
    optimizer = RMSProp()
    bad = optimizer.init(np.ones(2))._replace(v=np.array([0.0, -1.0]))
    with pytest.raises(ValueError, match=r"state\.v must be >= 0, got -1\.0"):
        storage.save_state(tmp_path / "state", optimizer, bad)
    path = storage.write(tmp_path / "state", {"state.v": bad.v}, {"optimizer": storage.describe(optimizer), "t": 0})
    with pytest.raises(ValueError, match=r"state\.v must be >= 0, got -1\.0"):
        storage.load_state(path, optimizer)
