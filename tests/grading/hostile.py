"""The hostile hand-ins of hostile_hand_ins.txt, for the tests and for the benchmark."""

import json
from pathlib import Path

FORGED = json.dumps(
    {
        "cells": [],
        "answers": [{"passed": True, "score": 100, "value": 3.1622776601683795, "replies": {"passed": True}}] * 4,
        "score": 100,
        "tests": [{"score": 100}],
    }
)


def hostile_hand_ins(root: Path, submissions: Path) -> dict[str, list[str]]:
    """The cells of each hand-in by its name, such as "forgery: frames"."""
    names = {"ROOT": str(root), "SUBMISSIONS": str(submissions), "HOME": str(Path.home()), "FORGED": FORGED}
    first = "import numpy as np\n" + "\n".join(f"{name} = {value!r}" for name, value in names.items())
    parts = Path(__file__).with_name("hostile_hand_ins.txt").read_text().split("\n=== ")[1:]
    found = {}
    for part in parts:
        name, _, body = part.partition("\n")
        found[name] = [first, *body.split("\n---\n")]
    return found
