"""The HTML of each page: no script it does not need, no link to a file it will not use, names that a screen reader
can say.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from sphinx.errors import ExtensionError

from .edit import ANY, SOME, replace

VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
SYSTEM_THEME = 'matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"'
SEARCH_SCRIPTS = r'\s*<script src="[^"]*(?:_static/searchtools|_static/language_data|searchindex)\.js[^"]*"></script>'

# what to find, what to write instead, how often it must be found
EDITS = [
    # icons are characters of a font cut to size (icons.py), so the script that draws them may go
    (r'\s*<!-- So that users[^>]*-->\s*<script defer src="[^"]*scripts/fontawesome\.js[^"]*"></script>', "", 1),
    (r'\s*<!-- Pre-loaded scripts[^>]*-->|\s*<link rel="preload" as="script"[^>]*/>', "", 3),
    # Sphinx, docutils and the theme write a viewport line each
    (r'\s*<meta name="viewport" content="width=device-width, initial-scale=1(?:\.0)?" ?/>', "", range(2, 4)),
    (r"<head>", f"<head>\n{VIEWPORT}", 1),
    # no flash of the wrong colours, and the light theme (not none at all) without JavaScript
    (r'(<html [^>]*data-theme=)"auto"', r'\1"light"', 1),
    (r'(dataset\.theme = localStorage\.getItem\("theme"\) \|\| )"auto"', rf"\1({SYSTEM_THEME})", 1),
    # an icon says nothing that the text or the label of its button does not say
    (r'(<(?:i|span) class="[^"]*\bfa-[^"]*")(?![^>]*aria-hidden)', r'\1 aria-hidden="true"', SOME),
    # a name that differs from the visible words confuses people who speak to their computer
    (r'(<button class="[^"]*search-button__button[^"]*"[^>]*?)\s*aria-label="[^"]*"', r"\1", ANY),
    (r'(<summary[^>]*?) aria-label="[^"]*"', r"\1", ANY),
    (r'<div id="pst-primary-sidebar"', '<div id="pst-primary-sidebar" role="region" aria-label="Book"', 1),
    # the corner of a table whose first column has no name
    (r'<th class="head">(?:<p></p>)?</th>', "<td></td>", ANY),
    # docutils writes a list whose entries are no list items, with a role that WAI-ARIA has withdrawn
    (r'(<div class="citation" id="[^"]*") role="doc-biblioentry">', r'\1 role="listitem">', ANY),
]
BLOCKING_SCRIPT = re.compile(
    r'<script(?P<rest>(?: data-sd-tabs-storage-prefix="[^"]*")?) src="(?P<src>[^"]+)"></script>'
)
FOREIGN = re.compile(
    r'<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]*\b(?:src|href|data)="(?:https?:)?//[^"]+'
)


def find(out: Path) -> list[Path]:
    """Every page with a body of its own, sorted; the redirect at the root is not one."""
    found = sorted(p for p in out.rglob("*.html") if not {"_static", "_sources"} & set(p.relative_to(out).parts))
    return [p for p in found if not is_redirect(p.read_text("utf8"))]


def is_redirect(text: str) -> bool:
    return len(text) < 500 and 'http-equiv="refresh"' in text.lower()


def lighten(text: str, name: str) -> str:
    """One page, lighter and named properly; `name` is its path in the book, for messages."""
    for pattern, new, times in EDITS:
        text = replace(pattern, new, text, name, times=times)
    if name != "search.html":  # the index of the whole book is for the search page
        text = replace(SEARCH_SCRIPTS, "", text, name, times=3)
    text = replace(BLOCKING_SCRIPT, _deferred, text, name, times=SOME)
    if foreign := FOREIGN.search(text):
        raise ExtensionError(f"{name}: this page would ask another host: {foreign[0]}")
    return text


def _deferred(match: re.Match) -> str:
    if match["src"].split("?")[0].endswith("documentation_options.js"):
        return match[0]  # an inline script right below it writes into what it defines
    return f'<script defer{match["rest"]} src="{match["src"]}"></script>'


def name_redirect(path: Path, title: str) -> None:
    """Give the bare redirect from the root a language, a title, and a link for browsers that do not follow it."""
    target = re.search(r'url=([^"\s]+)', path.read_text("utf8"))[1]
    title = html.escape(title)
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        f'<head>\n<meta charset="utf-8">\n{VIEWPORT}\n<title>{title}</title>',
        '<link rel="icon" href="data:,">',  # or the browser asks for /favicon.ico, which is not there
        f'<meta http-equiv="refresh" content="0; url={target}">\n</head>',
        f'<body><main><h1><a href="{target}">{title}</a></h1></main></body>\n</html>\n',
    ]
    path.write_text("\n".join(lines), "utf8")
