"""The exported autograder, unpacked, set up and run as Gradescope does: as root, by its own two programs."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from rmsprop_lib.grading import assignment, gradescope
from rmsprop_lib.grading.command_line import USAGE, main
from rmsprop_lib.grading.student_notebook import write_notebooks

KEY = "a key of more than sixteen bytes"


@pytest.fixture
def export(tmp_path, capsys):
    """A function that exports an autograder, unpacks it and sets it up; the folder that is Gradescope's /autograder."""

    def unpacked(*options):
        root, archive = tmp_path / "autograder", tmp_path / "autograder.zip"
        shutil.rmtree(root, ignore_errors=True)
        assert main(["export-gradescope", "--assignment", "rmsprop", "--out", str(archive), *options]) == 0
        assert archive.stat().st_mode & 0o777 == 0o600
        (root / "results").mkdir(parents=True)
        (root / "submission").mkdir()
        subprocess.run([sys.executable, "-m", "zipfile", "-e", archive, root / "source"], check=True)
        subprocess.run(["bash", root / "source" / "setup.sh"], env=environment(root), check=True)
        shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
        (root / "run_autograder").chmod(0o755)
        return root

    return unpacked


def environment(root, **more):
    return {"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable, **more}


def start(root, files, users=(), **more):
    """Run the autograder on a submission; the process."""
    shutil.rmtree(root / "submission", ignore_errors=True)
    for name, text in files.items():
        (root / "submission" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "submission" / name).write_text(text)
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"name": name} for name in users]}))
    return subprocess.Popen(
        [root / "run_autograder"],
        cwd=root,
        env=environment(root, **more),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def results(root):
    return json.loads((root / "results" / "results.json").read_text())


def submit(root, files, users=(), **more):
    """The results of a submission, and what the instructor reads."""
    process = start(root, files, users, **more)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    return results(root), said


def scores(results):
    assert "score" not in results
    return [test["score"] for test in results["tests"]]


@pytest.fixture
def right(notebook, solutions):
    return notebook(*solutions("rmsprop"))


def test_a_right_hand_in_gets_all_points(has_jail, export, right):
    root = export()
    found, _ = submit(root, {"x.ipynb": right})
    assert scores(found) == [4, 1, 1, 1]
    assert all(test["status"] == "passed" for test in found["tests"])
    assert set(found) <= {"execution_time", "output", "visibility", "stdout_visibility", "extra_data", "tests"}
    for test in found["tests"]:
        assert set(test) <= {
            *("score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"),
            "extra_data",
        }
        assert test["visibility"] == "visible"
        assert test["output_format"] == "text"


def test_wrong_and_broken_hand_ins_are_told(has_jail, export, notebook):
    root = export()
    wrong, _ = submit(root, {"x.ipynb": notebook("first_step_factor = 10", "1 / 0"), "notes.txt": "hello"})
    outputs = {test["name"]: test["output"] for test in wrong["tests"]}
    assert "the root is missing" in outputs["first-step-factor"]
    assert "ZeroDivisionError" in wrong["output"]
    broken, _ = submit(root, {"x.txt": "hello"})
    assert scores(broken) == [0, 0, 0, 0]
    assert "a notebook (.ipynb) wanted" in broken["output"]


def test_a_hand_in_can_neither_write_the_results_nor_read_the_key(has_jail, export, notebook):
    root = export()
    cells = [f"open({str(root / 'results/results.json')!r}, 'w').write('{{}}')"]
    cells += [
        f"first_step_factor = open({str(root / 'source' / name)!r}).read()" for name in ("course.json", "setup.sh")
    ]
    found, _ = submit(root, {"x.ipynb": notebook(*cells)})
    assert scores(found) == [0, 0, 0, 0]
    assert len(found["output"].splitlines()) == 3  # each cell stopped
    paths = [path for path in (root / "source").rglob("*") if "__pycache__" not in path.parts]
    opened = {path for path in paths if path.stat().st_mode & 0o077}
    assert {path.name for path in opened} >= {"answer.py", "ask.py"}
    assert {path.relative_to(root / "source").parts[:3] for path in opened} == {("rmsprop_lib", "grading", "inside")}
    for path in (root / "source", root / "results", root / "submission", root / "submission_metadata.json"):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("killed", ["everything", "the grader alone", "everything, kindly"])
def test_killed_at_work_it_gives_no_points_and_says_so(has_jail, export, notebook, solutions, killed):
    root = export()
    (root / "results" / "results.json").write_text('{"score": 7}')  # of the submission before
    process = start(root, {"x.ipynb": notebook(*solutions("rmsprop"), "import time; time.sleep(9)")})
    end = time.monotonic() + 60
    while not (grader := grader_of(process)):
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(1)
    if killed == "the grader alone":
        os.kill(grader, signal.SIGKILL)
        assert "the grader stopped with exit code 137" in process.communicate(timeout=60)[1]
    else:
        os.killpg(process.pid, signal.SIGTERM if "kindly" in killed else signal.SIGKILL)
        process.communicate(timeout=60)
    assert scores(results(root)) == [0, 0, 0, 0]
    assert results(root)["output"] == gradescope.NOT_FINISHED


def grader_of(process):
    """The process of the grader, once the shell has started it."""
    for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if b"rmsprop_lib.grading" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    return None


def test_a_grader_that_does_not_start_gives_no_points_and_says_so(export, right):
    root = export()
    found, said = submit(root, {"x.ipynb": right}, AUTOGRADER_PYTHON="false")
    assert scores(found) == [0, 0, 0, 0]
    assert found["output"] == gradescope.NOT_FINISHED
    assert "the grader stopped with exit code 1" in said


def test_a_full_disk_gives_no_points_and_says_so(has_jail, export, right):
    root = export()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", root / "results"]  # room for the zeros alone
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root can make a small disk")
    try:
        found, said = submit(root, {"x.ipynb": right})
        assert scores(found) == [0, 0, 0, 0]
        assert found["output"] == gradescope.NOT_FINISHED
        assert "No space left on device" in said
    finally:
        subprocess.run(["umount", root / "results"], check=True)


def test_without_a_jail_and_without_another_user_nothing_runs(export, notebook, solutions, tmp_path, monkeypatch):
    """Python below a folder that is closed to others, as root's own."""
    root, ran = export(), tmp_path / "ran"
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("rmsprop_lib.grading.jail._others_can_run_python", lambda: False)
    (root / "submission" / "x.ipynb").write_text(notebook(*solutions("rmsprop"), f"open({str(ran)!r}, 'w')"))
    with pytest.raises(gradescope.jail.NoJail, match="student code would run as root"):
        gradescope.run(root)
    assert not ran.exists()
    assert scores(results(root)) == [0, 0, 0, 0]
    assert results(root)["output"] == gradescope.NOT_SAFE


def test_a_missing_fence_is_told_to_the_instructor_alone(has_jail, export, right, capsys, monkeypatch):
    root = export()
    fences = {"control group": "", "filter of system calls": "of no use: x is lost"}
    monkeypatch.setattr(gradescope.jail, "fences", lambda: fences)
    (root / "submission" / "x.ipynb").write_text(right)
    gradescope.run(root)
    told = capsys.readouterr().err
    assert "warning: no filter of system calls here, of no use: x is lost" in told
    assert "control group" not in told
    assert "x is lost" not in (root / "results" / "results.json").read_text()


def test_the_hidden_cases_have_a_seed_of_their_own_in_each_autograder(export, right, monkeypatch):
    asked, seeds = [], []
    monkeypatch.setattr(gradescope, "_has_jail", lambda: True)
    real = gradescope.grade
    monkeypatch.setattr(gradescope, "grade", lambda task: asked.append(task.seed) or real(task))
    for options in ((), (), ("--seed", "7"), ("--seed", "0")):
        root = export(*options)
        asked.clear()
        for _ in range(2):
            (root / "submission" / "x.txt").write_text("no notebook")
            gradescope.run(root)
        assert asked[0] == asked[1]
        seeds.append(asked[0])
    assert seeds[2:] == [7, 0]
    assert 0 not in seeds[:2]
    assert seeds[0] != seeds[1]


@pytest.fixture
def with_own_numbers(export, tmp_path, solutions):
    """The autograder of a class of two, and a function from a student to the notebook with all answers right."""
    names, key = tmp_path / "names", tmp_path / "key"
    names.write_text("ada\nbob\n")
    key.write_text(KEY)

    def filled(student):
        numbers = assignment.personalise(student, KEY.encode(), assignment.find("rmsprop").exercises)
        (path,) = write_notebooks(tmp_path / "out", assignment.find("rmsprop"), [student], KEY.encode())
        notebook = json.loads(path.read_text())
        ids = [exercise.id for exercise in assignment.find("rmsprop").exercises]
        answers = dict(zip(ids, solutions("rmsprop", numbers)[1:], strict=True))
        for cell in notebook["cells"]:
            cell["source"] = answers.get(cell["id"], cell["source"])
        return json.dumps(notebook)

    return export("--students", str(names), "--key-file", str(key)), filled


def test_a_folder_a_zip_and_several_files_are_read_as_in_a_class(has_jail, export, right, notebook, tmp_path):
    root = export()
    assert scores(submit(root, {"hw1/deep/rmsprop.ipynb": right})[0]) == [4, 1, 1, 1]
    found, _ = submit(
        root, {"rmsprop.ipynb": notebook("first_step_factor = 10"), "data.csv": "", "rmsprop (1).ipynb": right}
    )
    assert scores(found) == [0, 0, 0, 0]
    assert "one notebook wanted, got rmsprop (1).ipynb, rmsprop.ipynb" in found["output"]
    start(root, {"notes.txt": ""}).communicate()
    with zipfile.ZipFile(root / "submission" / "work.zip", "w") as archive:
        archive.writestr("work/rmsprop.ipynb", right)
    gradescope.run(root)
    assert scores(results(root)) == [4, 1, 1, 1]


def test_own_numbers_are_those_that_the_notebook_is_signed_for(has_jail, with_own_numbers, right):
    root, filled = with_own_numbers
    for users in ((), ["Bob Lovelace"], ["B. L."]):
        found, _ = submit(root, {"final.ipynb": filled("bob")}, users)
        assert scores(found) == [4, 1, 1, 1]
    assert "made for bob, handed in as B. L." in found["output"]
    copied, _ = submit(root, {"final.ipynb": filled("bob")}, ["Ada"])
    assert scores(copied) == [0, 0, 0, 0]
    assert "the notebook was made for bob, and handed in by ada" in copied["output"]
    unsigned, _ = submit(root, {"final.ipynb": right}, ["Ada"])
    assert scores(unsigned) == [0, 0, 0, 0]
    assert "the line own_numbers(…), which says whose numbers these are, is missing" in unsigned["output"]


def test_own_numbers_without_their_key_are_told(has_jail, export, with_own_numbers):
    filled = with_own_numbers[1]
    found, _ = submit(export(), {"x.ipynb": filled("ada")})
    assert scores(found) == [0, 0, 0, 0]
    assert "graded without the key to them" in found["output"]


def test_a_key_needs_the_names_and_names_the_key(tmp_path, capsys):
    (tmp_path / "names").write_text("ada\n")
    (tmp_path / "key").write_text(KEY)
    command = ["export-gradescope", "--assignment", "rmsprop", "--out", str(tmp_path / "zip")]
    for option, file in (("--students", "names"), ("--key-file", "key")):
        assert main([*command, option, str(tmp_path / file)]) == USAGE
        assert "--students and --key-file go together" in capsys.readouterr().err


def test_the_archive_holds_what_is_needed_and_no_tests(export, tmp_path):
    root = export()
    files = {path.relative_to(root / "source").parts[0] for path in root.glob("source/*")}
    assert files == {
        *("setup.sh", "run_autograder", "requirements.txt", "rmsprop_lib", "course.json", "no_points.json")
    }
    modes = {e.filename: e.external_attr >> 16 for e in zipfile.ZipFile(tmp_path / "autograder.zip").infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert "numpy==" in (root / "source" / "requirements.txt").read_text()


def test_what_the_archive_installs_is_what_the_library_imports(export):
    root = export()
    wanted = {line.partition("==")[0] for line in (root / "source" / "requirements.txt").read_text().split()}
    sources = (root / "source").rglob("*.py")
    trees = [ast.walk(ast.parse(path.read_text("utf8"))) for path in sources]
    imported = {name.partition(".")[0].lower() for tree in trees for node in tree for name in imported_by(node)}
    assert wanted <= imported


def imported_by(node):
    if isinstance(node, ast.ImportFrom):
        return [node.module] if node.module and not node.level else []
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
