"""An environment with the peers, .venv-bench, in which the library runs from its folder."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.clock import ONE_THREAD

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv-bench"
NEEDED = ("numpy==2.4.6", "numba==0.68.1", "tqdm", "dask", "distributed")
PEERS = ("torch==2.13.0", "jax==0.10.2", "optax==0.2.8", "numexpr==2.14.2", "scikit-learn==1.9.1")


def make() -> Path:
    """The Python of .venv-bench, made when it is missing or other packages are asked for. A peer may be missing."""
    python, stamp = HOME / "bin" / "python", HOME / "ready.txt"
    wanted = "\n".join((*NEEDED, *PEERS))
    if not (stamp.exists() and stamp.read_text() == wanted):
        print(f"Installing the peers into {HOME.name} ...", flush=True)
        venv.create(HOME, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *NEEDED], check=True)
        for peer in PEERS:
            if subprocess.run([*install, peer]).returncode:
                print(f"{peer} cannot be installed here and is left out", flush=True)
        stamp.write_text(wanted)
    return python


def run_inside(module: str, arguments: list[str]) -> int:
    """Run a module of ours in .venv-bench, each peer with one thread."""
    command = [make(), "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **ONE_THREAD}).returncode


def is_inside() -> bool:
    return Path(sys.prefix).resolve() == HOME.resolve()
