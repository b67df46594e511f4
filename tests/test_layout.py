"""The layout holds: imports point one way, files stay short, and the checker sees it when they do not."""

import tomllib
import types
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import rmsprop_lib
from tools import layout, lock

ROOT = Path(__file__).resolve().parent.parent


def test_imports_in_the_library_point_one_way():
    assert layout.import_faults(ROOT / "rmsprop_lib") == []


def test_every_source_file_is_short_enough_to_read():
    assert layout.length_faults(ROOT) == []


def test_no_file_names_a_folder_of_one_machine():
    assert layout.path_faults(ROOT) == []


def test_every_public_name_is_documented_in_more_than_a_line():
    assert layout.docstring_faults(rmsprop_lib) == []


def test_every_notebook_of_the_book_names_its_kernel():
    """JupyterLab starts the kernel that a notebook names, and asks the reader when it names none."""
    texts = {path.name: path.read_text("utf8") for path in (ROOT / "book").rglob("*.md")}
    heads = {name: yaml.safe_load(text.split("---\n")[1]) for name, text in texts.items() if "{code-cell}" in text}
    wanted = {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert heads
    assert [name for name, head in heads.items() if head["kernelspec"] != wanted] == []


def test_every_requirement_is_pinned_and_the_package_comes_last():
    *pins, last = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line and line[0] != "#"]
    assert last == "-e ."
    assert [pin for pin in pins if not str(Requirement(pin).specifier).startswith("==")] == []
    versions = {lock.normal_name(pin): pin.partition("==")[2] for pin in pins}
    assert len(versions) == len(pins)
    for wanted in map(Requirement, lock.asked_for()):
        assert wanted.specifier.contains(versions.get(lock.normal_name(wanted.name), "0")), f"{wanted} is not pinned"


def test_the_supported_pythons_are_named_alike_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    start = "Programming Language :: Python :: "
    versions = [line.removeprefix(start) for line in project["classifiers"] if line.startswith(start)]
    assert project["requires-python"] == f">={versions[0]}"
    finder = (ROOT / "tools/find_python.sh").read_text()
    assert all(f"python{version}" in finder for version in versions)
    assert str(versions).replace("'", '"') in (ROOT / ".github/workflows/test.yml").read_text()


@pytest.mark.parametrize(
    ("file", "line", "fault"),
    [
        ("runner.py", "from .figures import paths", "runner imports figures"),
        ("optimizers.py", "import rmsprop_lib.runner", "optimizers imports runner"),
        ("optimizers.py", "from rmsprop_lib.runner import run", "optimizers imports runner"),
        ("optimizers.py", "from . import schedules", "optimizers imports schedules"),
        ("widgets/path.py", "from ..grading import check", "imports grading"),
        ("__init__.py", "from . import grading", "imports grading"),
        ("exercises/adam.py", "from ..runner import run", "exercises imports runner"),
        ("exercises/adam.py", "from ..widgets import base", "exercises imports widgets"),
        ("figures.py", "from .exercises import adam", "figures imports exercises"),
        ("grading/check.py", "from ..optimizers import RMSProp", "grading imports optimizers"),
        ("figures.py", "def draw():\n    from .widgets import path", "figures imports widgets"),
        ("runner.py", "from . import novelty", "novelty has no place yet"),
        ("runner.py", "import dask.array", "dask is optional"),
        ("runner.py", "try:\n    from numba import njit\nexcept ImportError:\n    pass", "numba is optional"),
    ],
)
def test_an_import_that_turns_round_is_found(tmp_path, file, line, fault):
    package = _package(tmp_path)
    assert layout.import_faults(package) == []
    (package / file).write_text(line)
    (found,) = layout.import_faults(package)
    assert found.startswith(f"{file}: ")
    assert fault in found


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("runner.py", "from . import optimizers, problems\nfrom .schedules import constant"),
        ("runner.py", "def fast():\n    import numba"),
        ("widgets/path.py", "from . import base\nfrom ..figures import paths\nimport rmsprop_lib.runner"),
        ("widgets/quiz.py", "from ..exercises import adam"),
        ("grading/check.py", "from ..exercises.adam import STEP\nfrom .report import page"),
        ("__init__.py", "from .runner import run\nfrom . import widgets"),
    ],
)
def test_an_import_that_points_down_is_let_through(tmp_path, file, line):
    package = _package(tmp_path)
    (package / file).write_text(line)
    assert layout.import_faults(package) == []


def _package(folder):
    package = folder / "rmsprop_lib"
    for name in ("widgets", "exercises", "grading"):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    for name in ("__init__", "optimizers", "schedules", "problems", "runner", "figures", "novelty"):
        (package / f"{name}.py").touch()
    return package


def test_a_file_that_is_too_long_is_found_unless_it_is_not_ours(tmp_path):
    (tmp_path / "vendor").mkdir()
    for name in ("long.py", "long.js", "vendor/long.js", "long.txt"):
        (tmp_path / name).write_text("x\n" * (layout.MAX_LINES + 1))
    (tmp_path / "short.py").write_text("x\n" * layout.MAX_LINES)
    assert [fault.split(":")[0] for fault in layout.length_faults(tmp_path)] == ["long.js", "long.py"]


@pytest.mark.parametrize("folder", ["tmp", "root", "home/ada", "Users/ada"])
def test_a_folder_of_one_machine_is_found(tmp_path, folder):
    (tmp_path / "notes.md").write_text(f"book/tmp/x, ~/data/, https://a.example/root/x\nsee /{folder}/notes.txt\n")
    (fault,) = layout.path_faults(tmp_path)
    assert fault == f"notes.md:2: names a folder of one machine, /{folder}/"


def test_a_missing_or_short_docstring_is_found():
    class Documented:
        """Add.

        Longer.
        """

    class Inherits(Documented):
        pass

    def terse():
        """Add."""

    def silent():
        pass

    line, nothing = types.ModuleType("line", "Sums."), types.ModuleType("nothing")
    names = dict(locals())
    module = types.SimpleNamespace(__all__=list(names), **names)
    found = [fault.split(":")[0] for fault in layout.docstring_faults(module)]
    assert found == ["Inherits", "terse", "silent", "nothing"]
