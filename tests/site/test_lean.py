"""The steps after the build do what they say, and stop when the theme is not what they expect."""

import re
import shutil

import katex_math
import pytest
from fontTools.ttLib import TTFont
from lean import edit, fonts, icons, images, maths, pages, styles
from PIL import Image
from sphinx.errors import ExtensionError


def test_an_edit_replaces_as_often_as_expected():
    assert edit.replace("a", "b", "banana", "here", times=3) == "bbnbnb"
    assert edit.replace("x", "y", "banana", "here", times=edit.ANY) == "banana"


@pytest.mark.parametrize(("pattern", "times"), [("a", 2), ("x", edit.SOME), ("a", range(4, 9))])
def test_an_edit_that_finds_something_else_stops_the_build(pattern, times):
    with pytest.raises(ExtensionError, match=r"intro.html: wanted .*, got [03]; has the theme changed"):
        edit.replace(pattern, "", "banana", "intro.html", times=times)


def test_a_page_of_another_theme_stops_the_build():
    with pytest.raises(ExtensionError, match="has the theme changed"):
        pages.lighten("<html><head></head><body></body></html>", "x.html")


@pytest.mark.parametrize(
    "line",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="preconnect" href="//fonts.example"/>',
        '<img alt="a" src="http://other.example/a.png">',
    ],
)
def test_a_page_that_would_ask_another_host_is_found(line):
    assert pages.FOREIGN.search(f"<p>{line}</p>")


@pytest.mark.parametrize(
    "line", ['<a href="https://example.org">x</a>', '<script src="../a.js"></script>', '<img src="a.png">']
)
def test_a_link_that_a_reader_may_follow_is_fine(line):
    assert not pages.FOREIGN.search(line)


def test_icon_rules_that_no_page_uses_are_dropped():
    css = "".join(f'.fa-x{n}:before{{content:"\\f{n:03x}"}}' for n in range(1000))
    css += '.fa-moon:before,.fa-crescent:before{content:"\\f186"}p{color:red}'
    kept, points = icons.keep_rules(css, {"fa-moon"})
    assert kept == '.fa-moon:before{content:"\\f186"}p{color:red}'
    assert points == {0xF186}


def test_a_theme_with_few_icons_stops_the_build():
    with pytest.raises(ExtensionError, match="icon rules: wanted 1000"):
        icons.keep_rules('.fa-moon:before{content:"\\f186"}', {"fa-moon"})


def test_icons_that_a_stylesheet_names_by_number_are_kept():
    assert icons.private_use_characters('.a{content:"\\f059"} .b{content:"\uf02e"} .c{content:"\\2022"}') == {
        0xF059,
        0xF02E,
    }


def test_only_the_characters_that_formulas_draw_count():
    html = f"<p>Quiz</p>{katex_math.render('v + 1')}<p>Jury</p>"
    characters = maths.characters_in([html])
    assert set(map(ord, "v+1")) <= characters
    assert not set(map(ord, "QuizJry")) & characters


def test_a_font_is_cut_to_the_characters_in_use_and_twice_the_same(tmp_path):
    whole = katex_math.VENDOR / "fonts" / "KaTeX_Math-Italic.woff2"
    copies = [tmp_path / "a.woff2", tmp_path / "b.woff2"]
    for copy in copies:
        shutil.copyfile(whole, copy)
        fonts.cut(copy, map(ord, "vβ"), features=["*"])
    assert copies[0].read_bytes() == copies[1].read_bytes()
    assert copies[0].stat().st_size < whole.stat().st_size / 5
    with TTFont(copies[0]) as font:
        assert set(font.getBestCmap()) == {ord("v"), ord("β")}


def _site(tmp_path, **sheets):
    static = tmp_path / "_static"
    for name, css in sheets.items():
        file = static / f"{name.replace('__', '/')}.css"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(css)
    return static


def test_stylesheets_become_one_with_addresses_that_still_lead_somewhere(tmp_path):
    _site(
        tmp_path,
        styles__theme='@import "../basic.css";a{background:url("../img/a.png")}',
        basic="b{mask:url(i.svg)}",
        book="c { color: red; } d { background: url(data:image/png;base64,AA) }",
    )
    page = tmp_path / "book" / "p.html"
    link = '<link rel="stylesheet" type="text/css" href="../_static/{}?v=1" />'
    text = "<head>" + "".join(link.format(n) for n in ("styles/theme.css", "maths/katex.css", "book.css")) + "</head>"
    new = styles.bundle(tmp_path, {page: text})[page]
    (name,) = re.findall(r'href="\.\./_static/(book\.\w+\.css)"', new)
    assert new.count("<link") == 2 and "maths/katex.css" in new
    css = (tmp_path / "_static" / name).read_text()
    assert "url(i.svg)" in css and 'url("img/a.png")' in css and "url(data:image/png;base64,AA)" in css
    assert css.index("b{") < css.index("a{") < css.index("c{")


@pytest.mark.parametrize("css", ["a{background:url(https://x.example/a.png)}", "@import url(//x.example/a.css);"])
def test_a_stylesheet_that_would_ask_another_host_stops_the_build(tmp_path, css):
    _site(tmp_path, book=css)
    with pytest.raises(ExtensionError, match="another host"):
        styles.bundle(
            tmp_path, {tmp_path / "p.html": '<link rel="stylesheet" type="text/css" href="_static/book.css" />'}
        )


def test_pages_with_different_stylesheets_stop_the_build(tmp_path):
    _site(tmp_path, a="a{}", b="b{}")
    link = '<link rel="stylesheet" type="text/css" href="_static/{}.css" />'
    with pytest.raises(ExtensionError, match="other stylesheets"):
        styles.bundle(tmp_path, {tmp_path / "p.html": link.format("a"), tmp_path / "q.html": link.format("b")})


def test_the_redirect_at_the_root_is_a_page_with_language_title_and_link(tmp_path):
    path = tmp_path / "index.html"
    path.write_text('<meta http-equiv="Refresh" content="0; url=book/intro.html" />\n')
    assert pages.is_redirect(path.read_text())
    pages.name_redirect(path, "Sums & roots")
    text = path.read_text()
    assert '<html lang="en">' in text and "<title>Sums &amp; roots</title>" in text
    assert 'url=book/intro.html"' in text and '<a href="book/intro.html">' in text


def test_pictures_become_smaller_without_a_loss_and_keep_their_room(tmp_path):
    (tmp_path / "_images").mkdir()
    picture = Image.linear_gradient("L").convert("RGB").resize((64, 32))
    picture.save(tmp_path / "_images/a.png")
    (tmp_path / "_images/b.svg").write_text("<svg/>")
    text = '<a href="../_images/a.png"><img alt="A" src="../_images/a.png" /></a><img src="../_images/b.svg" width="9">'
    (new,) = images.lighten(tmp_path, {tmp_path / "p.html": text}).values()
    assert '<a href="../_images/a.webp">' in new
    assert '<img loading="lazy" width="64" height="32" alt="A" src="../_images/a.webp" />' in new
    assert '<img loading="lazy" src="../_images/b.svg" width="9">' in new
    assert sorted(p.name for p in (tmp_path / "_images").iterdir()) == ["a.webp", "b.svg"]
    with Image.open(tmp_path / "_images/a.webp") as stored:
        assert stored.convert("RGB").tobytes() == picture.tobytes()
