"""Read the static face of a figure: `<figure class="rms-static"><img src="data:…" alt width
height><figcaption>…</figcaption></figure>`. That of a question, `<div class="rms-static">…</div>`, is taken as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png", "image/webp": ".webp", "image/jpeg": ".jpg"}

_DATA_URI = re.compile(r"data:(?P<type>[\w/+.-]+)(?:;charset=[\w-]+)?(?P<base64>;base64)?,(?P<data>.*)", re.S)
_CAPTION = re.compile(r"<figcaption[^>]*>(.*?)</figcaption>", re.S)


@dataclass(frozen=True)
class StaticFace:
    """What a reader without JavaScript sees, and the height of the live figure in a wide and in a narrow column (0: not
    given). Lengths are in CSS pixels.
    """

    picture: bytes
    suffix: str
    alt: str
    width: int
    height: int
    caption: str
    live_height: int = 0
    live_height_narrow: int = 0


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {"figure": [], "img": []}

    def handle_starttag(self, tag, attrs):
        if tag in self.found:
            self.found[tag].append(dict(attrs))


def is_text(text: str) -> bool:
    """Whether a static face is text, as that of a question to the reader."""
    return text.startswith('<div class="rms-static')


def parse_static_face(text: str) -> StaticFace:
    """The parts of the static face; `ValueError` says which part is missing."""
    tags = _Tags()
    tags.feed(text)
    figures = [f for f in tags.found["figure"] if "rms-static" in (f.get("class") or "").split()]
    images = tags.found["img"]
    if len(figures) != 1 or len(images) != 1:
        raise ValueError(
            f'a static face is one <figure class="rms-static"> with one <img>, got {len(figures)} and {len(images)}'
        )
    image = images[0]
    caption = _CAPTION.search(text)
    if not caption or not caption.group(1).strip():
        raise ValueError("a figure's text/html must hold a <figcaption> with a sentence, got none")
    if not (image.get("alt") or "").strip():
        raise ValueError("the <img> of a figure must have alternative text, got none")
    suffix, picture = _decode(image.get("src") or "")
    return StaticFace(
        picture,
        suffix,
        image["alt"],
        _pixels(image, "width"),
        _pixels(image, "height"),
        caption.group(1).strip(),
        int(figures[0].get("data-live-height") or 0),
        int(figures[0].get("data-live-height-narrow") or 0),
    )


def _pixels(image: dict[str, str | None], name: str) -> int:
    value = image.get(name) or ""
    if not value.isdigit() or int(value) == 0:
        raise ValueError(
            f"the <img> of a figure must have {name} in whole pixels, so that nothing moves later, got {value!r}"
        )
    return int(value)


def _decode(src: str) -> tuple[str, bytes]:
    match = _DATA_URI.fullmatch(src.strip())
    if not match or match["type"] not in SUFFIXES:
        raise ValueError(
            f"the <img> of a figure must hold its picture as a data: URI ({', '.join(SUFFIXES)}), got {src[:60]!r}"
        )
    try:
        data = base64.b64decode(match["data"], validate=True) if match["base64"] else unquote_to_bytes(match["data"])
    except binascii.Error as error:
        raise ValueError(f"the picture of a figure is not valid base64: {error}") from None
    return SUFFIXES[match["type"]], data
