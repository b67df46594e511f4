"""The table of symbols has every name that the rules of the book use, and no other."""

import inspect
import re

import pytest

from rmsprop_lib import Adagrad, Adam, GradientDescent, Momentum, RMSProp
from tests.book.conftest import ROOT

TABLE = re.findall(r"^\| \$[^|]*\| (.*?) \|", (ROOT / "book/notation.md").read_text("utf8"), re.M)
NAMES = set(re.findall(r"`(\w+)`", " ".join(TABLE)))


@pytest.mark.parametrize("kind", [GradientDescent, Momentum, Adagrad, RMSProp, Adam])
def test_every_name_in_a_rule_is_in_the_table(kind):
    assert set(inspect.signature(kind.rule).parameters) - {"t"} - NAMES == set()


def test_the_table_invents_no_names():
    rules = (GradientDescent, Momentum, Adagrad, RMSProp, Adam)
    known = {name for kind in rules for name in inspect.signature(kind.rule).parameters}
    inside = {name for kind in rules for name in kind.rule.__code__.co_varnames}
    assert NAMES - known - inside - {"condition"} == set()
