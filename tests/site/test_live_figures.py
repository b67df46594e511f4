"""The two faces of a figure: what is read from the static one, what is kept of the widget state."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_figures.static_face import is_text, parse_static_face
from live_figures.widget_state import needed_models, references, share, short_names, shorten, unsupported_models

from rmsprop_lib.widgets import Prediction, Quiz

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
IMAGE = (
    f'<img src="data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}" alt="Two paths" width="600" height="300">'
)
CAPTION = "<figcaption>RMSProp walks <em>straight</em>.</figcaption>"


def _figure(image=IMAGE, caption=CAPTION, attributes='class="rms-static"'):
    return f"<figure {attributes}>{image}{caption}</figure>"


def test_the_static_face_is_read():
    face = parse_static_face(_figure())
    assert (face.picture, face.suffix, face.alt) == (SVG, ".svg", "Two paths")
    assert (face.width, face.height, face.live_height, face.live_height_narrow) == (600, 300, 0, 0)
    assert face.caption == "RMSProp walks <em>straight</em>."


def test_the_face_of_a_question_is_text_and_that_of_a_figure_is_not():
    assert is_text(Quiz("loss-times-1000")._static_face())
    assert is_text(Prediction("Will it stop?", {"Yes.": "", "No.": ""})._static_face())
    assert not is_text(_figure())


def test_a_picture_may_be_written_with_percent_signs():
    face = parse_static_face(
        _figure(IMAGE.replace(";base64,", ",").replace(base64.b64encode(SVG).decode(), "%3Csvg/%3E"))
    )
    assert face.picture == b"<svg/>"


def test_room_for_the_live_figure_is_read():
    face = parse_static_face(_figure(attributes='class="rms-static" data-live-height="5" data-live-height-narrow="7"'))
    assert (face.live_height, face.live_height_narrow) == (5, 7)


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ("<p>no figure</p>", "got 0 and 0"),
        (_figure(attributes='class="other"'), "got 0 and 1"),
        (_figure(image=IMAGE + IMAGE), "got 1 and 2"),
        (_figure(caption=""), "sentence, got none"),
        (_figure(caption="<figcaption> </figcaption>"), "sentence, got none"),
        (_figure(image=IMAGE.replace('alt="Two paths"', 'alt=" "')), "alternative text, got none"),
        (_figure(image=IMAGE.replace('width="600"', "")), "width in whole pixels.* got ''"),
        (_figure(image=IMAGE.replace('height="300"', 'height="50%"')), "height in whole pixels.* got '50%'"),
        (_figure(image=IMAGE.replace("data:image/svg+xml;base64,", "http://other.example/")), "data: URI.* got 'http"),
        (_figure(image=IMAGE.replace("image/svg+xml", "text/html")), "data: URI"),
        (_figure(image=IMAGE.replace(";base64,", ";base64,!")), "not valid base64"),
    ],
)
def test_a_static_face_that_lacks_something_is_refused(html, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse_static_face(html)


def _model(name, **state):
    return {"model_name": name, "model_module": "m", "state": state}


STATE = {
    "aaa": _model("LayoutModel"),
    "bbb": _model("FloatSliderModel", layout="IPY_MODEL_aaa", value=0.9),
    "ccc": _model("AnyModel", layout="IPY_MODEL_aaa", beta=0.9),
    "ddd": _model("VBoxModel", children=["IPY_MODEL_bbb", "IPY_MODEL_ccc"], layout="IPY_MODEL_aaa"),
    "eee": _model("LinkModel", source=["IPY_MODEL_bbb", "value"], target=["IPY_MODEL_ccc", "beta"]),
    "fff": _model("FloatProgressModel", layout="IPY_MODEL_aaa"),
    "ggg": _model("LinkModel", source=["IPY_MODEL_bbb", "value"], target=["IPY_MODEL_fff", "value"]),
}


def test_a_page_keeps_what_its_views_reach_and_the_links_among_it():
    assert set(needed_models(STATE, ["ddd"])) == {"aaa", "bbb", "ccc", "ddd", "eee"}
    assert set(needed_models(STATE, ["bbb"])) == {"aaa", "bbb"}
    assert set(needed_models(STATE, ["ddd", "fff"])) == set(STATE)


def test_a_circle_of_references_ends():
    state = {"a": _model("BoxModel", children=["IPY_MODEL_b"]), "b": _model("BoxModel", children=["IPY_MODEL_a"])}
    assert set(needed_models(state, ["a"])) == {"a", "b"}


def test_what_the_host_cannot_draw_is_named():
    supported = ["LayoutModel", "FloatSliderModel", "AnyModel", "VBoxModel", "LinkModel"]
    assert unsupported_models(needed_models(STATE, ["ddd"]), supported) == []
    assert unsupported_models(STATE, supported) == ["FloatProgressModel"]


def test_short_names_keep_every_reference():
    names = short_names(STATE)
    short = shorten(STATE)
    assert list(short) == ["m0", "m1", "m2", "m3", "m4", "m5", "m6"]
    for long, model in STATE.items():
        assert [names[r] for r in references(model)] == references(short[names[long]])
    assert "ddd" not in json.dumps(short)


def test_a_script_of_many_widgets_stands_once_in_the_page():
    state = {name: _model("AnyModel", _esm="draw()", _css=css) for name, css in (("a", "p {}"), ("b", "q {}"))}
    shared, texts = share(state | {"c": _model("LayoutModel")})
    assert sorted(texts) == ["draw()", "p {}", "q {}"]
    assert {name: [texts[shared[name]["state"][key]] for key in ("_esm", "_css")] for name in "ab"} == {
        "a": ["draw()", "p {}"],
        "b": ["draw()", "q {}"],
    }
    assert shared["c"] == _model("LayoutModel")
    assert state["a"]["state"]["_esm"] == "draw()"


@given(st.permutations(sorted(STATE)), st.permutations(["x1", "x2", "x3", "x4", "x5", "x6", "x7"]))
def test_names_do_not_depend_on_the_random_ids_or_on_the_order_they_were_saved_in(order, ids):
    text = json.dumps({name: STATE[name] for name in order})
    for name, new in zip(sorted(STATE), ids, strict=True):
        text = text.replace(name, new)
    renamed = dict(zip(sorted(STATE), ids, strict=True))
    wanted = shorten(needed_models(STATE, ["ddd", "fff"]))
    assert list(shorten(needed_models(json.loads(text), [renamed["ddd"], renamed["fff"]])).items()) == list(
        wanted.items()
    )
