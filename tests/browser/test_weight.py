"""What a page weighs on the wire, gzip-compressed as GitHub Pages serves it: a budget, so that it cannot creep up."""

import gzip
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from .test_pages import PAGES, PHONE, _show_all_of

PACKED = {".woff2", ".png", ".webp", ".jpg"}  # compressed already
# bytes until the page stands still; the reference is one long page, the gallery has one of every figure
FIRST_SCREEN = {"book/api.html": 240_000, "book/gallery.html": 350_000}
OTHERS = 205_000
WHOLE_PAGE = 400_000  # bytes after a reader has scrolled through it
FRAME = 135_000  # bytes of stylesheet, scripts and icons, which the browser keeps for the next page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_light(open_page, site, built_book, name):
    page = open_page(viewport=PHONE)
    page.goto(f"{site}/{name}", wait_until="networkidle")
    first = weigh(page.log.requests, built_book)
    _show_all_of(page)
    whole = weigh(page.log.requests, built_book)
    report = "\n".join(f"{size:8} {file}" for file, size in sorted(whole.items(), key=lambda item: -item[1]))
    budget = FIRST_SCREEN.get(name, OTHERS)
    assert sum(first.values()) <= budget, f"{name} needs {sum(first.values())} bytes at first\n{report}"
    assert sum(whole.values()) <= WHOLE_PAGE, f"{name} needs {sum(whole.values())} bytes in all\n{report}"


def test_what_every_page_shares_is_light(page, site, built_book):
    page.goto(f"{site}/genindex.html", wait_until="networkidle")
    shared = {file: size for file, size in weigh(page.log.requests, built_book).items() if not file.endswith(".html")}
    assert len(shared) > 8
    assert sum(shared.values()) <= FRAME, shared


def weigh(addresses: list[str], folder: Path) -> dict[str, int]:
    """Bytes on the wire of each file asked for, by its path in the book."""
    sizes = {}
    for address in addresses:
        parts = urlsplit(address)
        if parts.scheme == "http":
            file = folder / unquote(parts.path).lstrip("/")
            data = file.read_bytes()
            packed = file.suffix in PACKED
            sizes[parts.path] = len(data) if packed else min(len(data), len(gzip.compress(data, 6)))
    return sizes
