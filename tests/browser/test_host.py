"""The static host: every widget it claims to draw is drawn, moves, and moves what it is linked to."""

import json

import ipywidgets as w
import pytest

from rmsprop_lib.widgets.path_explorer import STATIC

from .figure_page import write_page


@pytest.fixture
def show(page, tmp_path):
    """show(widget, ...) opens a page with these widgets, and fails at the end if the page complained."""

    def open_widgets(*widgets):
        page.goto(write_page(tmp_path, *widgets))
        for figure in page.locator(".rms-figure").all():
            figure.and_(page.locator("[data-state=live]")).wait_for()
        return page

    yield open_widgets
    page.log.assert_clean(tmp_path.as_uri())


def linked_text(source, trait="value"):
    """A label that shows, in the browser, what a control says."""
    label = w.Label()
    w.jslink((source, trait), (label, "value"))
    return label


def test_everything_supported_is_drawn(show):
    w.Widget.close_all()
    options = [("one", 1), ("two", 2)]
    controls = [
        w.FloatSlider(),
        w.FloatLogSlider(),
        w.IntSlider(),
        w.SelectionSlider(options=options),
        w.Checkbox(),
        w.Dropdown(options=options),
        w.ToggleButtons(options=options),
        w.Label("text"),
        w.HTML("<b>bold</b>"),
    ]
    w.jsdlink((controls[0], "value"), (w.FloatSlider(), "value"))
    w.jslink((controls[1], "value"), (controls[0], "value"))
    page = show(w.VBox([w.HBox(controls), w.Box()]))
    drawn = {m["model_name"] for m in w.Widget.get_manager_state()["state"].values()} | {"AnyModel"}
    assert drawn == set(json.loads((STATIC.parent / "supported.json").read_text()))
    for kind, count in (("[type=range]", 4), ("[type=checkbox]", 1), ("[type=radio]", 2)):
        assert page.locator("input" + kind).count() == count
    assert page.locator("select option").all_inner_texts() == ["one", "two"]
    assert page.locator(".rms-text b").inner_text() == "bold"


def test_a_slider_moves_by_keys_and_by_typing_within_its_limits(show):
    slider = w.FloatSlider(value=0.9, min=0, max=0.99, step=0.01, description="β", readout_format=".2f")
    page = show(slider)
    handle, readout = page.get_by_label("β", exact=True), page.get_by_label("β, value")
    assert handle.get_attribute("aria-valuetext") == readout.input_value() == "0.90"
    handle.press("ArrowRight")
    assert handle.get_attribute("aria-valuetext") == readout.input_value() == "0.91"
    for typed, shown in (("0,5", "0.50"), ("7", "0.99"), ("-1", "0.00"), ("word", "0.00"), ("", "0.00")):
        readout.fill(typed)
        readout.press("Enter")
        assert (readout.input_value(), handle.get_attribute("aria-valuetext")) == (shown, shown)


def test_arrow_keys_take_ten_steps_where_there_are_very_many(show):
    page = show(w.FloatSlider(value=0.9, min=0, max=0.999, step=0.001, description="β", readout_format=".3f"))
    handle, readout = page.get_by_label("β", exact=True), page.get_by_label("β, value")
    for key, shown in (("ArrowLeft", "0.890"), ("Shift+ArrowUp", "0.891"), ("PageDown", "0.791"), ("End", "0.999")):
        handle.press(key)
        assert readout.input_value() == shown


def test_a_logarithmic_slider_moves_in_powers(show):
    page = show(w.FloatLogSlider(value=0.01, min=-4, max=0, step=0.5, description="α", readout_format=".3g"))
    handle, readout = page.get_by_label("α", exact=True), page.get_by_label("α, value")
    assert (handle.input_value(), readout.input_value()) == ("-2", "0.0100")
    handle.press("ArrowLeft")
    assert readout.input_value() == "0.00316"
    readout.fill("1e-3")
    readout.press("Enter")
    assert handle.input_value() == "-3"
    readout.fill("0")
    readout.press("Enter")
    assert readout.input_value() == "0.000100"  # log 0 is below every limit


