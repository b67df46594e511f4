"""The exported autograder, unpacked and run as Gradescope does."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from rmsprop_lib.grading.command_line import main

pytestmark = pytest.mark.usefixtures("has_jail")


@pytest.fixture
def autograder(tmp_path):
    """A function that hands in files and returns the results; the folder is laid out as /autograder is."""
    root = tmp_path / "autograder"
    archive = tmp_path / "autograder.zip"
    assert main(["export-gradescope", "--assignment", "rmsprop", "--out", str(archive)]) == 0
    with zipfile.ZipFile(archive) as content:
        content.extractall(root / "source")
        modes = {entry.filename: entry.external_attr >> 16 for entry in content.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    (root / "results").mkdir()
    shutil.copy(root / "source" / "run_autograder", root / "run_autograder")
    (root / "run_autograder").chmod(0o755)

    def hand_in(**files):
        shutil.rmtree(root / "submission", ignore_errors=True)
        (root / "submission").mkdir()
        for name, text in files.items():
            (root / "submission" / name.replace("_", ".", 1)).write_text(text)
        (root / "submission_metadata.json").write_text("{}")
        environment = {"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
        done = subprocess.run([root / "run_autograder"], cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads((root / "results" / "results.json").read_text())

    hand_in.root = root
    return hand_in


def test_a_right_hand_in_gets_all_points(autograder, notebook, solutions):
    results = autograder(x_ipynb=notebook(*solutions("rmsprop")))
    assert [test["score"] for test in results["tests"]] == [4, 1, 1, 1]
    assert all(test["status"] == "passed" for test in results["tests"])
    assert set(results) <= {
        "score",
        "execution_time",
        "output",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
    }
    for test in results["tests"]:
        assert set(test) <= {
            *("score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"),
            "extra_data",
        }
        assert test["visibility"] == "visible"
        assert test["output_format"] == "text"


def test_wrong_and_broken_hand_ins_are_told(autograder, notebook):
    wrong = autograder(x_ipynb=notebook("first_step_factor = 10", "1 / 0"), notes_txt="hello")
    outputs = {test["name"]: test["output"] for test in wrong["tests"]}
    assert "the root is missing" in outputs["first-step-factor"]
    assert "ZeroDivisionError" in wrong["output"]
    broken = autograder(x_txt="hello")
    assert [test["score"] for test in broken["tests"]] == [0, 0, 0, 0]
    assert "a notebook (.ipynb) wanted" in broken["output"]


def test_a_hand_in_cannot_write_the_results(autograder, notebook):
    forged = json.dumps({"score": 100})
    path = str(autograder.root / "results" / "results.json")
    results = autograder(x_ipynb=notebook(f"open({path!r}, 'w').write({forged!r})"))
    assert sum(test["score"] for test in results["tests"]) == 0
    assert "score" not in results


def test_the_archive_holds_what_is_needed_and_no_tests(autograder):
    files = {path.relative_to(autograder.root / "source").parts[0] for path in autograder.root.glob("source/*")}
    assert files == {"setup.sh", "run_autograder", "requirements.txt", "rmsprop_lib"}
    setup = (autograder.root / "source" / "setup.sh").read_text()
    subprocess.run(["bash", "-n", autograder.root / "source" / "setup.sh"], check=True)
    assert "chmod -R go-rwx" in setup  # hand-ins run as another user
    assert "numpy==" in (autograder.root / "source" / "requirements.txt").read_text()
