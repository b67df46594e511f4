"""Cut a font down to the characters in use."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from fontTools import subset

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table


def cut(path: Path, characters: Iterable[int], *, features: list[str], drop: Iterable[str] = ()) -> None:
    """Rewrite the woff2 font at `path` with the glyphs of `characters` (code points) alone; the bytes depend on nothing
    but that.
    """
    options = subset.Options(
        flavor="woff2",
        layout_features=features,
        notdef_outline=False,
        ignore_missing_unicodes=True,
        recalc_timestamp=False,
    )
    options.drop_tables += list(drop)
    font = subset.load_font(BytesIO(path.read_bytes()), options)  # not the file, which is written below
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(set(characters)))
    subsetter.subset(font)
    subset.save_font(font, str(path), options)
