"""Interactive figures in a page without a kernel.

A notebook shows a figure as one output with two faces: the ipywidgets view, and a `<figure class="rms-static">` with a
picture and a sentence, or, for a question to the reader, a `<div class="rms-static">` with text. The page gets the
static face in a box that knows its widget. When a reader comes near, `lazy.js` loads the widget state, a script of this
page alone, and the host script, which draws the live figure in the same box. Without JavaScript the static face stays.

Every figure also gets a page of its own in `figures/`, to be put into other pages (standalone.py).

The build stops when a widget has no static face, or when its state holds a widget that the host cannot draw.
"""

from __future__ import annotations

import hashlib
import html
import json
import posixpath
import re
import shutil
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import WIDGET_STATE_MIMETYPE, WIDGET_VIEW_MIMETYPE
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.errors import ExtensionError

from . import standalone
from .static_face import is_text, parse_static_face
from .widget_state import canvas_of, needed_models, share, short_names, shorten, unsupported_models

LOADER = "lazy.js"
HOST = "widgets/host.js"
STATES = "widgets/states"
# A script and not JSON, because a page from file:// may not fetch. The host looks for the state in the page.
PUT_INTO_PAGE = """document.body.append(Object.assign(document.createElement("script"), {
  type: "%s", textContent: JSON.stringify(%s),
}));
"""
VERSION = {"version_major": 2, "version_minor": 0}  # of the form in which ipywidgets saves state

_SCRIPT_BODY = re.compile(r"<script[^>]*>(.*)</script>", re.S)


class live_figure(nodes.General, nodes.Element):
    """A figure in the document: `model_id` of its widget, and the fields of its `StaticFace`, or its `text` as HTML."""


def _merge_faces(app, doctree):
    """Replace each widget view by a `live_figure` that also holds the static face of the same output."""
    for bundle in doctree.findall(nodes.container):
        faces = {face.get("mime_type"): face for face in bundle.children if isinstance(face, nodes.container)}
        if bundle.get("nb_element") != "mime_bundle" or WIDGET_VIEW_MIMETYPE not in faces:
            continue
        try:
            if "text/html" not in faces:
                raise ValueError(f"a widget must also have a static face, of type text/html, got {sorted(faces)}")
            shown = faces["text/html"].astext()
            face = {"text": shown} if is_text(shown) else vars(parse_static_face(shown))
        except ValueError as error:
            raise ExtensionError(f"{app.env.docname}, near line {bundle.line}: {error}") from None
        view = faces[WIDGET_VIEW_MIMETYPE]
        model_id = json.loads(_SCRIPT_BODY.search(view.astext())[1])["model_id"]
        view.children.clear()
        view += live_figure("", model_id=model_id, **face)


def _visit(self, node):
    builder, docname = self.builder, self.builder.current_docname
    state = _needed_state(builder.env, docname, self.document)
    model = short_names(state)[node["model_id"]]
    if "text" in node:
        self.body.append(_box(model, node["text"], " rms-question"))
        raise nodes.SkipNode
    place = _places(builder.env, docname, self.document, state).get(node["model_id"])
    snippet = place and place.snippet(posixpath.relpath(place.file, posixpath.dirname(docname)), node["live_height"])
    self.body.append(_figure(model, node, _write_picture(builder, node), snippet))
    if place and docname == builder.config.live_figures_gallery:
        code = f'<pre><code class="rms-embed">{html.escape(snippet)}</code></pre>'
        self.body.append(f"<details><summary>Put this figure into a page of yours</summary>{code}</details>\n")
    raise nodes.SkipNode


def _figure(model: str, node, picture: str, snippet: str | None) -> str:
    """A picture and its caption, in a box with the room that the live figure will take."""
    # sizes are explicit, so that nothing moves when the picture arrives or the live figure takes its place
    room = f"--rms-height: {node['live_height']}px; --rms-height-narrow: {node['live_height_narrow']}px"
    size = f'width="{node["width"]}" height="{node["height"]}"'
    face = (
        f'<figure class="rms-static"><img src="{picture}" alt="{html.escape(node["alt"])}" {size} loading="lazy">'
        f"<figcaption>{node['caption']}</figcaption></figure>"
    )
    return _box(model, face, "", f' style="{room}"' + (f' data-embed="{html.escape(snippet)}"' if snippet else ""))


def _box(model: str, face: str, kind: str, attributes: str = "") -> str:
    """The box of a widget with its static face, and the script that says which widget it shows."""
    return (
        f'<div class="rms-figure{kind}" data-model-id="{model}"{attributes}>\n{face}\n</div>\n'
        f'<script type="{WIDGET_VIEW_MIMETYPE}">{json.dumps({"model_id": model} | VERSION)}</script>\n'
    )


def _write_picture(builder, node) -> str:
    """Write the picture into the folder of images; returns its address from the page."""
    name = _picture_name(node)
    folder = Path(builder.outdir, builder.imagedir)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(node["picture"])
    return f"{builder.imgpath}/{name}"


