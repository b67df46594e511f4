"""Typeset TeX while the book is built: KaTeX inside QuickJS, so neither the reader's browser nor the builder needs a
maths program.

A formula KaTeX cannot read stops the build and names the page. The page gets HTML that shows without JavaScript, MathML
for screen readers, and a stylesheet and fonts of its own, cut down to the characters this book uses (`lean.maths`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import quickjs
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util.math import get_node_equation_number

VENDOR = Path(__file__).resolve().parent.parent / "vendor" / "katex"
STYLESHEET = "maths/katex.css"

# as JSON: QuickJS keeps a long result as a rope of pieces, which its Python side cannot read
RENDER = """
const options = {throwOnError: true, strict: 'error', trust: false, output: 'htmlAndMathml'};
function render(tex, displayMode) {
  return JSON.stringify(katex.renderToString(tex, {...options, displayMode, macros: {...MACROS}}));
}
"""


@cache
def _katex(macros: str):
    """KaTeX's `renderToString(tex, display)`, loaded once for each set of macros (a JSON object)."""
    context = quickjs.Context()
    context.eval((VENDOR / "katex.min.js").read_text("utf8"))
    context.eval(f"const MACROS = {macros};" + RENDER)
    return cache(context.get("render"))


def render(tex: str, display: bool = False, macros: dict[str, str] | None = None) -> str:
    r"""HTML and MathML of one formula; `ValueError` names the formula and KaTeX's complaint if it cannot be read.

    tex      the formula without dollars, such as `\sqrt{v + \varepsilon}`
    display  True for a formula on a line of its own
    macros   TeX macros by name, such as `{"\\E": "\\mathbb{E}"}`
    """
    try:
        return json.loads(_katex(json.dumps(macros or {}, sort_keys=True))(tex, display))
    except quickjs.JSException as error:
        raise ValueError(f"cannot typeset {tex!r}: {str(error).splitlines()[0]}") from None


def as_display(tex: str, nowrap: bool) -> str:
    r"""TeX of a display formula: as Sphinx does for MathJax, rows split by `\\` or by an empty line align at `&`."""
    if nowrap:
        return tex
    parts = [part.strip() for part in tex.split("\n\n") if part.strip()]
    body = r" \\ ".join(parts)
    needs_rows = len(parts) > 1 or (r"\\" in body and not body.startswith(r"\begin"))
    return rf"\begin{{aligned}}{body}\end{{aligned}}" if needs_rows else body


def _visit_inline(self, node):
    html = _render_node(self, node, node.astext(), display=False)
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight") + html + "</span>")
    raise nodes.SkipNode


def _visit_display(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    # a wide formula scrolls inside this box, so that the page does not; a11y.js lets the keyboard reach it when it does
    self.body.append('<div class="math-scroll">')
    self.body.append(_render_node(self, node, as_display(node.astext(), node["nowrap"]), display=True))
    self.body.append("</div>")
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _render_node(self, node: nodes.Element, tex: str, display: bool) -> str:
    try:
        return render(tex, display, self.builder.config.katex_macros)
    except ValueError as error:
        raise ExtensionError(f"{self.builder.current_docname}, near line {node.line}: {error}") from None


def _link_stylesheet(app, pagename, templatename, context, doctree):
    formulas = doctree.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)) if doctree is not None else ()
    if any(True for _ in formulas):
        app.add_css_file(STYLESHEET, priority=300)


def setup(app):
    app.add_html_math_renderer("katex", (_visit_inline, None), (_visit_display, None))
    app.add_config_value("katex_macros", {}, "html", dict)
    app.connect("html-page-context", _link_stylesheet)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
