"""The theme's icons: keep the rules and the glyphs that this book uses, from 810 kB to about 5 kB."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.errors import ExtensionError

from .edit import replace
from .fonts import cut

RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:+before,?)+)\{content:"\\([0-9a-f]+)"\}')


def subset(out: Path, html: str) -> None:
    """Cut stylesheet and web fonts down to the icons named in `html`, in the theme's scripts and in any stylesheet;
    drop the icon script.
    """
    static = out / "_static"
    theme = (static / "scripts/pydata-sphinx-theme.js").read_text("utf8")
    used = set(re.findall(r"\bfa-[a-z0-9-]+", html)) | {"fa-" + name for name in re.findall(r"fa-([a-z-]+)", theme)}
    css_file = static / "styles/pydata-sphinx-theme.css"
    css, points = keep_rules(css_file.read_text("utf8"), used)
    css = replace(r',\s*url\([^)]*\.ttf\) format\("truetype"\)', "", css, css_file.name, times=range(1, 10))
    css_file.write_text(css, "utf8")
    for other in static.rglob("*.css"):
        points |= private_use_characters(other.read_text("utf8"))
    fonts = sorted((static / "vendor/fontawesome/webfonts").glob("*.woff2"))
    if not fonts:
        raise ExtensionError(
            "no icon font found in _static/vendor/fontawesome/webfonts; has the theme changed? (book/_ext/lean)"
        )
    for font in fonts:
        cut(font, points, features=[], drop=["GSUB", "GPOS", "GDEF"])
    for script in (static / "scripts").glob("fontawesome.js*"):
        script.unlink()
    for extra in [p for p in static.rglob("*") if p.suffix in {".map", ".ttf"}]:
        extra.unlink()


def keep_rules(css: str, used: set[str]) -> tuple[str, set[int]]:
    """The stylesheet without the rules of unused icons, and the code points of the used ones."""
    points: set[int] = set()

    def keep(match: re.Match) -> str:
        names = [name for name in match[1].split(",") if name.split(":")[0][1:] in used]
        if not names:
            return ""
        points.add(int(match[2], 16))
        return ",".join(names) + f'{{content:"\\{match[2]}"}}'

    return replace(RULE, keep, css, "icon rules", times=range(1000, 10_000)), points


def private_use_characters(css: str) -> set[int]:
    """Icons that a stylesheet names by code point: admonitions, external links."""
    return {ord(c) for c in css if 0xE000 <= ord(c) <= 0xF8FF} | {
        int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", css)
    }
