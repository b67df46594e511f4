"""The command that starts a program in a bubblewrap jail.

What the jail shows: the system's programs and libraries, Python and its installed packages, all read-only, without the
package of the grader; a small /tmp; its own processes. What it has not: a network, other people's files, rights.
"""

from __future__ import annotations

import os
import shutil
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

import numpy as np

INSIDE = Path(__file__).parent / "inside"
_PACKAGE = Path(__file__).parents[1]
_SYSTEM = (
    *(f"/usr/{name}" for name in ("bin", "lib", "lib32", "lib64", "share", "local/bin", "local/lib")),
    *(f"/etc/{name}" for name in ("ld.so.cache", "alternatives", "fonts")),
)
NOBODY = 65534
HOME = "/tmp"


def command(disk: int) -> list[str]:
    """The start of a command line, to which the program is added. disk: bytes of /tmp."""
    root = os.geteuid() == 0
    # For root a user namespace would be no help: the kernel does not count the processes of what is root outside.
    # The program gives up its rights itself (`jail.START`), and these two capabilities with them.
    user = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    identity = [] if root else ["--uid", str(NOBODY), "--gid", str(NOBODY)]
    return [
        *(shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--hostname", "jail"),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"),
        *("--cap-drop", "ALL", *user, *identity, "--clearenv", *_environment()),
        *("--size", str(disk), "--perms", "1777", "--tmpfs", HOME, "--chdir", HOME),
        *(*_mounts(packages()), *_fonts(), "--ro-bind", str(INSIDE), "/inside"),
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/", "--"),
    ]  # fmt: skip


def python() -> str:
    """The interpreter itself, not the link to it in a virtual environment."""
    return os.path.realpath(sys.executable)


@cache
def packages() -> tuple[str, ...]:
    """The folders of the installed packages: this environment's, and NumPy's where that is another."""
    paths = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(np.__file__).parents[1])}
    return tuple(sorted(paths))


def _environment() -> list[str]:
    values = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": HOME, "LANG": "C.UTF-8", **QUIET}
    return [part for name, value in values.items() for part in ("--setenv", name, value)]


# One thread for a matrix product: a class is graded on many processes, and each thread counts as a process.
QUIET = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "agg"}


@cache
def _mounts(packages: tuple[str, ...]) -> tuple[str, ...]:
    """What is shown, read-only, and what is hidden in it; a folder before the folders in it."""
    base = Path(sys.base_prefix)
    shown = {Path(path) for path in _SYSTEM}
    hidden = _with_solutions(packages)
    for path in (base / "bin", base / "lib", Path(python()).parent, *map(Path, packages)):
        if not _in_any(shown, path) or _in_any(hidden, path):
            shown.add(path)
    shown = {path for path in shown if path.exists()}
    hidden = {path for path in hidden if _in_any(shown, path)}
    above = {parent for path in shown for parent in path.parents} - shown - hidden - {Path("/")}
    arguments = _links()
    for path in sorted(shown | hidden | above, key=lambda path: (len(path.parts), path)):
        if path in above:  # else bwrap makes it for root alone
            arguments += ["--dir", str(path)]
        else:
            arguments += ["--tmpfs", str(path)] if path in hidden else ["--ro-bind", str(path), str(path)]
    for path in hidden:
        arguments += ["--remount-ro", str(path)]
    return tuple(arguments)


@cache
def _fonts() -> tuple[str, ...]:
    """matplotlib's list of fonts, which it would need seconds to make in every jail."""
    import matplotlib

    lists = Path(matplotlib.get_cachedir()).glob("fontlist-*.json")
    place = f"{HOME}/.cache/matplotlib"
    binds = (part for path in lists for part in ("--ro-bind", str(path), f"{place}/{path.name}"))
    return ("--perms", "1777", "--dir", place, *binds)


def _in_any(folders: set[Path], path: Path) -> bool:
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
