"""What every figure has: a static face with its numbers, controls linked to its canvas, a setting to come back to."""

import base64
import io
import json
import re

import ipywidgets
import pytest
from PIL import Image

from rmsprop_lib import widgets
from rmsprop_lib.widgets.controls import ends
from rmsprop_lib.widgets.figure import STATIC, Figure

from .figure_table import FIGURES

SUPPORTED = set(json.loads((STATIC.parent / "supported.json").read_text()))


@pytest.fixture(params=FIGURES)
def figure(request) -> Figure:
    ipywidgets.Widget.close_all()
    return FIGURES[request.param]()


def test_every_public_figure_is_in_the_table():
    assert set(FIGURES) == {name for name in widgets.__all__ if issubclass(getattr(widgets, name), Figure)}


def test_a_figure_is_shown_live_as_a_picture_and_as_a_line(figure):
    bundle = figure._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["text/plain"].startswith(type(figure).__name__ + "(")


def test_the_picture_has_its_size_and_its_numbers_in_words_and_is_always_the_same(figure):
    face = figure._static_face()
    kind, data = re.search(r'src="data:image/([\w+]+);base64,([^"]+)"', face).groups()
    width, height = map(int, re.search(r'width="(\d+)" height="(\d+)"', face).groups())
    if kind == "png":
        assert Image.open(io.BytesIO(base64.b64decode(data))).size == (2 * width, 2 * height)
    alt, caption = re.search('alt="([^"]+)"', face)[1], re.search("<figcaption>(.+)</figcaption>", face)[1]
    assert re.search(r"\d", caption) and caption in alt and len(alt) > len(caption) + 20
    assert figure._static_face() == face


def test_the_host_draws_every_widget_of_it(figure):
    used = {m["model_name"] for m in ipywidgets.Widget.get_manager_state()["state"].values()}
    assert used <= SUPPORTED


def test_every_control_is_linked_in_the_browser_and_shows_the_value_of_its_trait(figure):
    state = ipywidgets.Widget.get_manager_state()["state"]
    canvas = f"IPY_MODEL_{figure.figure.model_id}"
    links = [m["state"] for m in state.values() if m["model_name"] == "LinkModel"]
    linked = {link["target"][1] for link in links if link["target"][0] == canvas}
    assert linked == set(figure._controls)
    for trait, control in figure._controls.items():
        shown = control.index if hasattr(control, "index") else control.value
        assert shown == getattr(figure.figure, trait)


def test_a_number_beyond_the_ends_of_its_slider_is_refused_and_changes_nothing(figure):
    before = figure.figure.get_state(figure.figure.settings)
    for trait, control in figure._controls.items():
        low, high = ends(control)
        for beyond in (low - 0.01, high + 0.01) if isinstance(low, float) else (low - 1, high + 1):
            with pytest.raises(ValueError, match=rf"^{trait} must be in \[.*, the ends of its slider"):
                figure._change(**before | {trait: beyond})
    assert figure.figure.get_state(figure.figure.settings) == before


def test_a_slider_for_alpha_or_beta_is_among_them(figure):
    assert re.search("[αβ]", " ".join(control.description for control in figure._controls.values()))


def test_reset_and_links_know_every_control(figure):
    canvas = figure.figure
    assert set(figure._controls) <= set(canvas.settings) <= set(canvas.defaults)
    assert all(canvas.defaults[name] == getattr(canvas, name) for name in canvas.settings)
    assert re.fullmatch("[a-z]+", canvas.name)
    json.dumps(canvas.get_state(canvas.settings), allow_nan=False)


def test_no_two_kinds_share_a_name_in_links():
    names = [make().figure.name for make in FIGURES.values()]
    assert len(set(names)) == len(names)
