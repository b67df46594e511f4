"""Build the book into _build/html: `make book`. Strict (every warning stops it), offline, and the same bytes for the
same inputs.

Nothing changed since the last complete build: nothing to do. The library, its data or the environment changed: every
notebook runs again, because jupyter-cache knows only the text of a notebook. A page changed: that notebook runs again.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
IGNORED = {"__pycache__", "node_modules", ".ipynb_checkpoints", ".pytest_cache"}
HOMES = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR")
USERS_OWN = {
    "JUPYTER_PATH",
    "JUPYTER_CONFIG_PATH",
    "MATPLOTLIBRC",
    "MPLBACKEND",
    "PYTHONSTARTUP",
    "LC_CTYPE",
    "LANGUAGE",
}
FIXED = {"PYTHONUTF8": "1", "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"} | {
    "SOURCE_DATE_EPOCH": "1767225600",  # no page tells when it was built
    "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not one that the user installed
    "JUPYTER_PLATFORM_DIRS": "1",
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--root", type=Path, default=TOOLS.parent, help="folder of _config.yml (default: this repository)"
    )
    parser.add_argument("--force", action="store_true", help="build and run every notebook even if nothing changed")
    options = parser.parse_args(arguments)
    root = options.root.resolve()
    build = root / "_build"
    index = build / "html" / "index.html"
    done = build / "complete.json"  # present only after a complete build

    inputs = input_hash(root)
    if not options.force and is_complete(done, build / "html", inputs):
        print(f"Nothing changed since the last build.\n{where(index)}")
        return 0

    done.unlink(missing_ok=True)
    refresh_execution_cache(build / ".jupyter_cache", library_hash(root), clear=options.force)
    for stale in ("html", "jupyter_execute", ".doctrees"):
        shutil.rmtree(build / stale, ignore_errors=True)
    code = run_sphinx(root, build)
    if code != 0 or not index.is_file():
        print(explain_failure(build / "html" / "reports"), file=sys.stderr)
        return code or 1
    if input_hash(root) == inputs:  # else a file was edited meanwhile: the next run builds again
        done.write_text(json.dumps({"inputs": inputs, "output": output_hash(build / "html")}), "utf8")
    print(f"\nThe book is built.\n{where(index)}")
    return 0


def where(index: Path) -> str:
    return f"Open {os.path.relpath(index)}\n  or {index.as_uri()}"


def run_sphinx(root: Path, build: Path) -> int:
    """The build in a process of its own, with nothing of the user's settings in it."""
    home = build / ".home"
    home.mkdir(parents=True, exist_ok=True)
    # else each notebook begins with a warning that its kernel talks to this machine unencrypted
    profile = home / "ipythondir" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 'ERROR'\n", "utf8")
    environment = {name: value for name, value in os.environ.items() if name not in USERS_OWN}
    environment |= {name: str(home / name.lower()) for name in HOMES} | FIXED
    command = [sys.executable, str(TOOLS / "run_sphinx.py"), str(root), str(build / "html")]
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def explain_failure(reports: Path) -> str:
    """What to read: the traceback of each notebook that failed, or a pointer to the warnings above."""
    line = "=" * 80
    parts = []
    for log in sorted(reports.rglob("*.err.log")):
        page = log.relative_to(reports).as_posix().removesuffix(".err.log")
        traceback = ANSI.sub("", log.read_text("utf8")).strip()
        parts.append(f"\n{line}\nA cell failed in {page}.md\n{line}\n{traceback}")
    if not parts:
        parts.append("\nEvery warning is an error here: see the lines with WARNING or ERROR above.")
    return "\n".join([*parts, "\nThe book was NOT built."])


def refresh_execution_cache(cache: Path, key: str, clear: bool = False) -> None:
    """Forget every executed notebook when they were executed with another library."""
    stamp = cache / "library.sha256"
    if clear or not stamp.is_file() or stamp.read_text("utf8") != key:
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        stamp.write_text(key, "utf8")


def library_hash(root: Path) -> str:
    """Hash of what a notebook's results depend on besides its text: the installed library, all its files, and the
    environment.
    """
    installed = sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions())
    environment = "\n".join([sys.version, sys.prefix, *installed])
    pinned = [p for p in (root / "requirements.txt",) if p.is_file()]
    measured = sorted((root / "benchmarks/results").glob("*.json"))  # what pages show of them
    return digest([*files_under(library_folder()), *pinned, *measured], extra=environment)


def library_folder() -> Path:
    return Path(importlib.util.find_spec("rmsprop_lib").origin).parent


def input_hash(root: Path) -> str:
    """Hash of everything the book is made of."""
    sources = [p for name in ("_config.yml", "_toc.yml") if (p := root / name).is_file()]
    return digest([*sources, *files_under(root / "book"), *files_under(TOOLS)], extra=library_hash(root))


def output_hash(html: Path) -> str:
    """Names and sizes of the files of the built book: enough to see that some were removed or half written."""
    return digest([], extra="\n".join(f"{p.relative_to(html)} {p.stat().st_size}" for p in files_under(html)))


def is_complete(done: Path, html: Path, inputs: str) -> bool:
    try:
        last = json.loads(done.read_text("utf8"))
    except (OSError, ValueError):
        return False
    return last == {"inputs": inputs, "output": output_hash(html)}


def files_under(folder: Path) -> list[Path]:
    """All files, links followed, sorted by name; without what Python and Jupyter leave behind."""
    found = [
        Path(base, name)
        for base, folders, names in os.walk(folder, followlinks=True)
        if not IGNORED & set(Path(base).parts)
        for name in names
    ]
    return sorted(p for p in found if p.suffix not in {".ipynb", ".pyc"})


def digest(paths: Iterable[Path], extra: str = "") -> str:
    """One hash of names and contents."""
    total = hashlib.sha256(extra.encode())
    for path in paths:
        total.update(f"\0{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
