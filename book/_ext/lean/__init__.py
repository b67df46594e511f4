"""After the build: make the finished pages light and accessible, and free of anything that asks another host.

The theme brings 1 MB of icon scripts, fonts for 2,000 icons, a dozen stylesheets and a search index on every page. Each
step here says what it expects to find and stops the build when it finds something else, so that a new version of the
theme fails loudly instead of quietly.
"""

from __future__ import annotations

from pathlib import Path

from . import icons, images, maths, notebooks, pages, scripts, styles


def _finish(app, exception):
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    texts = {path: path.read_text("utf8") for path in pages.find(out)}
    texts = {path: pages.lighten(text, path.relative_to(out).as_posix()) for path, text in texts.items()}
    icons.subset(out, "".join(texts.values()))
    maths.write(out, texts.values())
    scripts.patch(out)
    texts = styles.bundle(out, images.lighten(out, texts))
    for path, text in texts.items():
        path.write_text(text, "utf8")
    notebooks.clean(out)
    pages.name_redirect(out / "index.html", app.config.html_title)


def setup(app):
    app.add_config_value(
        "comments_config", {}, "html"
    )  # Jupyter Book always sets it, for an extension that we leave out
    app.connect("build-finished", _finish, priority=900)  # after every extension that writes files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
