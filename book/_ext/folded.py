"""Anything with `:class: dropdown` (an admonition, a solution) becomes a native `<details>`: it folds without
JavaScript, and by keyboard.
"""

from __future__ import annotations

from docutils import nodes
from sphinx_exercise.nodes import is_exercise_node, is_solution_node


class folded(nodes.General, nodes.Element):
    """`<details>` around the body; the title is its first child."""


class folded_title(nodes.General, nodes.TextElement):
    """`<summary>`."""


def _fold(app, doctree, docname):
    for node in list(doctree.findall(_is_dropdown)):
        title = node.children[0]
        if not isinstance(title, nodes.title):
            continue  # a directive that folds by itself
        summary = folded_title("", "", *_without_links(title))
        classes = ["admonition", "folded", *(name for name in node["classes"] if name != "dropdown")]
        details = folded("", summary, *node.children[1:], ids=node["ids"], classes=classes)
        node.parent.replace(node, details)


def _is_dropdown(node: nodes.Node) -> bool:
    foldable = isinstance(node, nodes.Admonition) or is_solution_node(node)
    return foldable and "dropdown" in node["classes"]


def _without_links(title: nodes.title) -> list[nodes.Node]:
    """The title's parts; a link inside a summary would be a control inside a control."""
    return [
        nodes.inline("", "", *part.children) if isinstance(part, nodes.reference) else part for part in title.children
    ]


def _drop_repeated_ids(app, doctree, docname):
    """sphinx-exercise gives every body the same id; an id may occur once in a page."""
    for node in doctree.findall(lambda n: is_exercise_node(n) or is_solution_node(n)):
        for body in node.findall(nodes.section):
            body["ids"] = [i for i in body["ids"] if i not in ("exercise-content", "solution-content")]


def _element(tag: str, **attributes):
    """The two functions that Sphinx asks for: write the start of an element, write its end."""

    def start(self, node):
        self.body.append(self.starttag(node, tag, **attributes))

    def end(self, node):
        self.body.append(f"</{tag}>\n")

    return start, end


def setup(app):
    app.add_node(folded, html=_element("details"))
    app.add_node(folded_title, html=_element("summary", CLASS="admonition-title"))
    app.connect("doctree-resolved", _drop_repeated_ids, priority=800)
    app.connect("doctree-resolved", _fold, priority=900)  # after sphinx-exercise has written its titles
    return {"parallel_read_safe": True, "parallel_write_safe": True}
