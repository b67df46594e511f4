"""The program behind `make book`: what it refuses, what it says then, and when it runs the notebooks again."""

import pytest

from tools import build_book

from .conftest import NOTEBOOK

WIDGET = """
import ipywidgets

class Shown({kind}):
    def _repr_mimebundle_(self, **kwargs):
        html = '<figure class="rms-static"><img src="data:image/png;base64,AAAA" alt="a" width="6" height="3">'
        html += "<figcaption>A sentence.</figcaption></figure>"
        return super()._repr_mimebundle_(**kwargs){extra}

Shown()
"""


def _cell(code: str) -> str:
    return f"{NOTEBOOK}\n# A chapter\n\n```{{code-cell}}\n{code}\n```\n"


def _widget(kind: str, extra: str) -> str:
    return _cell(WIDGET.format(kind=f"ipywidgets.{kind}", extra=extra))


FACE = ' | {"text/html": html}'


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("# A chapter\n\nBad: $\\frac{1}$.\n", r"book/chapter, near line 3: cannot typeset '\\frac{1}'"),
        ("# A chapter\n\nSee {ref}`nowhere`.\n", "undefined label: 'nowhere'"),
        (_cell("1 / 0"), "A cell failed in book/chapter.md"),
        (_cell("import warnings; warnings.warn('hm')"), "stderr was found"),
        (_widget("FloatSlider", ""), "book/chapter, near line 11: a widget must also have a static face"),
        (_widget("FloatSlider", FACE.replace("html}", "html[:9]}")), "a static face is one"),
        (
            _widget("DatePicker", FACE),
            "book/chapter: the page's host must draw every widget, and cannot draw ['DatePicker",
        ),
    ],
    ids=["formula", "reference", "cell", "warning", "no-face", "bad-face", "unknown-widget"],
)
def test_a_mistake_stops_the_build_and_is_named(book, page, message):
    book.page("chapter", page)
    done = book.build()
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert message in said
    assert "The book was NOT built." in said
    assert not (book.root / "_build/complete.json").exists()


def test_a_failing_cell_shows_its_traceback_and_the_next_build_is_not_skipped(book):
    book.page("chapter", _cell("denominator = 0\n1 / denominator"))
    for _ in range(2):
        done = book.build()
        assert done.returncode != 0
        assert "ZeroDivisionError: division by zero" in done.stderr
        assert "1 / denominator" in done.stderr
        assert "\x1b[" not in done.stderr.split("A cell failed")[1]


def test_notebooks_run_again_when_the_library_changes_and_only_then(tmp_path):
    cache = tmp_path / "cache"
    build_book.refresh_execution_cache(cache, "one")
    (cache / "executed").write_text("x")
    build_book.refresh_execution_cache(cache, "one")
    assert (cache / "executed").exists()
    build_book.refresh_execution_cache(cache, "two")
    assert not (cache / "executed").exists()
    (cache / "executed").write_text("x")
    build_book.refresh_execution_cache(cache, "two", clear=True)
    assert not (cache / "executed").exists()


def _project(tmp_path):
    for name in ("book/intro.md", "book/_ext/x.py", "_config.yml", "_toc.yml", "requirements.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a", "utf8")
    return tmp_path


@pytest.mark.parametrize("name", ["book/intro.md", "book/new.md", "book/_ext/x.py", "_config.yml", "_toc.yml"])
def test_a_change_of_the_book_builds_it_again_with_the_same_executed_notebooks(tmp_path, name):
    root = _project(tmp_path)
    inputs, library = build_book.input_hash(root), build_book.library_hash(root)
    assert build_book.input_hash(root) == inputs
    (root / name).write_text("b", "utf8")
    assert build_book.input_hash(root) != inputs
    assert build_book.library_hash(root) == library


def test_other_pins_run_the_notebooks_again(tmp_path):
    root = _project(tmp_path)
    inputs, library = build_book.input_hash(root), build_book.library_hash(root)
    (root / "requirements.txt").write_text("b", "utf8")
    assert build_book.library_hash(root) != library
    assert build_book.input_hash(root) != inputs


def test_a_new_measurement_makes_the_notebooks_that_show_it_run_again(tmp_path):
    root = _project(tmp_path)
    before = build_book.library_hash(root)
    (root / "benchmarks/results").mkdir(parents=True)
    (root / "benchmarks/results/figures.json").write_text("{}")
    assert build_book.library_hash(root) != before


@pytest.mark.parametrize("name", ["problems.py", "data/new.csv", "widgets/static/figure.js", "tokens.json"])
def test_any_file_of_the_library_counts(tmp_path, monkeypatch, name):
    root = _project(tmp_path / "project")
    package = tmp_path / "elsewhere/rmsprop_lib"
    (package / name).parent.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(build_book, "library_folder", lambda: package)
    before = build_book.library_hash(root)
    (package / "__pycache__").mkdir()
    (package / "__pycache__/x.pyc").write_text("x")
    assert build_book.library_hash(root) == before
    (package / name).write_text("x")
    assert build_book.library_hash(root) != before


@pytest.mark.parametrize("ignored", ["__pycache__/x.pyc", ".ipynb_checkpoints/a.md", "chapter.ipynb"])
def test_what_python_and_jupyter_leave_behind_does_not_count(tmp_path, ignored):
    root = _project(tmp_path)
    before = build_book.input_hash(root)
    path = root / "book" / ignored
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", "utf8")
    assert build_book.input_hash(root) == before


def test_a_build_counts_as_complete_only_if_all_of_its_files_are_there(tmp_path):
    html, done = tmp_path / "html", tmp_path / "complete.json"
    html.mkdir()
    (html / "a.html").write_text("x")
    assert not build_book.is_complete(done, html, "inputs")
    done.write_text(f'{{"inputs": "inputs", "output": "{build_book.output_hash(html)}"}}')
    assert build_book.is_complete(done, html, "inputs")
    assert not build_book.is_complete(done, html, "other inputs")
    (html / "a.html").write_text("")
    assert not build_book.is_complete(done, html, "inputs")
