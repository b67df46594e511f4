"""The notebooks offered for download: what the author wrote, without the results of the build, which would only be in
the reader's way (and carry random ids).
"""

from __future__ import annotations

from pathlib import Path

import nbformat


def clean(out: Path) -> None:
    """Strip results, and what else running it left, from every notebook in `_sources`, and number its cells."""
    for path in sorted((out / "_sources").rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata = {name: notebook.metadata[name] for name in ("jupytext", "kernelspec")}
        for number, cell in enumerate(notebook.cells, 1):
            cell["id"] = f"cell-{number}"
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
                cell.metadata.pop("execution", None)
        nbformat.write(notebook, path)