def test_a_slider_over_a_list_stops_at_its_values_alone(show):
    slider = w.SelectionSlider(options=[("0.1", 0), ("0.5", 1), ("0.9", 2)], index=1, description="β")
    label = w.Label()
    w.jslink((slider, "index"), (label, "value"))
    page = show(w.VBox([slider, label]))
    handle, readout = page.get_by_label("β", exact=True), page.get_by_label("β, value")
    assert handle.get_attribute("aria-valuetext") == readout.input_value() == "0.5"
    for key, shown in (("ArrowRight", "0.9"), ("ArrowRight", "0.9"), ("Home", "0.1")):
        handle.press(key)
        assert readout.input_value() == handle.get_attribute("aria-valuetext") == shown
    for typed, shown in (("0,8", "0.9"), ("0.5", "0.5"), ("word", "0.5"), ("", "0.5"), ("-3", "0.1")):
        readout.fill(typed)
        readout.press("Enter")
        assert readout.input_value() == shown
    assert page.locator(".rms-text").inner_text() == "0"


def test_links_carry_values_both_ways_and_one_way(show):
    a, b, c = (w.IntSlider(description=name) for name in "abc")
    w.jslink((a, "value"), (b, "value"))
    w.jsdlink((a, "value"), (c, "value"))
    page = show(w.VBox([a, b, c]))

    def press(name):
        page.get_by_label(name, exact=True).press("ArrowRight")
        return [page.get_by_label(n, exact=True).input_value() for n in "abc"]

    assert press("a") == ["1", "1", "1"]
    assert press("b") == ["2", "2", "2"]
    assert press("c") == ["2", "2", "3"]


def test_choices_and_ticks_move_what_they_are_linked_to(show):
    dropdown = w.Dropdown(options=["x", "y"], description="drop")
    toggles = w.ToggleButtons(options=["p", "q"], description="toggle")
    box = w.Checkbox(description="tick")
    labels = [linked_text(dropdown, "index"), linked_text(toggles, "index"), linked_text(box)]
    page = show(w.VBox([dropdown, toggles, box, *labels]))
    page.get_by_label("drop").select_option("y")
    page.get_by_label("p", exact=True).press("ArrowRight")
    page.get_by_label("tick").check()
    assert page.locator(".rms-text").all_inner_texts() == ["1", "1", "true"]


def test_what_is_disabled_cannot_be_moved_and_layout_is_honoured(show):
    slider = w.IntSlider(description="n", disabled=True, readout=False, layout=w.Layout(width="200px"))
    page = show(slider)
    assert page.get_by_label("n").is_disabled()
    assert page.locator(".rms-readout").count() == 0
    assert page.locator(".rms-row").bounding_box()["width"] == 200


def test_sliders_in_a_box_stand_in_line(show):
    page = show(w.VBox([w.IntSlider(description=text) for text in ("n", "a longer name", "steps")]))
    left = {round(slider.bounding_box()["x"]) for slider in page.locator("input[type=range]").all()}
    assert len(left) == 1


def test_a_slider_may_wait_until_it_is_let_go(show):
    slider = w.IntSlider(description="n", continuous_update=False)
    page = show(w.VBox([slider, linked_text(slider)]))
    handle = page.get_by_label("n", exact=True)
    handle.evaluate("e => { e.value = 7; e.dispatchEvent(new Event('input')) }")
    assert page.locator(".rms-text").inner_text() == "0"
    handle.evaluate("e => e.dispatchEvent(new Event('change'))")
    assert page.locator(".rms-text").inner_text() == "7"


def test_a_widget_the_host_does_not_know_leaves_the_static_face_and_says_so(page, tmp_path):
    address = write_page(tmp_path, w.ColorPicker())
    page.goto(address)
    page.locator("[data-state=failed]").wait_for(state="attached")
    (error,) = page.log.console_errors
    assert "cannot draw a ColorPickerModel" in error