def _picture_name(node) -> str:
    return f"figure-{hashlib.sha256(node['picture']).hexdigest()[:16]}{node['suffix']}"


def _needed_state(env, docname: str, doctree) -> dict:
    """The state of the figures in the document, from what myst-nb read in the executed notebook."""
    shown = [node["model_id"] for node in doctree.findall(live_figure)] if doctree is not None else []
    script = NbMetadataCollector.get_js_files(env, docname).get("ipywidgets_state")
    state = json.loads(script[1]["body"])["state"] if script else {}
    if lost := [model_id for model_id in shown if model_id not in state]:
        raise ExtensionError(f"{docname}: the state of widget {lost[0]} was not saved when the notebook ran")
    return needed_models(state, shown)


def _add_state_and_loader(app, pagename, templatename, context, doctree):
    """Write what the page's figures need into a script of its own, and the loader into the page's head. myst-nb would
    write the state of every widget the notebook made into the head, which readers would wait for; so this runs first
    and takes it away.
    """
    needed = _needed_state(app.env, pagename, doctree)
    NbMetadataCollector.get_js_files(app.env, pagename).pop("ipywidgets_state", None)
    if not needed:
        return
    supported = json.loads(_host_file(app, "supported.json").read_text("utf8"))
    if unknown := unsupported_models(needed, supported):
        raise ExtensionError(f"{pagename}: the page's host must draw every widget, and cannot draw {unknown}")
    script = Path(app.outdir, "_static", STATES, f"{pagename.replace('/', '-')}.js")
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(PUT_INTO_PAGE % (WIDGET_STATE_MIMETYPE, _saved(needed)), "utf8")
    state = context["pathto"](f"_static/{STATES}/{script.name}", resource=True)
    host = context["pathto"](f"_static/{HOST}", resource=True)
    app.add_js_file(LOADER, loading_method="defer", **{"data-host": host, "data-state": state})
    for node in doctree.findall(live_figure):
        if place := _places(app.env, pagename, doctree, needed).get(node["model_id"]):
            app.own_pages.append(_own_page(place, pagename, node, needed))


def _saved(state: dict) -> str:
    shared, texts = share(shorten(state))
    return json.dumps({"state": shared, "texts": texts} | VERSION, separators=(",", ":"))


def _state_script(state: dict) -> str:
    saved = _saved(state).replace("</", r"<\/")  # "</script>" inside a string would end the element
    return f'<script type="{WIDGET_STATE_MIMETYPE}">{saved}</script>\n'


def _places(env, docname: str, doctree, state: dict) -> dict[str, standalone.Place]:
    """Where the own page of each figure on a page is, by model id; a widget without a canvas has none."""
    title = env.titles[docname].astext() if docname in env.titles else docname
    start = "" if docname == env.config.live_figures_gallery else docname.rpartition("/")[2] + "-"
    places, seen = {}, Counter()
    for node in doctree.findall(live_figure):
        if canvas := canvas_of(state, node["model_id"]):
            name = canvas["name"]
            seen[name] += 1
            number = f"-{seen[name]}" if seen[name] > 1 else ""  # as js/address.js counts
            file = f"{standalone.FOLDER}/{start}{name}{number}.html"
            places[node["model_id"]] = standalone.Place(name, file, f"{title}: figure {name}{number}")
    return places


def _own_page(place: standalone.Place, docname: str, node, state: dict) -> standalone.Page:
    own = needed_models(state, [node["model_id"]])
    picture = f"{standalone.PICTURE}{_picture_name(node)}"
    box = _figure(short_names(own)[node["model_id"]], node, picture, place.snippet("", node["live_height"]))
    return standalone.Page(place, docname, box + _state_script(own))


def _write_own_pages(app, exception):
    """After every extension that reads and changes the pages of the book."""
    if exception is None and app.builder.format == "html":
        standalone.write(app, _host_file(app, "host.js").read_text("utf8"))


def _host_file(app, name: str) -> Path:
    """A file of the host: in the installed library, unless the configuration names another folder."""
    library = Path(find_spec("rmsprop_lib").origin).parent / "widgets"
    folder = Path(app.srcdir, app.config.live_figures_host) if app.config.live_figures_host else library
    for path in (folder / name, folder / "static" / name):
        if path.is_file():
            return path
    raise ExtensionError(f"the figures of the book need {name}, and {folder} has none")


def _copy_host(app, exception):
    if exception is None and app.builder.format == "html":
        target = Path(app.outdir, "_static", HOST)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_host_file(app, "host.js"), target)


def setup(app):
    app.own_pages = []
    app.add_config_value("live_figures_host", "", "html", str)
    app.add_config_value("live_figures_gallery", "", "html", str)  # the page whose figures have the plain names
    app.add_node(live_figure, html=(_visit, None))
    app.connect("doctree-read", _merge_faces)
    app.connect("html-page-context", _add_state_and_loader, priority=400)
    app.connect("build-finished", _copy_host, priority=400)
    app.connect("build-finished", _write_own_pages, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
