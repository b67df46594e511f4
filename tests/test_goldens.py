"""The library against recorded runs of the frameworks: `goldens/SCHEMA.md` says what each recording is."""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from rmsprop_lib import conventions

GOLDENS = Path(__file__).parent / "goldens"


def _load(name):
    spec = importlib.util.spec_from_file_location(f"goldens_{name}", GOLDENS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


checker, adapter = _load("check_goldens"), _load("adapter")
RECORDINGS = json.loads((GOLDENS / "goldens.json").read_text("utf8"))
CASES = {case["id"]: case for case in RECORDINGS["cases"]}

# For each algorithm: fields whose change must be noticed, and to what. Not every case shows every field.
MUTATIONS = {
    "eps_in_sqrt": lambda c: not c["eps_in_sqrt"],
    "v0": lambda c: c["v0"] + 0.5,
    "centered": lambda c: not c["centered"],
    "bias_correction": lambda c: not c["bias_correction"],
    "beta": lambda c: 1 - c["beta"],
    "beta1": lambda c: 1 - c["beta1"],
    "beta2": lambda c: c["beta2"] - 0.05,
    "rho": lambda c: 1 - c["rho"],
    "maximize": lambda c: not c["maximize"],
    "eps_hat": lambda c: not c["eps_hat"],
    "eta_plus": lambda c: c["eta_plus"] + 0.1,
    "momentum_decay": lambda c: 0.5,
    "eps_in_max": lambda c: not c["eps_in_max"],
}


@pytest.mark.parametrize("name", CASES)
def test_the_library_agrees_with_the_recording(name):
    assert checker.run(RECORDINGS, CASES[name], adapter.factory) <= 1


@pytest.mark.parametrize("field", MUTATIONS)
def test_a_changed_convention_is_noticed_by_the_recordings(field):
    noticed = {}
    for case in CASES.values():
        if field in case["config"] and case["dtype"] == "float64" and case["problem"]["name"] == "noise":
            if field == "eps_hat" and case["config"]["amsgrad"] in ("corrected", "reddi"):
                continue  # v is not corrected after the maximum: there are no two places for ε
            changed = case | {"config": case["config"] | {field: MUTATIONS[field](case["config"])}}
            noticed[case["id"]] = checker.run(RECORDINGS, changed, adapter.factory) > 1
    assert noticed
    assert all(noticed.values())


def test_every_algorithm_of_the_schema_is_recorded():
    algorithms = {case["algo"] for case in CASES.values()}
    assert algorithms == {"rmsprop", "adagrad", "adadelta", "adam", "adamax", "nadam", "sgd", "rprop"}
    assert len(CASES) == 342


RECORDED = {"jaxex": "jax", "tf1": "tensorflow", "tf_keras_legacy": "tf_keras"}  # the others are named as their package


@pytest.mark.parametrize(
    "row", [row for row in conventions.table() if "recorded" in row["evidence"]], ids=lambda r: r["name"]
)
def test_a_row_that_claims_a_recording_has_one_of_that_version(row):
    name = {"jax": "jaxex", "chainer_graves": "chainer"}.get(row["name"], row["name"])
    calls = {case["source"]["call"] for case in CASES.values() if case["source"]["framework"] == name}
    version = RECORDINGS["versions"][RECORDED.get(name, name)].partition("+")[0]
    assert row["evidence"] == f"recorded runs of version {version} reproduced"
    assert row["source"].replace("tf.keras", "tf_keras") in calls


def test_rprop_begins_with_what_the_schedule_gives_for_the_first_step():
    """As in PyTorch, whose state is made at the first step: lr = 0.01 warmed up over ten steps begins with 0.001."""
    config = {"lr": 0.01, "eta_minus": 0.5, "eta_plus": 1.2, "step_min": 1e-6, "step_max": 50.0, "maximize": False}
    step = adapter.factory("rprop", config, "float64")
    x = step(np.zeros(2), np.array([3.0, -4.0]), 1, 0.001)
    assert x.tolist() == [-0.001, 0.001]
    assert np.allclose(step(x, np.array([1.0, -1.0]), 2, 0.002), [-0.0022, 0.0022], rtol=1e-14)
