"""A JupyterLab server of its own, with notebooks to run."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

import nbformat


@contextmanager
def lab_server(folder: Path, notebooks: Mapping[str, list[str]]):
    """Serve notebooks, given as name and cells; gives the server's address and the folder in which the kernels work."""
    work = folder / "work"
    work.mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    for name, sources in notebooks.items():
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(metadata=kernel, cells=cells), work / f"{name}.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable, "-m", "jupyterlab", "--allow-root", f"--ServerApp.root_dir={work}", f"--ServerApp.port={port}",
        "--ServerApp.open_browser=False", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
    ]  # fmt: skip
    with open(folder / "server.log", "w") as log:
        environment = os.environ | own | {"IPYTHONDIR": str(folder / "ipython")}
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api", server, folder / "server.log")
            yield address, work
        finally:
            server.terminate()
            server.wait(timeout=30)


def open_and_run(page, lab, notebook):
    """Open a notebook and run its cells; gives the folder that it writes into."""
    address, folder = lab
    page.set_default_timeout(25_000)
    page.goto(f"{address}/lab/tree/{notebook}?reset")
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    return folder


def _wait_for(url, server, log, limit=60):
    end = time.monotonic() + limit
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")
