"""The static face of a figure: what is seen without JavaScript, on paper and where notebooks are only shown."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from .. import figures
from ..trajectory import Trajectory

STYLE = Path(figures.__file__).with_name("book.mplstyle")

DPI = 100  # CSS pixels per inch; the PNG has twice as many in each direction


def paths_picture(runs: Mapping[str, Trajectory]) -> tuple[Figure, str, str]:
    """The paths of runs on one problem, by label, and their losses: drawing, alternative text and caption."""
    paths = list(runs.values())
    first = paths[0]
    figure = Figure(figsize=(7.2, 3.4))
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    figures.paths(*paths, ax=left, labels=list(runs))
    right.set(yscale="log", ylim=_decades(first.loss[0]))  # before drawing: a diverging run has no limits
    figures.losses(*paths, ax=right, labels=list(runs))
    right.get_legend().remove()
    start = ", ".join(f"{x:g}".replace("-", "−") for x in first.theta[0])
    ends = "; ".join(f"{label} {_end(path)}" for label, path in runs.items())
    steps = max(path.steps for path in paths)
    caption = f"{first.problem.title}, from ({start}), after {steps} steps: {ends}."
    alt = f"Contours of {first.problem.title} with the paths of {', '.join(runs)}, and their losses. {caption}"
    return figure, alt, caption


def _end(path: Trajectory) -> str:
    if path.stopped is not None or not path.loss[-1] < np.inf:
        return "diverges"
    return f"ends at f = {short(path.loss[-1])}"


def short(value: float) -> str:
    """Two significant digits, as js/format.js writes them in a sentence: 0.034, 17, 3.1·10⁻⁷."""
    if not np.isfinite(value):
        return "∞"
    mantissa, exponent = f"{value:.1e}".split("e")
    if value == 0 or -4 < int(exponent) < 5:
        return f"{float(f'{value:.1e}'):.{max(0, 1 - int(exponent))}f}" if value else "0"
    return f"{mantissa}·10{str(int(exponent)).translate(str.maketrans('0123456789-', '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'))}"


def signed(value: float) -> str:
    """The same with a sign, which is a minus as long as a plus."""
    return ("−" if value < 0 else "") + short(abs(value))


def _decades(first: float) -> tuple[float, float]:
    """The range of the loss axis, as in js/curves.js: eight decades, the first loss in the highest."""
    high = np.ceil(np.log10(1.5 * first)) if first > 0 else 0.0
    return 10.0 ** (high - 8), 10.0**high


def static_figure(figure: Figure, alt: str, caption: str, live_height: int, narrow: int) -> str:
    """`<figure class="rms-static">` with the picture inside, as SVG or PNG, whichever is smaller.

    alt: what the picture shows, with its numbers. caption: a sentence below it. Both are text, not HTML.
    live_height, narrow: pixels that the live figure takes in a column of the book and on a phone, so that the page can
    reserve them.
    """
    kind, data = min((_svg(figure), _png(figure)), key=lambda picture: len(picture[1]))
    width, height = (round(inches * DPI) for inches in figure.get_size_inches())
    source = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return (
        f'<figure class="rms-static" data-live-height="{live_height}" data-live-height-narrow="{narrow}">'
        f'<img src="{source}" alt="{html.escape(alt)}" width="{width}" height="{height}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def _svg(figure: Figure) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})  # no date: the same figure gives the same bytes
    return "svg+xml", buffer.getvalue()


def _png(figure: Figure) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=2 * DPI)
    few = Image.open(buffer).convert("RGB").quantize(128, dither=Image.Dither.NONE)  # drawings need few colours
    buffer = io.BytesIO()
    few.save(buffer, format="png", optimize=True)
    return "png", buffer.getvalue()
