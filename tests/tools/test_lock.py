"""requirements.txt as make lock writes it."""

from tools import lock


def test_what_we_ask_for_stands_apart_from_what_that_needs(monkeypatch):
    monkeypatch.setattr(lock, "asked_for", lambda: {"numpy>=2.0", "Jupyter_Book>=1.0,<2"})
    frozen = ["zipp==4.1", "pip==23.2", "numpy==2.4.6", "jupyter-book==1.0.4.post1", "attrs==26.1", "-e somewhere"]
    assert lock.requirements(frozen) == (
        f"{lock.HEAD}\n# what pyproject.toml asks for\njupyter-book==1.0.4.post1\nnumpy==2.4.6\n\n"
        "# what those need\nattrs==26.1\nzipp==4.1\n\n# the package itself, from this folder\n-e .\n"
    )


def test_what_needs_a_gpu_is_not_pinned():
    names = {lock.normal_name(line) for line in lock.asked_for()}
    assert {"numpy", "numba", "jupyter-book", "pytest", "dask"} <= names
    assert not names & {"cupy-cuda12x", "rmsprop-textbook"}


def test_only_the_oldest_python_may_lock(monkeypatch, capsys):
    monkeypatch.setattr(lock, "OLDEST", (2, 7))
    assert lock.main() == 1
    assert "make lock PYTHON=python3.11" in capsys.readouterr().err
