"""A page with figures as the book writes it, without building the book."""

import json
from pathlib import Path

import ipywidgets

from rmsprop_lib.widgets.path_explorer import STATIC

STYLE = """
body { max-width: 740px; margin: 0 auto; padding: 12px; font-family: sans-serif; }
html[data-theme=dark] {
  background: #14181e; color: #ced6dd; --pst-color-text-base: #ced6dd; --pst-color-background: #14181e;
}
figure { margin: 0 } img { max-width: 100%; height: auto }
"""


def write_page(folder: Path, *widgets: ipywidgets.Widget) -> str:
    """Write page.html and host.js into the folder and return the page's file:// address."""
    state = json.dumps(ipywidgets.Widget.get_manager_state()).replace("</", "<\\/")
    views = []
    for widget in widgets:
        bundle = widget._repr_mimebundle_()
        view = json.dumps(bundle["application/vnd.jupyter.widget-view+json"])
        views.append(
            f'<div class="rms-figure" data-model-id="{widget.model_id}">{bundle.get("text/html", "")}</div>\n'
            f'<script type="application/vnd.jupyter.widget-view+json">{view}</script>'
        )
    page = folder / "page.html"
    page.write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>Figures</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{STYLE}</style><body><main><h1>Figures</h1>{''.join(views)}</main>"
        f'<script type="application/vnd.jupyter.widget-state+json">{state}</script>'
        f"<script>{(STATIC / 'host.js').read_text('utf8')}</script></body></html>",
        "utf8",
    )
    return page.as_uri()
