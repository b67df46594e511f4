"""A class graded from the command line: killed, resumed, on a cluster, on a full disk; nothing lost, nothing twice."""

import contextlib
import csv
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rmsprop_lib.grading import batch, command_line, jail
from rmsprop_lib.grading.command_line import main
from rmsprop_lib.grading.journal import JOURNAL
from rmsprop_lib.grading.seed import ASSIGNMENT, SEED

pytestmark = pytest.mark.usefixtures("has_jail")
ROOT = Path(__file__).parents[2]
WRONG = "def rmsprop_step(theta, grad, v, lr, beta, eps):\n    return theta, v"


@pytest.fixture
def classroom(tmp_path, notebook, solutions):
    """A function that hands in a notebook; the folder of all is its attribute."""
    folder = tmp_path / "submissions"
    folder.mkdir()

    def hand_in(student, *cells):
        (folder / f"{student}.ipynb").write_text(notebook(*(cells or solutions("rmsprop"))))

    hand_in.folder = folder
    return hand_in


def arguments(classroom, report, *more):
    return ["grade", str(classroom.folder), "--assignment", "rmsprop", "--out", str(report), *more]


def start(classroom, report, *more):
    command = [sys.executable, "-m", "rmsprop_lib.grading", *arguments(classroom, report, *more)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def rows(report):
    with open(report / "grades.csv", newline="", encoding="utf-8-sig") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def lines(report):
    path = report / JOURNAL
    return path.read_text().splitlines() if path.exists() else []


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_a_class_is_graded_and_reported(classroom, tmp_path, capsys):
    classroom("ada")
    classroom("bob", "import numpy as np", WRONG, "first_step_factor = 10", "loss_times_1000 = 'D'")
    (classroom.folder / "eve.ipynb").write_text("hello")
    assert main(arguments(classroom, tmp_path / "report")) == 0
    captured = capsys.readouterr()
    assert "3 hand-ins graded" in captured.out
    assert "3/3" in captured.err  # the progress bar
    points = {(student, exercise): float(points) for student, exercise, points, *_ in rows(tmp_path / "report")}
    assert sum(p for (student, _), p in points.items() if student == "ada") == 7
    assert points["bob", "rmsprop-step"] == 0
    assert points["bob", "loss-times-1000"] == 1
    assert sum(p for (student, _), p in points.items() if student == "eve") == 0
    told = {row[:2]: row[4] for row in rows(tmp_path / "report")}
    assert told["bob", "first-step-factor"] == "you answered 10: that is 1/(1 − β): the root is missing."
    assert "cannot be read as a notebook" in told["eve", "rmsprop-step"]
    assert {path.name for path in (tmp_path / "report").iterdir()} == {
        *("grades.csv", "results.json", "overview.html", "overview.svg", "feedback", JOURNAL, SEED, ASSIGNMENT)
    }


def test_a_second_run_does_nothing_twice_and_changed_files_are_graded_again(classroom, tmp_path, capsys, monkeypatch):
    report = tmp_path / "report"
    classroom("ada", "import numpy as np", WRONG)
    classroom("bob")
    assert main(arguments(classroom, report)) == 0
    assert main(arguments(classroom, report)) == command_line.USAGE
    assert "give --resume to continue it, or another --out" in capsys.readouterr().err
    before = lines(report)
    assert main(arguments(classroom, report, "--resume")) == 0
    assert lines(report) == before
    classroom("ada")
    (classroom.folder / "bob.ipynb").unlink()
    assert main(arguments(classroom, report, "--resume")) == 0
    assert len(lines(report)) == len(before) + 1
    assert {row[0] for row in rows(report)} == {"ada"}
    assert [row[2] for row in rows(report)] == ["4", "1", "1", "1"]
    assert main(arguments(classroom, report, "--resume", "--seed", "3")) == 0  # other cases: graded anew
    assert len(lines(report)) == len(before) + 2
    monkeypatch.setattr(batch, "__version__", "another")
    assert main(arguments(classroom, report, "--resume")) == 0
    assert len(lines(report)) == len(before) + 3


def test_kill_at_any_moment_loses_nothing_and_grades_nothing_twice(classroom, tmp_path):
    report = tmp_path / "report"
    for i in range(12):
        classroom(f"student{i:02}", "import time; time.sleep(0.2)", f"first_step_factor = {i}", WRONG)
    for wanted in (1, 3, 6, 8):
        grader = start(classroom, report, "--resume", "--workers", "2")
        wait_for(lambda n=wanted, g=grader: len(lines(report)) >= n or g.poll() is not None)
        grader.send_signal(signal.SIGKILL)
        grader.communicate()
        assert grader.returncode == -signal.SIGKILL
        assert not (report / "grades.csv").exists()
    with open(report / JOURNAL, "a") as file:
        file.write('{"key": "half a li')
    grader = start(classroom, report, "--resume", "--workers", "2")
    output = grader.communicate()[0]
    assert grader.returncode == 0, output
    keys = [json.loads(line)["key"] for line in lines(report)]
    assert len(keys) == len(set(keys)) == 12
    students = [row[0] for row in rows(report)]
    assert sorted(set(students)) == [f"student{i:02}" for i in range(12)]
    assert len(students) == 4 * 12


@pytest.mark.timeout(900)
def test_killed_at_twenty_random_moments_the_report_is_the_same_to_the_byte(classroom, tmp_path):
    for i in range(6):
        classroom(f"student{i}", "import numpy as np", WRONG, f"first_step_factor = {i}", "raise ValueError('<b>')")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    began = time.monotonic()
    assert "6 hand-ins graded" in start(classroom, whole, "--workers", "2", "--seed", "5").communicate()[0]
    longest, draw = time.monotonic() - began, random.Random(0)
    for _ in range(20):
        grader = start(classroom, killed, "--resume", "--workers", "2", "--seed", "5")
        with contextlib.suppress(subprocess.TimeoutExpired):
            grader.wait(draw.uniform(0, longest))
        grader.kill()
        grader.communicate()
        for path in killed.glob("**/*.*"):  # whatever is there by its own name is whole
            if path.suffix in (".csv", ".json", ".html", ".svg") and not path.name.startswith("."):
                assert path.read_bytes() == (whole / path.relative_to(killed)).read_bytes()
    grader = start(classroom, killed, "--resume")
    assert grader.communicate()[0]
    assert grader.returncode == 0
    assert sorted(lines(killed)) == sorted(lines(whole))
    names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(killed) for path in killed.rglob("*") if path.is_file())
    for name in names:
        assert name.name == JOURNAL or (killed / name).read_bytes() == (whole / name).read_bytes(), name


