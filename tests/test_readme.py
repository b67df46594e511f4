"""What README.md promises is there: its targets, its files and its Python."""

import re
import tomllib
from pathlib import Path

import pytest

from rmsprop_lib import RMSProp
from rmsprop_lib.grading import command_line
from rmsprop_lib.grading.roster import students_in

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf8")
TEXTS = {name: (ROOT / name).read_text("utf8") for name in ("README.md", "CONTRIBUTING.md")}
GUIDE = (ROOT / "book/how_to_use.md").read_text("utf8")


@pytest.mark.parametrize("name", TEXTS)
def test_every_make_target_that_is_named_exists(name):
    targets = set(re.findall(r"^(\w+): ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make (\w+)", TEXTS[name], re.MULTILINE))
    assert named
    assert named <= targets


def test_every_module_that_is_run_is_run_by_the_python_that_has_it():
    for text in (*TEXTS.values(), GUIDE):
        assert re.findall(r"(?<!\.venv/bin/)python3? -m", text) == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_is_linked_or_named_exists(name):
    named = set(re.findall(r"\]\(([^):]+)\)", TEXTS[name]))
    named |= set(re.findall(r"`((?:tools|book|rmsprop_lib|tests|\.github)/[\w/.-]+)`", TEXTS[name]))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_test_that_is_named_as_an_example_exists():
    ((path, word),) = re.findall(r"`\.venv/bin/python -m pytest (\S+) -k (\w+)`", TEXTS["CONTRIBUTING.md"])
    assert re.search(rf"^def test_\w*{word}", (ROOT / path).read_text("utf8"), re.MULTILINE)


def test_every_extra_that_is_named_exists():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r'"\.\[(\w+)\]"', README)) == set(extras)


def test_the_examples_run_and_answer_as_quoted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, more, last = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(first, names)
    assert names["fast"].steps == 60

    exec(more.replace("models.accuracy", "share = models.accuracy"), names)
    assert names["grid"].loss.shape == (61, 20, 3) and f"{names['grid'].loss[0].size} runs in one array" in more
    assert float(re.search(r"models.accuracy.*# (\S+)", more)[1]) == pytest.approx(names["share"], abs=0.01)
    assert [path.name for path in tmp_path.iterdir()] == ["state.npz"]

    def swapped(theta, grad, v, lr, beta, eps):
        return RMSProp.rule(theta, grad, v, lr, 1 - beta, eps)

    exec(last.replace("check(", "result = check("), names | {"my_step": swapped}, answers := {})
    (quoted,) = re.findall(r'# "(.*)"', last)
    assert answers["result"].diagnosis.startswith(quoted)


def test_the_second_example_shows_what_there_is_beyond_a_run():
    _, more, _ = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    for name in ("sweep", "fuse", "conventions", "datasets", "models", "schedules", "storage"):
        assert re.search(rf"\b{name}[.(]", more), name


def test_every_command_of_the_grader_in_the_guide_is_understood_and_every_option_is_explained():
    parser = command_line._parser()
    commands = re.findall(r"^\.venv/bin/python -m rmsprop_lib\.grading (.*)$", GUIDE, re.MULTILINE)
    assert len(commands) > 4
    for command in commands:
        parser.parse_args(command.split())
    (subparsers,) = [action for action in parser._actions if isinstance(action.choices, dict)]
    options = {
        option
        for name in ("grade", "assignments", "export-gradescope")
        for action in subparsers.choices[name]._actions
        for option in action.option_strings
        if option.startswith("--")
    }
    assert [option for option in sorted(options - {"--help"}) if f"{option}" not in GUIDE] == []


def test_every_exit_code_of_the_grader_is_explained_in_the_guide():
    (told,) = re.findall(r"The command ends with (.*)", GUIDE)
    codes = (getattr(command_line, name) for name in ("DONE", "GAPS", "USAGE", "NO_JAIL", "DISK", "INTERRUPTED"))
    assert sorted(map(int, re.findall(r"\d+", told))) == sorted(codes)


def test_every_renamed_file_in_the_guide_is_its_students():
    named = re.findall(r"`([^`]*bob[^`]*)`", GUIDE, re.IGNORECASE)
    assert len(named) > 3
    for name in named:
        (student,) = students_in(name.removesuffix(".ipynb"), ["bob", "Bob Lovelace", "ada"], "rmsprop")
        assert "bob" in student.lower()
