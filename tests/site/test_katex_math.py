"""Formulas are typeset while the book is built, and a formula that cannot be is refused."""

import hashlib
from pathlib import Path

import katex_math
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_formula_becomes_text_to_see_and_mathml_to_hear():
    html = katex_math.render(r"\theta \leftarrow \theta - \frac{\alpha g}{\sqrt{v + \varepsilon}}")
    assert 'class="katex-html" aria-hidden="true"' in html
    assert "<math" in html and "<mfrac>" in html and "<msqrt>" in html
    assert "<script" not in html


def test_a_display_formula_is_marked_as_such():
    assert "katex-display" in katex_math.render("x", display=True)
    assert "katex-display" not in katex_math.render("x")


@pytest.mark.parametrize("tex", [r"\frac{1}", r"\nosuchcommand", "x_1_2", r"\begin{aligned} x"])
def test_tex_that_cannot_be_read_is_refused_by_name(tex):
    with pytest.raises(ValueError, match="cannot typeset") as error:
        katex_math.render(tex)
    assert repr(tex) in str(error.value)


def test_a_long_formula_comes_back_whole():
    terms = " + ".join(rf"\beta^{{{k}}} g_{{t-{k}}}^2" for k in range(200))
    assert katex_math.render(terms).count("vlist-t") >= 200


def test_macros_are_known_and_do_not_leak_from_one_formula_to_the_next():
    assert "sign" in katex_math.render(r"\sign(g)", macros={r"\sign": r"\operatorname{sign}"})
    katex_math.render(r"\gdef\mine{x}\mine")
    with pytest.raises(ValueError, match="mine"):
        katex_math.render(r"\mine")


@pytest.mark.parametrize(
    ("tex", "nowrap", "wanted"),
    [
        ("x", False, "x"),
        (r"v &= 1 \\ w &= 2", False, r"\begin{aligned}v &= 1 \\ w &= 2\end{aligned}"),
        ("v &= 1\n\nw &= 2", False, r"\begin{aligned}v &= 1 \\ w &= 2\end{aligned}"),
        (r"\begin{cases} 1 \\ 2 \end{cases}", False, r"\begin{cases} 1 \\ 2 \end{cases}"),
        (r"\begin{align} 1 \\ 2 \end{align}", True, r"\begin{align} 1 \\ 2 \end{align}"),
    ],
)
def test_rows_are_aligned_unless_the_author_did_it(tex, nowrap, wanted):
    assert katex_math.as_display(tex, nowrap) == wanted
    katex_math.render(wanted, display=True)


@pytest.mark.parametrize("folder", ["book/vendor/katex", "tests/browser/vendor"])
def test_vendored_files_are_those_of_the_checksums_and_have_a_licence(folder):
    vendor = ROOT / folder
    sums = dict(line.split("  ")[::-1] for line in (vendor / "CHECKSUMS.txt").read_text().splitlines())
    files = {p.relative_to(vendor).as_posix() for p in vendor.rglob("*") if p.is_file()}
    assert files == {*sums, "CHECKSUMS.txt"}
    assert any(name.startswith("LICENSE") for name in files)
    for name, wanted in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted, name
