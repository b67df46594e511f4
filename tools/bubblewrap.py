"""Find bubblewrap for the tests of the grader's jail; as root on Debian, install it when there is none.

It is no error if there is none: the tests that need it are then skipped, and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess

LIMIT = 600  # seconds


def main() -> None:
    """Say what the tests will find."""
    if not works() and os.geteuid() == 0 and shutil.which("apt-get") and not shutil.which("bwrap"):
        print("No bubblewrap found: installing it for the tests of the grader ...", flush=True)
        os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
        for command in (["update"], ["install", "-y", "--no-install-recommends", "bubblewrap"]):
            _run(["apt-get", *command])
    path = shutil.which("bwrap")
    told = path if works() else f"{path} (it may not make namespaces here)" if path else "none"
    print(f"Jail for the tests of the grader: {told}{'' if works() else '; they are skipped'}")


def works() -> bool:
    """Whether bubblewrap is here and may make namespaces."""
    return _run(["bwrap", "--unshare-pid", "--unshare-net", "--ro-bind", "/", "/", "true"])


def _run(command: list[str]) -> bool:
    try:
        return subprocess.run(command, timeout=LIMIT, capture_output=True).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    main()
