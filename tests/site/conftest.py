"""A small throw-away book with the real configuration and extensions, built as `make book` builds the real one."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

NOTEBOOK = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---
"""


@dataclass
class Book:
    """A book in a folder of its own: write pages, then build."""

    root: Path

    def page(self, name: str, text: str) -> None:
        (self.root / "book" / f"{name}.md").write_text(text, "utf8")

    def build(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        pages = sorted(p.stem for p in (self.root / "book").glob("*.md") if p.stem != "intro")
        chapters = "".join(f"\n  - file: book/{name}" for name in pages)
        (self.root / "_toc.yml").write_text(f"format: jb-book\nroot: book/intro\nchapters:{chapters}\n", "utf8")
        command = [sys.executable, ROOT / "tools/build_book.py", "--root", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=240, env=os.environ | environment)

    def html(self, name: str) -> str:
        return (self.root / "_build/html" / name).read_text("utf8")


def new_book(root: Path) -> Book:
    (root / "book").mkdir(parents=True)
    shutil.copy(ROOT / "_config.yml", root)
    for shared in ("_ext", "assets", "vendor", "references.bib"):
        (root / "book" / shared).symlink_to(ROOT / "book" / shared)
    book = Book(root)
    book.page("intro", "# A book\n\nA page that says in one sentence what the book is about.\n")
    book.page("end", "# Sources\n\nA last page, with the works that the others cite.\n\n```{bibliography}\n```\n")
    return book


@pytest.fixture
def book(tmp_path) -> Book:
    return new_book(tmp_path / "a book")
