#!/bin/sh
# Print a Python that can make our virtual environment: $PYTHON if given, else the one .venv was made with, else the
# newest supported one. Each is run, because a name on the PATH can be a shim that only prints an error.
probe='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    sys.exit(4)
'
if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- .venv/bin/python python3.13 python3.12 python3.11 python3
fi
without_venv=''
for candidate; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    "$candidate" -c "$probe" >/dev/null 2>&1
    case $? in
        0) command -v "$candidate"; exit 0 ;;
        4) without_venv="${without_venv:-$candidate}" ;;
    esac
done
if [ -n "$without_venv" ]; then
    echo "error: $without_venv cannot make virtual environments: install its venv module" \
         "(on Debian or Ubuntu: apt-get install python3-venv)" >&2
elif [ -n "${PYTHON:-}" ]; then
    echo "error: PYTHON=$PYTHON is not a Python 3.11, 3.12 or 3.13 that runs" >&2
else
    echo "error: no Python 3.11, 3.12 or 3.13 found: install one (on Debian or Ubuntu: apt-get install" \
         "python3 python3-venv) or name one: make PYTHON=/path/to/python3.12" >&2
fi
exit 1
