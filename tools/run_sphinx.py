"""One strict build of the book, for build_book.py: Jupyter Book's settings and Sphinx, without the wrapper that prints
a second traceback.

usage: run_sphinx.py ROOT OUTPUT
"""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_book.sphinx import build_sphinx
from sphinx.util.console import nocolor


def main(root: Path, output: Path) -> int:
    if not sys.stdout.isatty():
        nocolor()
    result = build_sphinx(
        root,
        output,
        noconfig=True,
        path_config=root / "_config.yml",
        confoverrides={"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False},
        builder="html",
        freshenv=True,
        warningiserror=True,
        keep_going=True,
    )
    return result if isinstance(result, int) else 1  # an exception was printed already


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
