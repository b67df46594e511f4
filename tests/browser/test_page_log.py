"""The page that the browser tests use sees what goes wrong: each fault fails assert_clean, and a good page passes."""

import pytest

GOOD = "<!doctype html><title>t</title><link rel=icon href='data:,'><p>text</p>"


def test_a_good_page_is_clean_over_http_and_from_a_file(open_page, serve_folder, tmp_path):
    (tmp_path / "index.html").write_text(GOOD + "<script>new Worker(URL.createObjectURL(new Blob([''])))</script>")
    with serve_folder(tmp_path) as home:
        for address in (home, tmp_path.as_uri()):
            page = open_page()
            page.goto(f"{address}/index.html")
            page.log.assert_clean(address)
            assert f"{address}/index.html" in page.log.requests


@pytest.mark.parametrize(
    ("fault", "where"),
    [
        ("<script>console.error('ouch')</script>", "console_errors"),
        ("<script>setTimeout(() => { throw new Error('ouch') })</script>", "page_errors"),
        ("<img src='missing.png'>", "failed"),
    ],
)
def test_a_fault_on_the_page_is_seen(page, serve_folder, tmp_path, fault, where):
    (tmp_path / "index.html").write_text(GOOD + fault)
    with serve_folder(tmp_path) as home:
        page.goto(f"{home}/index.html", wait_until="networkidle")
        assert len(getattr(page.log, where)) == 1
        with pytest.raises(AssertionError):
            page.log.assert_clean(home)


def test_a_request_to_another_host_is_seen(page, serve_folder, tmp_path):
    with serve_folder(tmp_path) as home, serve_folder(tmp_path) as elsewhere:
        (tmp_path / "index.html").write_text(GOOD + f"<script src='{elsewhere}/fine.js'></script>")
        (tmp_path / "fine.js").write_text("")
        page.goto(f"{home}/index.html")
        assert page.log.foreign(home) == [f"{elsewhere}/fine.js"]
        with pytest.raises(AssertionError):
            page.log.assert_clean(home)


def test_a_page_that_was_never_opened_is_not_clean(page):
    with pytest.raises(AssertionError, match="was it opened"):
        page.log.assert_clean("http://127.0.0.1")
