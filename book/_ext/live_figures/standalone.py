"""A page of its own for every figure, for slides and course pages: one small file that asks for nothing else.

It holds the picture, the saved state and the host. Settings come from the fragment of its address, as the button Link
writes them; `?theme=light` or `?theme=dark` overrules the reader's system. Inside an iframe it tells its height to the
page around it: `{figure: "paths", height: 640}`, by postMessage.
"""

from __future__ import annotations

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path

from .static_face import SUFFIXES

FOLDER = "figures"
PICTURE = "picture:"  # before its name in `_images`, until the picture itself takes this place
FRAME = 56  # pixels around the figure in its own page: padding, and the link back

STYLE = """
html {
  --pst-color-text-base: #1f2933; --pst-color-background: #fff; --pst-color-primary: #0a7d91;
  color: var(--pst-color-text-base); background: var(--pst-color-background);
}
html[data-theme=dark] {
  --pst-color-text-base: #ced6dd; --pst-color-background: #14181e; --pst-color-primary: #3fb1c5; color-scheme: dark;
}
body { max-width: 740px; margin: 0 auto; padding: 8px 12px; font: 16px/1.5 system-ui, sans-serif; }
h1 { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); }
.rms-figure { min-height: var(--rms-height); }
@media (max-width: 583px) {
  .rms-figure { min-height: calc(var(--rms-height-narrow) + max(0px, 1.16 * (100vw - 375px))); }
}
figure { margin: 0; }
img { max-width: 100%; height: auto; background: #fff; }
.back { margin: 8px 0 0; font-size: 14px; }
.back a { color: inherit; }
"""

THEME = """
const wanted = new URLSearchParams(location.search).get("theme"), dark = matchMedia("(prefers-color-scheme: dark)");
const show = () => (document.documentElement.dataset.theme = wanted ?? (dark.matches ? "dark" : "light"));
dark.addEventListener("change", show);
show();
"""

HEIGHT = """
if (parent !== window) {
  const tell = () => parent.postMessage({ figure: "%s", height: Math.ceil(document.body.offsetHeight) }, "*");
  new ResizeObserver(tell).observe(document.body);
}
"""


@dataclass(frozen=True)
class Place:
    """Where the own page of a figure is: its name in addresses, its file, and the title of what it belongs to."""

    name: str
    file: str
    title: str

    def snippet(self, src: str, height: int) -> str:
        """The code for another page; `src` is the address of the figure's own page."""
        return (
            f'<iframe src="{src}" title="{html.escape(self.title)}" style="width: 100%; height: {height + FRAME}px; '
            'border: 0" loading="lazy" allow="clipboard-write"></iframe>'
        )


@dataclass(frozen=True)
class Page:
    """A figure in a page of its own: its place, the document that shows it, and its box with the saved state."""

    place: Place
    docname: str
    figure: str


def write(app, host: str) -> None:
    """Write every page of `app.own_pages`; what comes from the gallery leads back to a chapter with such a figure."""
    if "</script" in host:
        raise ValueError("the host must be able to stand inside a page, got one that holds </script")
    env = app.env
    order = [env.config.live_figures_gallery, *reversed(env.toctree_includes.get(env.config.master_doc, []))]
    last_first = sorted(app.own_pages, key=lambda page: order.index(page.docname) if page.docname in order else -1)
    chapters = {page.place.name: page.docname for page in last_first}
    for page in app.own_pages:
        home = chapters[page.place.name] if page.docname == env.config.live_figures_gallery else page.docname
        target = Path(app.outdir, page.place.file)
        target.parent.mkdir(exist_ok=True)
        back = "../" + app.builder.get_target_uri(home), env.titles[home].astext()
        text = re.sub(f'{PICTURE}([^"]+)', lambda match: _data_uri(Path(app.outdir, "_images", match[1])), page.figure)
        target.write_text(_html(page.place, text, host, *back), "utf8")


def _data_uri(picture: Path) -> str:
    """The picture as part of a page; `lean` may have stored it in a smaller form."""
    (path,) = picture.parent.glob(f"{picture.stem}.*")
    kind = next(kind for kind, suffix in SUFFIXES.items() if suffix == path.suffix)
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _html(place: Place, figure: str, host: str, address: str, chapter: str) -> str:
    title = html.escape(place.title)
    return (
        '<!doctype html>\n<html lang="en" data-theme="light">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n<script>{THEME}</script>\n</head>\n"
        f"<body>\n<main>\n<h1>{title}</h1>\n{figure}"
        f'<p class="back">From <a href="{address}" target="_blank" rel="noopener">{html.escape(chapter)}</a></p>\n'
        f"</main>\n<script>{host}</script>\n<script>{HEIGHT % place.name}</script>\n</body>\n</html>\n"
    )
