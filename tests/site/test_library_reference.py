"""The library reference names everything public, and docstrings come out as their authors meant them."""

import importlib
import inspect
import re
from pathlib import Path

import library_reference
import pytest

import rmsprop_lib

PAGE = (Path(__file__).resolve().parent.parent.parent / "book/api.md").read_text("utf8")
PARTS = re.findall(r"```\{public-names\} (\S+)\n(?::defined-in: (.+)\n)?", PAGE)


def test_every_public_name_is_on_the_page():
    homes = tuple(f"rmsprop_lib.{p}." for module, parts in PARTS if module == "rmsprop_lib" for p in parts.split())
    for name, thing in library_reference.public(rmsprop_lib):
        assert f"{library_reference.home(thing)}.".startswith(homes), f"{name} has no place in book/api.md"
    modules = {module for module, _ in PARTS}
    for name in rmsprop_lib.__all__:
        thing = getattr(rmsprop_lib, name)
        assert not inspect.ismodule(thing) or thing.__name__ in modules, f"{name} has no section in book/api.md"


@pytest.mark.parametrize("module", sorted({module for module, _ in PARTS}))
def test_every_section_has_something_to_show(module):
    assert library_reference.public(importlib.import_module(module))


def test_names_come_in_the_order_of_the_source_without_what_is_hidden_or_imported(tmp_path, monkeypatch):
    (tmp_path / "two_names.py").write_text(
        "import os\nfrom fractions import Fraction\nclass Zebra: pass\ndef ape(): pass\ndef _cat(): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("two_names")
    assert [name for name, _ in library_reference.public(module)] == ["Zebra", "ape"]
    module.__all__ = ["ape", "Fraction", "os"]
    assert [name for name, _ in library_reference.public(module)] == ["Fraction", "ape"]


def test_an_optimizer_is_shown_with_its_hyper_parameters_and_their_defaults():
    first, *_ = library_reference.entry("rmsprop_lib.RMSProp", rmsprop_lib.RMSProp)
    assert first == ".. autoclass:: rmsprop_lib.RMSProp(lr=0.01, beta=0.9, eps=1e-08)"
    assert library_reference.entry("here.Plain", type("Plain", (), {}))[0] == ".. autoclass:: here.Plain"


def test_arguments_become_a_list():
    text = """First sentence.

lr: learning rate, in the unit of θ. It must stay
    below 2.
shrink, grow: two factors; h_min and
the rest goes on here.
until(theta, loss, t): asked after each step.
Returns the Axes.

State: s."""
    assert library_reference.as_rst(text.splitlines()) == [
        "First sentence.", "",
        "``lr``", "    learning rate, in the unit of θ. It must stay", "    below 2.",
        "``shrink, grow``", "    two factors; h_min and", "    the rest goes on here.",
        "``until(theta, loss, t)``", "    asked after each step.", "",
        "Returns the Axes.", "",
        "State: s.",
    ]  # fmt: skip


def test_text_after_a_colon_in_a_sentence_is_no_argument():
    text = ["The result has a shape that depends on", "theta: the more, the more."]
    assert library_reference.as_rst(text) == text


def test_stars_and_bars_are_characters_and_code_is_left_alone():
    assert library_reference.as_rst(["loss (T+1, *G), `*args` and |x|"]) == [r"loss (T+1, \*G), `*args` and \|x\|"]
    assert library_reference.as_rst([".. math:: a * |b|", "    c * d"]) == [".. math:: a * |b|", "    c * d"]
