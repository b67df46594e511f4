"""The pages of single figures: alone, from a file, and inside a page of somebody else."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rmsprop_lib.widgets.examples import EXAMPLES

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
LIVE = '.rms-figure[data-state="live"]'
LIMIT = 150_000  # bytes: a quarter is the picture for readers without JavaScript


@pytest.fixture(scope="module")
def files(built_book) -> list[Path]:
    return sorted((built_book / "figures").glob("*.html"))


def open_alone(page, address):
    page.goto(address)
    expect(page.locator(".rms-told")).not_to_be_empty()
    return page.locator(LIVE)


def readouts(page) -> list[str]:
    return [readout.input_value() for readout in page.locator(".rms-readout").all()]


def test_every_figure_of_the_gallery_and_of_the_chapters_has_its_page(built_book, files):
    names = {make().figure.name for make in EXAMPLES.values()}
    assert names <= {file.stem for file in files}
    shown = sum(page.read_text("utf8").count("data-embed=") for page in (built_book / "book").glob("*.html"))
    assert shown == len(files)


@pytest.mark.parametrize("where", ["site", "site_files"])
def test_it_lives_asks_for_nothing_else_and_leads_back(files, open_page, request, where):
    home = request.getfixturevalue(where)
    for file in files:
        assert file.stat().st_size < LIMIT, file.name
        page = open_page()
        open_alone(page, f"{home}/figures/{file.name}")
        assert [url for url in page.log.requests if not url.startswith(("data:", "blob:"))] == page.log.requests[:1]
        page.log.assert_clean(home)
        target = file.parent / page.get_by_role("link").get_attribute("href")
        assert target.resolve().is_file()


def test_a_figure_of_the_gallery_leads_to_a_chapter_that_shows_it(page, site):
    page.goto(f"{site}/figures/paths.html")
    assert page.get_by_role("link").get_attribute("href") == "../book/gradient_descent.html"


def test_axe_finds_nothing_and_it_fits_a_phone_in_light_and_dark(files, open_page, site):
    for file in files:
        for scheme, width in (("light", 1280), ("dark", 375)):
            page = open_page(color_scheme=scheme, viewport={"width": width, "height": 812})
            open_alone(page, f"{site}/figures/{file.name}")
            assert page.evaluate("document.documentElement.dataset.theme") == scheme
            page.evaluate(AXE.read_text("utf8"))
            found = page.evaluate("axe.run().then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
            assert (file.name, found) == (file.name, [])
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.close()


def test_without_javascript_there_is_the_picture_and_its_sentence(files, open_page, site):
    page = open_page(java_script_enabled=False)
    for file in files:
        page.goto(f"{site}/figures/{file.name}")
        assert page.locator("img").evaluate("(image) => image.complete && image.naturalWidth > 300")
        assert len(page.locator("figcaption").inner_text()) > 20


def test_a_setting_travels_from_the_book_into_an_iframe_of_another_page(open_page, site, serve_folder, tmp_path):
    """Move a slider in the book, press Link and Embed, put the code into a page elsewhere, and see the same figure."""
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/book/gallery.html")
    figure = page.locator(".rms-figure").first
    expect(figure.locator(".rms-told")).not_to_be_empty()
    assert figure.get_by_role("button", name="Embed").count() == 0
    figure.locator("input[type=range]").first.press("PageDown")
    figure.get_by_role("button", name="Link").click()
    figure.get_by_role("button", name="Embed").click()
    expect(figure.get_by_role("button", name="Copied")).to_have_count(2)
    code = page.evaluate("navigator.clipboard.readText()")
    wanted = [readout.input_value() for readout in figure.locator(".rms-readout").all()]
    assert f'src="{site}/figures/paths.html#fig-paths=' in code

    listener = "<script>heights = []; addEventListener('message', (e) => heights.push(e.data))</script>"
    course = f'<!doctype html><html lang="en"><title>A course</title><link rel="icon" href="data:,">{listener}{code}'
    (tmp_path / "course.html").write_text(course, "utf8")
    with serve_folder(tmp_path) as elsewhere:
        course = open_page(viewport={"width": 900, "height": 900})
        course.goto(f"{elsewhere}/course.html")
        inside = course.frame_locator("iframe")
        expect(inside.locator(".rms-told")).not_to_be_empty()
        assert [readout.input_value() for readout in inside.locator(".rms-readout").all()] == wanted
        course.wait_for_function("heights.length > 0")
        told = course.evaluate("heights.at(-1)")
        assert told["figure"] == "paths"
        box = course.locator("iframe").bounding_box()
        assert 0 <= box["height"] - told["height"] < 60  # the code makes room for all of it, and for little more
        assert course.log.console_errors == course.log.page_errors == []


def test_the_script_for_the_page_around_makes_the_frame_as_high_as_its_figure(page, site, serve_folder, tmp_path):
    page.goto(f"{site}/book/how_to_use.html")
    script = page.locator("pre", has_text="addEventListener").text_content()
    frame = f'<iframe src="{site}/figures/paths.html" style="width: 351px; height: 50px"></iframe>'
    (tmp_path / "course.html").write_text(f"<!doctype html>{script}{frame}", "utf8")
    with serve_folder(tmp_path) as elsewhere:
        page.goto(f"{elsewhere}/course.html")
        expect(page.frame_locator("iframe").locator(".rms-told")).not_to_be_empty()
        inside = page.frames[1]
        page.wait_for_function("document.querySelector('iframe').offsetHeight > 400")
        expect(page.locator("iframe")).to_have_js_property("offsetHeight", inside.evaluate("innerHeight + 4"))
        assert inside.evaluate("document.documentElement.scrollHeight <= innerHeight")


def test_the_setting_of_a_second_figure_of_a_page_is_understood_too(page, site):
    open_alone(page, f"{site}/figures/paths.html#fig-paths-2=beta:0.5")
    assert "0.500" in readouts(page)


def test_an_address_may_choose_the_colours(page, site):
    open_alone(page, f"{site}/figures/paths.html?theme=dark")
    expect(page.locator(".rms-live")).to_have_class(re.compile("rms-dark"))


def test_the_code_in_the_gallery_is_complete(page, site):
    page.goto(f"{site}/book/gallery.html")
    expect(page.locator(LIVE).first.locator(".rms-told")).not_to_be_empty()
    codes = page.locator("code.rms-embed").all_text_contents()
    assert len(codes) == len(EXAMPLES)
    for code in codes:
        address = re.fullmatch(r'<iframe src="([^"]+)" title="[^"]+" style="[^"]+" loading="lazy" .*</iframe>', code)[1]
        assert address.startswith(f"{site}/figures/")
        assert page.request.get(address).ok