def test_an_interrupt_keeps_what_is_graded(classroom, tmp_path):
    for i in range(6):
        classroom(f"student{i}", "import time; time.sleep(1)")
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)  # what ignores it, as under nohup, hands that on
    grader = start(classroom, tmp_path / "report", "--workers", "1")
    signal.signal(signal.SIGINT, handler)
    wait_for(lambda: len(lines(tmp_path / "report")) >= 1)
    grader.send_signal(signal.SIGINT)
    output = grader.communicate(timeout=30)[0]
    assert grader.returncode == command_line.INTERRUPTED
    assert "continue with --resume" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("allowed", [1500, 6000, 20_000])
def test_a_full_disk_gives_a_clear_error_and_no_half_file(classroom, tmp_path, allowed, capfd):
    """Files may grow to so many bytes: the journal, a page or the picture is then the first that does not fit."""
    report = tmp_path / "report"
    classroom("ada", "import numpy as np", WRONG)
    classroom("bob")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, old[1]))
    try:
        code = main(arguments(classroom, report))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert code == command_line.DISK
    assert "cannot write" in capfd.readouterr().err
    assert not (report / "grades.csv").exists() or len(rows(report)) == 8  # it comes first, and whole
    assert not [path for path in report.rglob(".*")]
    assert main(arguments(classroom, report, "--resume")) == 0
    assert len(rows(report)) == 8


def test_a_real_full_disk_is_survived(classroom, tmp_path, capfd):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], capture_output=True
        ).returncode
    )
    if not mounted:
        pytest.skip("only root can make a small disk")
    try:
        for i in range(8):
            classroom(f"student{i}")
        assert main(arguments(classroom, disk / "report")) == command_line.DISK
        assert "No space left on device" in capfd.readouterr().err
        assert not (disk / "report" / "grades.csv").exists() or len(rows(disk / "report")) == 32
        subprocess.run(["mount", "-o", "remount,size=2m", str(disk)], check=True)
        assert main(arguments(classroom, disk / "report", "--resume")) == 0
        assert len(rows(disk / "report")) == 32
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_fault_of_the_grader_stops_neither_the_batch_nor_another_try(classroom, tmp_path, capsys, monkeypatch):
    classroom("ada")
    classroom("bob", "bad = 1")
    real = batch.grade

    def grade(task):
        if task.cells[0].startswith("bad"):
            raise RuntimeError("a fault of ours")
        return real(task)

    monkeypatch.setattr(batch, "grade", grade)
    assert main(arguments(classroom, tmp_path / "report")) == command_line.GAPS
    assert "not graded: bob: RuntimeError: a fault of ours" in capsys.readouterr().err
    assert [row[2] for row in rows(tmp_path / "report") if row[0] == "bob"] == [""] * 4
    monkeypatch.setattr(batch, "grade", real)
    assert main(arguments(classroom, tmp_path / "report", "--resume")) == 0
    assert {row[0] for row in rows(tmp_path / "report")} == {"ada", "bob"}


