"""What search engines and link previews read: a description of the page (its first paragraph) and its title, in the
head.
"""

from __future__ import annotations

import html

from docutils import nodes

LENGTH = 155
"""Characters of a description; search engines cut near here."""


def describe(doctree: nodes.document) -> str:
    """The first paragraph of text with at least 30 characters and no formula, cut at a word; empty if there is none."""
    for paragraph in doctree.findall(nodes.paragraph):
        in_main_text = isinstance(paragraph.parent, nodes.section | nodes.document)
        text = " ".join(paragraph.astext().split())
        if in_main_text and len(text) >= 30 and not any(True for _ in paragraph.findall(nodes.math)):
            return text if len(text) <= LENGTH else text[:LENGTH].rsplit(" ", 1)[0] + " …"
    return ""


def _add(app, pagename, templatename, context, doctree):
    title = context.get("pagetitle") or context.get("title") or app.config.html_title
    preview = {"title": title, "site_name": app.config.html_title, "type": "article" if doctree else "website"}
    tags = context.get("metatags", "")
    by_hand = 'name="description"' in tags  # in the page's front matter
    if doctree is not None and not by_hand and (text := describe(doctree)):
        preview["description"] = text
        tags += f'\n<meta name="description" content="{html.escape(text)}">'
    tags += "".join(f'\n<meta property="og:{key}" content="{html.escape(str(preview[key]))}">' for key in preview)
    context["metatags"] = tags


def setup(app):
    app.connect("html-page-context", _add)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
