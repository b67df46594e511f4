"""The command that starts a program in a bubblewrap jail.

What the jail shows: the system's programs and libraries, Python and its installed packages, all read-only, without the
package of the grader; a small /tmp. What it has not: a network, other people's files, rights, /proc and /sys.
Python and its packages lie at places of their own, so that no path tells whose machine this is.
"""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

INSIDE = Path(__file__).parent / "inside"
_PACKAGE = Path(__file__).parents[1]
_SYSTEM = (
    *(f"/usr/{name}" for name in ("bin", "lib", "lib32", "lib64", "share", "local/bin", "local/lib")),
    *(f"/etc/{name}" for name in ("ld.so.cache", "alternatives", "fonts")),
)
_PYTHON = "/python"
NOBODY = 65534
HOME = "/tmp"


def command(disk: int) -> list[str]:
    """The start of a command line, to which the program is added. disk: bytes of /tmp."""
    root = os.geteuid() == 0
    # For root a user namespace would be no help: the kernel does not count the processes of what is root outside.
    # The program gives up its rights itself (`jail.START`), and these two capabilities with them.
    user = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user", *_last_userns()]
    identity = [] if root else ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    return [
        *(shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--hostname", "jail"),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *("--cap-drop", "ALL", *user, *identity, "--clearenv", *_environment()),
        *("--size", str(disk), "--perms", "1777", "--tmpfs", HOME, "--chdir", HOME),
        *(*_mounts(packages()), *_fonts(), "--ro-bind", str(INSIDE), "/inside"),
        *("--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/", "--"),
    ]  # fmt: skip


def python() -> str:
    """The interpreter itself, not the link to it in a virtual environment."""
    return os.path.realpath(sys.executable)


def inside(path: str) -> str:
    """Where the interpreter or a folder of packages lies in the jail."""
    return str(_place(Path(path), _shown(packages())))


@cache
def packages() -> tuple[str, ...]:
    """The folders of the installed packages: this environment's, and NumPy's where that is another."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(np.__file__).parents[1])}
    return tuple(sorted(paths))


def _environment() -> list[str]:
    values = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": HOME, "LANG": "C.UTF-8", **QUIET}
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and not _in_any(_SYSTEM, Path(python())):
        values["LD_LIBRARY_PATH"] = f"{_PYTHON}/lib"
    return [part for name, value in values.items() for part in ("--setenv", name, value)]


# One thread for a matrix product: a class is graded on many processes, and each thread counts as a process.
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}


@cache
def _last_userns() -> tuple[str, ...]:
    """The option against user namespaces within this one, where bubblewrap knows it (since 0.8)."""
    told = subprocess.run(["bwrap", "--help"], capture_output=True, text=True)
    return ("--disable-userns",) if "--disable-userns" in told.stdout + told.stderr else ()


@cache
def _shown(packages: tuple[str, ...]) -> dict[Path, Path]:
    """What is shown and where: the system's at its own place, all else at places that tell nothing."""
    shown = {Path(path): Path(path) for path in _SYSTEM}
    base, hidden = Path(sys.base_prefix), _with_solutions(packages)
    wanted = {base / "bin": Path(_PYTHON, "bin"), base / "lib": Path(_PYTHON, "lib")}
    others = (Path(python()).parent, *map(Path, packages))
    wanted |= {path: Path("/packages", str(i)) for i, path in enumerate(others) if path not in wanted}
    for path, place in wanted.items():
        if not _in_any(shown, path) or _in_any(hidden, path):
            shown[path] = place
    return {path: place for path, place in shown.items() if path.exists()}


def _place(path: Path, shown: dict[Path, Path]) -> Path:
    above = max((top for top in shown if path.is_relative_to(top)), key=lambda top: len(top.parts))
    return shown[above] / path.relative_to(above)


@cache
def _mounts(packages: tuple[str, ...]) -> tuple[str, ...]:
    """What is shown, read-only, and what is hidden in it; a folder before the folders in it."""
    shown = _shown(packages)
    binds = {place: path for path, place in shown.items()}
    hidden = {
        place / path.relative_to(top)
        for top, place in shown.items()
        for path in _with_solutions(packages)
        if path.is_relative_to(top)
    }
    above = {parent for place in binds for parent in place.parents} - binds.keys() - hidden - {Path("/")}
    arguments = _links()
    for place in sorted(binds.keys() | hidden | above, key=lambda place: (len(place.parts), place)):
        if place in above:  # else bwrap makes it for root alone
            arguments += ["--dir", str(place)]
        else:
            arguments += ["--tmpfs", str(place)] if place in hidden else ["--ro-bind", str(binds[place]), str(place)]
    for place in hidden:
        arguments += ["--remount-ro", str(place)]
    return tuple(arguments)


@cache
def _fonts() -> tuple[str, ...]:
    """matplotlib's list of fonts, which it would need seconds to make in every jail."""
    import matplotlib

    lists = Path(matplotlib.get_cachedir()).glob("fontlist-*.json")
    place = f"{HOME}/.cache/matplotlib"
    binds = (part for path in lists for part in ("--ro-bind", str(path), f"{place}/{path.name}"))
    return ("--perms", "1777", "--dir", place, *binds)


def _in_any(folders: Iterable[str | Path], path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _with_solutions(packages: tuple[str, ...]) -> set[Path]:
    """Every folder we know of that holds this package, and with it the reference solutions."""
    base = sysconfig.get_paths(vars={"base": sys.base_prefix, "platbase": sys.base_prefix})
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = [*packages, *site.getsitepackages(), base["purelib"], base["platlib"], "/usr/lib/python3/dist-packages"]
    places += [f"/usr/local/lib/{version}/{name}-packages" for name in ("dist", "site")]
    found = {Path(place, _PACKAGE.name) for place in places} | {_PACKAGE}
    if (_PACKAGE.parent / "pyproject.toml").exists():  # a checkout, with tests and chapters
        found.add(_PACKAGE.parent)
    return {path for path in found if path.exists()}


def _links() -> list[str]:
    """/bin, /lib and the like: links into /usr on most systems, folders on some."""
    arguments = []
    for path in (Path("/bin"), Path("/sbin"), Path("/lib"), Path("/lib32"), Path("/lib64")):
        if path.is_symlink():
            arguments += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments
