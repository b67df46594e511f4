"""One small book, built by the real program with the real configuration: what its pages hold."""

import json
import re

import pytest

from .conftest import NOTEBOOK, new_book

FIGURE = """
import base64, ipywidgets

class Explorer(ipywidgets.VBox):
    def _repr_mimebundle_(self, **kwargs):
        picture = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 6 3'/>").decode()
        html = '<figure class="rms-static" data-live-height="420"><img src="data:image/svg+xml;base64,' + picture
        html += '" alt="A &lt;b&gt; path" width="600" height="300"><figcaption>It walks straight.</figcaption></figure>'
        return super()._repr_mimebundle_(**kwargs) | {"text/html": html}

beta = ipywidgets.FloatSlider(description="β </script>")
unseen = ipywidgets.FloatProgress()
"""

PAGE = f"""{NOTEBOOK}
# A chapter

A chapter that has one of everything, and {{cite:t}}`tieleman2012rmsprop` as its source.

```{{code-cell}}
:tags: [hide-input]
{FIGURE}
Explorer([beta])
```

```{{code-cell}}
from myst_nb import glue
glue("answer", 6.0 * 7, display=False)
```

The answer is {{glue:text}}`answer:.1f`, for $\\beta$ near one.

$$
v \\leftarrow \\beta v + (1 - \\beta) g^2
$$ (eq-v)

Equation {{eq}}`eq-v` is the average. See {{numref}}`fig-curve`.

```{{code-cell}}
---
mystnb:
  image: {{alt: A curve that falls}}
  figure: {{caption: A curve., name: fig-curve}}
---
import matplotlib.pyplot as plt
plt.plot([1, 0]);
```

```{{exercise}} One step
:label: one-step
Write it.
```

```{{solution}} one-step
:class: dropdown
Like this.
```

```{{literalinclude}} rules.py
:pyobject: rule
```
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    book = new_book(tmp_path_factory.mktemp("site") / "a book with ü")
    book.page("chapter", PAGE)
    (book.root / "book/rules.py").write_text(
        "def other():\n    pass\n\n\ndef rule(theta):\n    return theta - 1\n", "utf8"
    )
    done = book.build(LC_ALL="C", LANG="C", HOME="/nonexistent", MPLBACKEND="nonsense")
    assert done.returncode == 0, done.stdout + done.stderr
    return book


@pytest.fixture(scope="module")
def chapter(built):
    return built.html("book/chapter.html")


def test_formulas_are_in_the_page_and_no_maths_script_is(chapter):
    assert chapter.count('class="katex-html"') == 2
    assert '<span class="eqno">(1)' in chapter
    assert "maths/katex.css" in chapter
    assert not re.search(r"mathjax@|MathJax|tex-mml-chtml", chapter)


def test_a_page_without_formulas_does_not_load_their_stylesheet(built):
    assert "katex" not in built.html("book/end.html")


def test_no_script_comes_from_elsewhere_or_holds_up_the_page(chapter):
    scripts = re.findall(r"<script[^>]*\bsrc=[^>]*>", chapter)
    assert len(scripts) > 5
    assert not [s for s in scripts if "//" in s or "thebe" in s or "require" in s or "fontawesome" in s]
    assert [s for s in scripts if "defer" not in s] == re.findall(
        r"<script src=[^>]*documentation_options[^>]*>", chapter
    )


def test_a_figure_keeps_its_picture_and_sentence_in_a_box_of_its_size(chapter, built):
    (box,) = re.findall(r'<div class="rms-figure" data-model-id="(m\d+)" style="--rms-height: 420px;', chapter)
    assert f'{{"model_id": "{box}", "version_major": 2, "version_minor": 0}}' in chapter
    (picture,) = re.findall(r'<img src="\.\./(_images/figure-\w+\.svg)" alt="A &lt;b&gt; path" width="600"', chapter)
    assert (built.root / "_build/html" / picture).read_text().startswith("<svg")
    assert "<figcaption>It walks straight.</figcaption>" in chapter
    assert '<img src="data:' not in chapter


def test_the_state_of_its_figures_and_nothing_else_waits_beside_the_page(chapter, built):
    (address,) = re.findall(r'data-state="\.\./([^"]+\.js)"', chapter)
    state = (built.root / "_build/html" / address).read_text("utf8")
    assert "FloatSliderModel" in state and "VBoxModel" in state
    assert "FloatProgressModel" not in state
    assert not re.search(r"[0-9a-f]{32}", state)
    assert "widget-state+json" in state and "widget-state+json" not in chapter


def test_the_loader_comes_only_with_a_figure(chapter, built):
    assert re.search(r'<script data-host="\.\./_static/widgets/host\.js" data-state=[^>]*lazy\.js', chapter)
    assert "lazy.js" not in built.html("book/end.html")
    assert (built.root / "_build/html/_static/widgets/host.js").is_file()


def test_numbers_pictures_and_code_come_from_where_they_were_made(chapter):
    assert "The answer is 42.0" in re.sub(r"<[^>]*>", "", chapter)
    assert 'alt="A curve that falls"' in chapter
    assert re.search(r'href="#fig-curve"[^>]*><span[^>]*>Fig\. 1', chapter)
    code = re.sub(r"<[^>]*>", "", chapter)
    assert "def rule(theta):" in code and "def other" not in code


def test_a_solution_folds_without_a_script(chapter):
    (found,) = re.findall(r'<details class="([^"]*folded[^"]*)"[^>]*>(.*?)</details>', chapter, re.S)
    classes, body = found
    assert set(classes.split()) == {"admonition", "folded", "solution"}
    summary = re.search(r'<summary class="admonition-title">(.*?)</summary>', body, re.S)[1]
    assert "Solution to Exercise 1" in re.sub(r"<[^>]*>", "", summary)
    assert "<a " not in summary
    assert "Like this." in body
    assert 'id="exercise-content"' not in chapter


def test_the_citation_leads_to_the_bibliography_and_names_author_and_year(chapter):
    text = re.sub(r"<[^>]*>", "", chapter)
    assert "Tieleman and Hinton [2012] as its source" in text


def test_a_page_describes_itself(built):
    page = built.html("book/intro.html")
    assert '<meta name="description" content="A page that says in one sentence what the book is about.">' in page
    assert '<meta property="og:title" content="A book">' in page
    assert page.count('name="viewport"') == 1


def test_a_notebook_can_be_downloaded_and_opened_on_binder_but_not_on_colab(chapter, built):
    assert 'href="../_sources/book/chapter.ipynb"' in chapter
    notebook = json.loads(built.html("_sources/book/chapter.ipynb"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(code) == 3
    assert [cell["outputs"] for cell in code] == [[], [], []]
    assert "widgets" not in notebook["metadata"]
    assert "mybinder.org/v2/gh/" in chapter
    assert "colab" not in chapter


def test_nothing_is_done_when_nothing_changed_and_all_of_it_when_a_file_is_gone(built):
    page = built.root / "_build/html/book/end.html"
    before = page.stat().st_mtime_ns
    again = built.build()
    assert again.returncode == 0
    assert again.stdout.startswith("Nothing changed")
    assert page.stat().st_mtime_ns == before
    text = page.read_text("utf8")
    page.unlink()
    again = built.build()
    assert again.returncode == 0
    assert "Executing notebook" not in again.stdout
    assert page.read_text("utf8") == text


def test_building_everything_anew_gives_the_same_bytes(built):
    html = built.root / "_build/html"
    before = {p.relative_to(html): p.read_bytes() for p in html.rglob("*") if p.is_file()}
    again = built.build("--force")
    assert again.returncode == 0
    assert "Executing notebook" in again.stdout
    after = {p.relative_to(html): p.read_bytes() for p in html.rglob("*") if p.is_file()}
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == []
