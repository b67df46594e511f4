"""What `make lab` starts: JupyterLab, in which a double click on a chapter opens a notebook that runs."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

# A chapter

```{code-cell} ipython3
import rmsprop_lib
print(rmsprop_lib.RMSProp(lr=0.5).lr * 2)
```
"""


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab that was started with the recipe of `make lab`, on a folder with one chapter."""
    (tmp_path / "book").mkdir()
    (tmp_path / "book/chapter.md").write_text(CHAPTER)
    flags = f"--no-browser --allow-root --port=0 --ServerApp.root_dir={tmp_path}"
    dry_run = ["make", "-n", "--no-print-directory", "lab", f"FLAGS={flags}"]  # inside make, make names its folder
    steps = subprocess.check_output(dry_run, cwd=ROOT, text=True)
    log = tmp_path / "log.txt"
    recipe = f"{steps.strip().splitlines()[-1]} 2>{log}"
    environment = {**os.environ, "HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
    with subprocess.Popen(recipe, shell=True, cwd=ROOT, env=environment, start_new_session=True) as server:
        try:
            yield _address(log)
        finally:
            os.killpg(server.pid, signal.SIGTERM)


def _address(log):
    for _ in range(300):
        time.sleep(0.2)
        if log.exists() and (found := re.search(r"http://127\.0\.0\.1:\S+", log.read_text())):
            return found[0]
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def test_a_double_click_on_a_chapter_opens_a_notebook_that_runs(lab, page):
    page.set_default_timeout(60_000)
    page.goto(lab)
    page.locator(".jp-DirListing-item", has_text="chapter.md").dblclick()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()  # a cell run earlier would ask which kernel to start
    page.locator(".jp-CodeCell .jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-OutputArea-output").first
    output.wait_for()
    assert output.inner_text().strip() == "1.0"
    assert page.log.foreign("http://" + urlsplit(lab).netloc) == []