def test_wrong_arguments_are_told(classroom, tmp_path, capsys):
    classroom("ada")
    assert main([*arguments(classroom, tmp_path / "a")[:-3], "rmsprob", "--out", "x"]) == command_line.USAGE
    assert "there is no assignment 'rmsprob': wanted one of rmsprop" in capsys.readouterr().err
    for option in ("--key-file", "--students"):
        assert main(arguments(classroom, tmp_path / "a", option, str(tmp_path / "nowhere"))) == command_line.USAGE
        assert "No such file" in capsys.readouterr().err
    assert main(["grade", str(tmp_path / "nowhere"), "--assignment", "rmsprop", "--out", "x"]) == command_line.USAGE
    assert "SUBMISSIONS must be a folder" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main([*arguments(classroom, tmp_path / "report"), "--workers", "0"])


def test_without_a_jail_it_refuses_and_says_why(classroom, tmp_path, capsys, monkeypatch):
    classroom("ada")
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(arguments(classroom, tmp_path / "report")) == command_line.NO_JAIL
    assert "student code must not run outside a jail" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()
    monkeypatch.setattr(command_line.jail, "_another_user", lambda: 0)  # this notebook is ours
    monkeypatch.setattr(command_line.jail, "require_another_user", lambda: None)
    assert main(arguments(classroom, tmp_path / "report", "--unsafe-no-jail")) == 0
    assert "student code runs without a jail" in capsys.readouterr().err
    assert [row[2] for row in rows(tmp_path / "report")] == ["4", "1", "1", "1"]


def test_without_a_jail_nobody_is_graded_as_root(classroom, tmp_path, capsys, monkeypatch):
    classroom("ada")
    monkeypatch.setattr(command_line.jail.os, "geteuid", lambda: 0)
    monkeypatch.setattr(command_line.jail, "_others_can_run_python", lambda: False)
    assert main(arguments(classroom, tmp_path / "report", "--unsafe-no-jail")) == command_line.NO_JAIL
    assert "student code would run as root" in capsys.readouterr().err
    assert not (tmp_path / "report").exists()


def test_a_missing_fence_is_told_once(classroom, tmp_path, capsys, monkeypatch):
    classroom("ada")
    classroom("bob")
    monkeypatch.setattr(command_line.jail, "fences", lambda: {"control group": "", "filter": "of no use: x is lost"})
    main(arguments(classroom, tmp_path / "report"))
    told = capsys.readouterr().err
    assert told.count("no filter here, of no use: x is lost") == 1
    assert "control group" not in told


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and two workers, each a process of its own: (address, workers)."""
    file = tmp_path / "scheduler.json"
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--scheduler-file", str(file)]
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", *options, "--port", "0", "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "--host", "127.0.0.1"], **quiet)
    work = [sys.executable, "-m", "distributed.cli.dask_worker", *options, "--nthreads", "1", "--no-nanny"]
    work += ["--no-dashboard", "--local-directory", str(tmp_path)]
    workers = []
    try:
        wait_for(lambda: file.exists() and file.read_text().endswith("}"))
        workers += [subprocess.Popen(work, **quiet) for _ in range(2)]
        yield json.loads(file.read_text())["address"], workers
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def test_a_cluster_grades_the_class_though_a_worker_is_killed(classroom, tmp_path, cluster):
    address, workers = cluster
    for i in range(10):
        classroom(f"student{i}", "import time; time.sleep(0.5)", f"first_step_factor = {i}", WRONG)
    report = tmp_path / "report"
    grader = start(classroom, report, "--scheduler", address)
    try:
        wait_for(lambda: len(lines(report)) >= 2 or grader.poll() is not None)
        workers[0].kill()
        output = grader.communicate(timeout=120)[0]
    finally:
        grader.kill()
    assert grader.returncode == 0, output
    assert workers[1].poll() is None
    keys = [json.loads(line)["key"] for line in lines(report)]
    assert len(keys) == len(set(keys)) == 10
    assert len(rows(report)) == 40


def test_a_jail_that_is_asked_for_is_used(classroom, tmp_path, monkeypatch):
    used = []
    real = jail.run
    monkeypatch.setattr(
        jail, "run", lambda *args, **options: used.append(options.get("jail", True)) or real(*args, **options)
    )
    classroom("ada")
    main(arguments(classroom, tmp_path / "report"))
    assert used == [True, True]  # the trial and the hand-in
