"""The pictures of a page: a third of the bytes, loaded when a reader comes near, in room that was kept for them."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image

IMAGE = re.compile(r'<img (?=[^>]*\bsrc="[^"]*_images/(?P<name>[^"]+)")(?P<rest>[^>]*)>')


def lighten(out: Path, texts: dict[Path, str]) -> dict[Path, str]:
    """The pages, with every PNG in `_images` that gets smaller by it stored as lossless WebP."""
    folder = out / "_images"
    sizes = {}
    renamed = {}
    for path in sorted(folder.glob("*.png")):
        with Image.open(path) as image:
            sizes[path.name] = image.size
            smaller = path.with_suffix(".webp")
            image.save(smaller, lossless=True, quality=80, method=4)
        if smaller.stat().st_size < path.stat().st_size:
            renamed[path.name] = smaller.name
            path.unlink()
        else:
            smaller.unlink()
    return {page: _rename(_describe(text, sizes), renamed) for page, text in texts.items()}


def _describe(text: str, sizes: dict[str, tuple[int, int]]) -> str:
    def described(match: re.Match) -> str:
        rest = match["rest"]
        if match["name"] in sizes and "width" not in rest:
            rest = 'width="{}" height="{}" '.format(*sizes[match["name"]]) + rest
        return f"<img {rest}>" if "loading=" in rest else f'<img loading="lazy" {rest}>'

    return IMAGE.sub(described, text)


def _rename(text: str, renamed: dict[str, str]) -> str:
    return re.sub(r"(?<=_images/)[\w.-]+", lambda match: renamed.get(match[0], match[0]), text)
