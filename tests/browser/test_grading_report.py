"""The pages of a report fit a phone, whatever a student wrote and whatever it is called."""

import pytest

from rmsprop_lib.grading import batch
from rmsprop_lib.grading.report import write_report
from tests.grading.records import WANTED, record

WORD = "W" * 500


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    cells = [f"cell 1 stopped with ValueError: {WORD}, in `raise ValueError({WORD})`"]
    loud = record("loud", 10, file=f"{WORD}.ipynb", problem=WORD, note=WORD, changed=WORD, cells=cells)
    loud["results"][0].update(diagnosis=f"{WORD} `{WORD}`", hint=WORD)
    plain = record("quiet", 3.162)
    write_report(folder, WANTED, [loud, plain, record("W" * 200, 10), batch.not_graded("late", WORD)])
    return folder


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 1100])
def test_no_page_of_a_report_scrolls_sideways(report, open_page, width, scheme):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    pages = [report / "overview.html", *(report / "feedback").iterdir()]
    assert len(pages) == 5
    for path in pages:
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width, path.name
    page.log.assert_clean(report.as_uri())
