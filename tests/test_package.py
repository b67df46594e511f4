"""What an install holds and an import brings: NumPy alone at first, and a sentence where a package is missing."""

import os
import subprocess
import sys
from pathlib import Path

import rmsprop_lib

ROOT = Path(__file__).resolve().parent.parent
WITHOUT_SLIDERS = "import sys; sys.modules.update(anywidget=None, ipywidgets=None, traitlets=None); "


def said(code):
    """What another Python prints: there nothing of ours is imported yet."""
    return subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT, env=os.environ).strip()


def test_the_import_brings_numpy_alone_and_no_part_that_nobody_asked_for():
    code = "import numpy, sys; before = set(sys.modules); import rmsprop_lib; print(*set(sys.modules) - before)"
    loaded = said(code).split()
    foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
    assert foreign - {"numpy"} == {"rmsprop_lib"}
    assert not {f"rmsprop_lib.{name}" for name in rmsprop_lib._LATER} & set(loaded)


def test_everything_named_is_there_and_what_is_loaded_later_is_named():
    assert {*rmsprop_lib.__all__, *rmsprop_lib._LATER} <= set(dir(rmsprop_lib))
    for name in rmsprop_lib._LATER:
        assert getattr(rmsprop_lib, name).__name__ == f"rmsprop_lib.{name}"
    assert not hasattr(rmsprop_lib, "nothing_of_this_name")


def test_all_names_come_without_the_packages_of_the_sliders():
    assert said(WITHOUT_SLIDERS + "from rmsprop_lib import *; print(run(RMSProp(), problems.bowl(), 3).steps)") == "3"


def test_missing_sliders_are_no_attribute_and_say_what_to_install():
    assert said(WITHOUT_SLIDERS + "import rmsprop_lib; print(hasattr(rmsprop_lib, 'widgets'))") == "False"
    for ask in (
        "from rmsprop_lib import widgets",
        "import rmsprop_lib.widgets",
        "import rmsprop_lib; rmsprop_lib.widgets",
    ):
        answer = said(
            f"{WITHOUT_SLIDERS}\ntry:\n    {ask}\nexcept (ImportError, AttributeError) as error: print(error)"
        )
        assert answer.endswith('sliders need anywidget: pip install "rmsprop-textbook[widgets]"')
