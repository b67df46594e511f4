"""Measure steps, runs, grids and networks beside their peers, into benchmarks/results/steps.json and STEPS.md.

    python -m benchmarks.steps [--quick] [--out FOLDER]

One core, processor time, all methods in turn within a round, ratios taken round by round and told as their median; the
speed of the memory is measured in the same rounds. --quick takes few rounds and leaves out the largest arrays.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path

from benchmarks.environment import ROOT, is_inside, run_inside

FOLDER = ROOT / "benchmarks/results"
PACKAGES = ("numpy", "numba", "torch", "jax", "optax", "numexpr", "scikit-learn", "dask")


def main() -> int:
    if not is_inside():
        return run_inside("benchmarks.steps", sys.argv[1:])
    parser = argparse.ArgumentParser(prog="python -m benchmarks.steps")
    parser.add_argument("--quick", action="store_true", help="few rounds, no array larger than the caches")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for steps.json and STEPS.md")
    options = parser.parse_args()
    from benchmarks.clock import pin  # what stands below needs the peers
    from benchmarks.table import text

    cluster = {} if options.quick else _cluster()
    pin()
    found = {"machine": _machine(), "quick": options.quick, "missing": {}, "steps": {}, "ratios": [], "other": cluster}
    _steps(found, options.quick)
    _other(found, options.quick)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "steps.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf8")
    (options.out / "STEPS.md").write_text(text(found), "utf8")
    print(text(found))
    return 0


def _steps(found, quick) -> None:
    """Every method on arrays of every size, and the ratios that are told."""
    import numpy as np

    from benchmarks.clock import in_turn, ratio, summary
    from benchmarks.goals import DRAM, GOALS, LARGE, MIDDLE, SMALL
    from benchmarks.peers import MAKERS

    for dtype in ("float32", "float64"):
        for size in (SMALL, MIDDLE, LARGE) if quick else (SMALL, MIDDLE, LARGE, DRAM):
            rng = np.random.default_rng(0)
            theta, grad = (rng.standard_normal(size).astype(dtype) for _ in range(2))
            calls = {}
            for maker in MAKERS:
                try:
                    new = maker(theta, grad)
                    for call in new.values():
                        call()
                    calls |= new
                except Exception as error:  # a peer that is missing or broken is told and left out
                    found["missing"][maker.__name__] = f"{type(error).__name__}: {error}".partition("\n")[0][:200]
            times = in_turn(calls, rounds=7 if quick or size == DRAM else 11, sample=2e-3 if quick else 5e-3)
            found["steps"][f"{dtype} {size:.0e}"] = {name: summary(seen) for name, seen in times.items()}
            for goal in GOALS:
                if size in goal.wanted and {goal.over, goal.under} <= times.keys():
                    value = ratio(times, goal.over, goal.under)
                    row = {"what": goal.title, "n": size, "dtype": dtype, "ratio": round(value, 3)}
                    found["ratios"].append(row | {"met": goal.met(value, size, dtype == "float64")})
            print(f"{dtype} {size:.0e}: done", flush=True)


def _other(found, quick) -> None:
    from benchmarks import work

    rounds, sample = (5, 5e-3) if quick else (9, 2e-2)
    other = found["other"]
    for dtype in ("float32", "float64"):
        other |= {f"2-D step over its rule: {name}, {dtype}": value
                  for name, value in work.small_steps(dtype, rounds, sample).items()}  # fmt: skip
        for width in (64, 256, 512):
            try:
                ratios = work.network(width, dtype, rounds, sample)
            except ImportError:
                continue
            other[f"gradient of a network over plain NumPy: width {width}, {dtype}"] = ratios["over NumPy"]
            other[f"torch / gradient of a network: width {width}, {dtype}"] = ratios["torch / ours"]
    other |= {f"run, a step of a 2-D problem over a bare loop: record {name}": value
              for name, value in work.long_runs(rounds, sample).items()}  # fmt: skip
    other["loop of 200 runs in plain NumPy / sweep"] = work.grid(rounds, sample)
    other["import rmsprop_lib over NumPy, ms"] = work.importing(rounds)
    found["other"] = {name: round(value, 3) for name, value in other.items()}


def _cluster() -> dict:
    """Before this process keeps to one core, for the workers would inherit it."""
    from benchmarks import work

    return {"400 short runs on 4 Dask workers, seconds more": work.cluster()}


def _machine() -> dict:
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {"processors": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 1), "packages": versions}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
