"""Every page of the built book, as a reader meets it: it asks no other host, makes no error, is accessible in light and
dark and on a phone, does not scroll sideways, and can be read without JavaScript.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 375, "height": 812}
CASES = [("light", DESKTOP), ("dark", PHONE)]  # each scheme and each width once: a case takes seconds
LIVE = '.rms-figure[data-state="live"]'


def _pages() -> list[str]:
    """Every page but those of single figures (test_standalone.py); known before the book is built."""
    files = sorted(path.stem for path in (ROOT / "book").glob("*.md"))
    return [f"book/{name}.html" for name in files] + ["search.html", "genindex.html"]


PAGES = _pages()


def test_the_list_of_pages_is_complete(built_book):
    files = [p.relative_to(built_book) for p in built_book.rglob("*.html")]
    built = {p.as_posix() for p in files if p.parts[0] not in {"_static", "figures"}}
    assert built == {*PAGES, "index.html"}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("where", ["site", "site_files"])
def test_a_page_asks_no_other_host_makes_no_error_and_its_figures_come_alive(request, page, where, name):
    home = request.getfixturevalue(where)
    page.goto(f"{home}/{name}", wait_until="load")
    _show_all_of(page)
    page.log.assert_clean(home)
    assert page.locator(LIVE).count() == page.locator(".rms-figure").count()
    assert page.locator(".rms-figure .rms-static").count() == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_does_not_scroll_sideways(open_page, site, name):
    faults = []
    for scheme, viewport in CASES:
        page = open_page(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        page.goto(f"{site}/{name}", wait_until="networkidle")
        _show_all_of(page)
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        case = f"{scheme}, {viewport['width']} px"
        faults += [f"{case}: {fault}" for fault in _axe(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > viewport["width"]:
            faults.append(f"{case}: the page is {width} px wide")
        page.close()
    assert faults == []


def test_every_table_is_a_table(built_book):
    left = [name for name in PAGES if re.search(r"<p>\s*\|", (built_book / name).read_text("utf8"))]
    assert left == [], "Markdown's bars stand in the text"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_it_is(page, site, name):
    page.goto(f"{site}/{name}")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert len(page.title()) > len("RMSProp")
    assert page.locator("h1:visible").count() == 1
    assert page.locator('link[rel="icon"]').count() == 1
    if name.startswith("book/"):
        description = page.locator('meta[name="description"]').get_attribute("content")
        assert 30 <= len(description) <= 160
        assert "$" not in description


@pytest.mark.parametrize("name", [p for p in PAGES if p.startswith("book/")])
def test_a_page_can_be_read_without_javascript(open_page, page, site, name):
    plain = open_page(java_script_enabled=False, viewport=DESKTOP)
    plain.goto(f"{site}/{name}", wait_until="networkidle")
    page.goto(f"{site}/{name}")
    formulas = ".bd-article .math .katex-html"
    assert plain.locator(formulas).count() == page.locator(formulas).count()
    hidden = "(all) => all.filter((e) => !e.checkVisibility() || !e.getBoundingClientRect().width).length"
    for where in (
        ".bd-article section > p:not(details p)",
        ".bd-article .math-scroll",
    ):  # what a folded solution holds may be hidden
        assert plain.locator(f"{where} .katex-html").evaluate_all(hidden) == 0
    assert plain.locator("mjx-container, .MathJax").count() == 0
    for picture in plain.locator(".bd-article img").all():
        picture.scroll_into_view_if_needed()
        assert picture.is_visible()
        assert picture.get_attribute("alt")
    for question in plain.locator(".rms-question").all():
        assert question.is_visible()
        assert len(question.inner_text()) > 20
    for figure in plain.locator(".rms-figure:not(.rms-question)").all():
        assert figure.locator("img").is_visible()
        assert figure.locator("figcaption").is_visible()
        assert len(figure.locator("figcaption").inner_text()) > 20
    background = "getComputedStyle(document.body).backgroundColor"
    assert plain.locator("article").evaluate(f"() => {background}") != "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("address", ["site", "site_files"])
def test_the_search_finds_a_word(request, page, address):
    home = request.getfixturevalue(address)
    page.goto(f"{home}/search.html?q=gradient", wait_until="load")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results li a").count() >= 2
    page.wait_for_timeout(500)  # excerpts arrive later, over http alone
    page.log.assert_clean(home)


def test_the_first_page_leads_to_the_book(page, site):
    page.goto(f"{site}/", wait_until="networkidle")
    page.wait_for_url(f"{site}/book/intro.html")
    page.log.assert_clean(site)


def test_a_wide_formula_scrolls_in_its_own_box_and_the_keyboard_reaches_it(open_page, site):
    page = open_page(viewport=PHONE)
    for name in PAGES:
        page.goto(f"{site}/{name}", wait_until="networkidle")
        wide = page.evaluate(
            "[...document.querySelectorAll('.math-scroll')].filter((b) => b.scrollWidth > b.clientWidth + 1)"
            ".map((b) => [b.tabIndex, getComputedStyle(b).overflowX])"
        )
        assert all(box == [0, "auto"] for box in wide), f"{name}: {wide}"


@pytest.mark.parametrize("name", ["gradient_descent", "adagrad", "rmsprop", "what_beta_does"])
def test_on_a_phone_formulas_fit_and_pictures_take_the_whole_width(open_page, site, name):
    page = open_page(viewport=PHONE)
    page.goto(f"{site}/book/{name}.html", wait_until="networkidle")
    wide = "(all) => all.filter((b) => b.scrollWidth > b.clientWidth + 1).map((b) => b.textContent)"
    assert page.locator(".bd-article .math-scroll").evaluate_all(wide) == []
    widths = page.locator(".bd-article figure > img").evaluate_all("(all) => all.map((i) => i.offsetWidth)")
    assert widths
    assert set(widths) == {PHONE["width"]}


def _show_all_of(page) -> None:
    """Walk down the page as a reader would, and wait for what that loads."""
    height = page.evaluate("document.documentElement.scrollHeight")
    for y in range(0, height + 1, 600):
        page.evaluate(f"window.scrollTo({{top: {y}, behavior: 'instant'}})")
        page.wait_for_timeout(30)
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    if count := page.locator(".rms-figure").count():
        states = "document.querySelectorAll('.rms-figure[data-state]').length"
        page.wait_for_function(f"() => {states} === {count}", timeout=20_000)
    page.wait_for_load_state("networkidle")


def _axe(page) -> list[str]:
    """Violations of axe-core's rules, one line for each element."""
    page.evaluate(AXE.read_text("utf8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]}" for rule in json.loads(found) for node in rule["nodes"]
    ]
