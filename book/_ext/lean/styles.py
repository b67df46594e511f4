"""One stylesheet instead of a dozen; formulas keep their own, which only pages with formulas load."""

from __future__ import annotations

import hashlib
import posixpath
import re
from pathlib import Path

import rcssmin
from sphinx.errors import ExtensionError

LINK = re.compile(
    r'\s*<link (?:href="(?P<a>[^"]+\.css[^"]*)" rel="stylesheet"'
    r'|rel="stylesheet" type="text/css" href="(?P<b>[^"]+)")\s*/>'
)
APART = "maths/"


def bundle(out: Path, texts: dict[Path, str]) -> dict[Path, str]:
    """The pages with one link to one stylesheet in `_static`; every page must have had the same stylesheets."""
    lists = {path: _common(text) for path, text in texts.items()}
    first = next(iter(lists.values()))
    for path, names in lists.items():
        if names != first or not names:
            raise ExtensionError(
                f"{path.name} has other stylesheets than the other pages: {set(names) ^ set(first)} (book/_ext/lean)"
            )
    css = rcssmin.cssmin("\n".join(read(out / "_static", name) for name in first))
    if foreign := re.search(r"""url\(["']?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*;""", css):
        raise ExtensionError(f"a stylesheet would ask another host: {foreign[0]}")
    name = f"book.{hashlib.sha256(css.encode()).hexdigest()[:10]}.css"
    (out / "_static" / name).write_text(css, "utf8")
    return {path: _link_one(text, name) for path, text in texts.items()}


def read(static: Path, name: str, seen: tuple[str, ...] = ()) -> str:
    """A stylesheet with its imports in place and its addresses relative to `static`."""
    folder = posixpath.dirname(name)

    def relative(address: str) -> str:
        return posixpath.normpath(posixpath.join(folder, address))

    def imported(match: re.Match) -> str:
        if "//" in match[1]:
            return match[0]  # for `bundle` to complain of
        return "" if match[1] in seen else read(static, match[1], (*seen, name))

    def address(match: re.Match) -> str:
        kept = match[2].startswith(("data:", "http", "//", "#", "/"))
        return match[0] if kept else f"url({match[1]}{relative(match[2])}{match[1]})"

    css = re.sub(r'@charset "[^"]*";', "", (static / name).read_text("utf8"))
    css = re.sub(r"/\*#?\s*sourceMappingURL.*?\*/", "", css)
    css = re.sub(r"""@import\s+(["'])([^"']+)\1""", r"@import url(\2)", css)
    css = re.sub(r"""url\((["']?)([^"')]+)\1\)""", address, css)
    return re.sub(r"""@import\s+url\(["']?([^"')]+)["']?\)\s*;""", imported, css)


def _hrefs(text: str) -> list[str]:
    return [match["a"] or match["b"] for match in LINK.finditer(text)]


def _common(text: str) -> tuple[str, ...]:
    names = (re.sub(r"^.*?_static/", "", href.split("?")[0]) for href in _hrefs(text))
    return tuple(name for name in names if not name.startswith(APART))


def _link_one(text: str, name: str) -> str:
    written = False

    def link(match: re.Match) -> str:
        nonlocal written
        href = match["a"] or match["b"]
        if f"_static/{APART}" in href:
            return match[0]
        if written:
            return ""
        written = True
        return f'\n  <link rel="stylesheet" href="{href.split("_static/")[0]}_static/{name}" />'

    return LINK.sub(link, text)
