"""What the report says, and that no student can write more into it than text."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rmsprop_lib.grading import batch, gradebook, report
from rmsprop_lib.grading.identity import ABSENT
from rmsprop_lib.grading.page_names import page_name, page_names
from rmsprop_lib.grading.pages import describe, draw_overview, feedback_page
from rmsprop_lib.grading.which import RULE
from tests.grading.records import WANTED, record


class Reader(HTMLParser):
    """The tags, texts and attributes of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text, self.attributes = [], "", {}
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.setdefault(tag, []).append(dict(attrs))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1", "\r=1"])
def test_no_cell_of_the_grades_is_a_formula(name):
    table = list(csv.DictReader(io.StringIO(gradebook.grades(WANTED, [record(name, f"={name}")]))))
    assert [row["student"] for row in table] == [f"'{name.strip()}"] * 4
    told = record("ada")
    told["results"][0]["diagnosis"] = "=1+1"
    assert next(csv.DictReader(io.StringIO(gradebook.grades(WANTED, [told]))))["diagnosis"] == "'=1+1"


def test_grades_have_a_row_for_each_student_and_exercise():
    table = list(csv.DictReader(io.StringIO(gradebook.grades(WANTED, [record("ada, b", 3.162), record("bob", 10)]))))
    assert list(table[0])[:5] == ["student", "exercise", "points", "maximum", "diagnosis"]
    assert [(row["student"], row["points"], row["maximum"]) for row in table[:2]] == [
        ("ada, b", "0", "4"),
        ("ada, b", "1", "1"),
    ]
    assert table[5]["diagnosis"].startswith("you answered 10: that is 1/(1 − β)")
    assert len(table) == 8


def test_the_summary_counts_mistakes_and_points():
    summary = report.summarise(WANTED, [record("ada", 3.162), record("bob", 10), record("eve", 10)])
    assert [student["points"] for student in summary["students"]] == [1, 0, 0]
    assert {"exercise": "first-step-factor", "mistake": "no-root", "students": 2} in summary["mistakes"]
    assert "empty" not in {entry["mistake"] for entry in summary["mistakes"]}
    counts = [entry["students"] for entry in summary["mistakes"]]
    assert counts == sorted(counts, reverse=True)
    assert json.loads(json.dumps(summary)) == summary


def test_pages_show_what_a_student_wrote_as_text():
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>&\"'"
    mine = record(evil, 10, cells=[f"cell 1 stopped with {evil}"], file=evil, problem=evil)
    mine["results"][0]["diagnosis"] = mine["results"][0]["hint"] = evil
    page = Reader(feedback_page(WANTED, mine))
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert evil in page.text
    assert page.text.count(evil) >= 5


def test_a_feedback_page_can_be_read_by_everybody():
    page = Reader(feedback_page(WANTED, record("ada", 10)))
    assert page.attributes["html"] == [{"lang": "en"}]
    assert "1.0" not in page.text.split("first-step-factor")[0]
    assert page.tags.count("h1") == page.tags.count("main") == page.tags.count("title") == 1
    assert page.tags.count("h2") == len(WANTED.exercises)
    assert "script" not in page.tags
    assert "0 of 7 points" in page.text
    assert "that is 1/(1 − β): the root is missing" in page.text
    assert "β = 0.9" in page.text
    own = feedback_page(WANTED, record("ada", 10, numbers={"first-step-factor": {"beta": 0.75}}))
    assert "β = 0.75" in own


def test_feedback_holds_no_solution_and_no_hidden_number():
    for exercise in WANTED.exercises:
        page = feedback_page(WANTED, record("ada", 10))
        assert exercise.solution_text not in page
        assert "3.162" not in page


def test_the_overview_says_in_words_and_tables_what_the_picture_shows(tmp_path):
    records = [record(f"student {i}", 10 if i % 2 else 3.162) for i in range(6)] + [record("=<b>", 10)]
    report.write_report(tmp_path, WANTED, records)
    page = Reader((tmp_path / "overview.html").read_text())
    (image,) = page.attributes["img"]
    assert image["src"] == "overview.svg"
    assert image["alt"] == describe(report.summarise(WANTED, records))
    assert "Points of 7 students: from 0 to 1, median 0" in image["alt"]
    assert "no-root in first-step-factor (4)" in image["alt"]
    assert "b" not in page.tags
    for link in page.attributes["a"]:
        assert (tmp_path / link["href"].replace("%20", " ")).is_file()
    assert len(page.attributes["a"]) == 7
    svg = (tmp_path / "overview.svg").read_text()
    assert "<svg" in svg
    assert draw_overview(report.summarise(WANTED, records)) == svg  # the same bytes for the same class


def test_a_class_of_none_has_a_report(tmp_path):
    report.write_report(tmp_path, WANTED, [])
    assert "There are no hand-ins yet." in (tmp_path / "overview.html").read_text()
    assert (tmp_path / "grades.csv").read_text("utf-8-sig").strip() == ",".join(gradebook.COLUMNS)


STARTS = [";=1+1", '"=1+1', "',=1+1", "|@x", "; +cmd|x", ",-x()", "＝1+1", "\x1b=1+1", "a;\t=1", "'=1"]


@pytest.mark.parametrize("text", STARTS)
def test_no_part_of_a_cell_is_a_formula_where_another_separator_is_in_use(text):
    (row, *_) = csv.DictReader(io.StringIO(gradebook.grades(WANTED, [record(text, problem=text, file=text)])))
    for cell in (row["student"], row["remarks"], row["file"]):
        for part in re.split('[;,|"\t]', cell):
            assert not re.match(r"\s*[=@＝＠+＋-]", part), cell
        assert cell.isprintable()


def test_honest_numbers_and_signs_in_sentences_stay_as_they_are():
    told = "your theta is [0.1, -0.2], expected (1, -1e-05): α = 0.1, -0.5; x = -v."
    mine = record("ada")
    mine["results"][0]["diagnosis"] = told
    assert next(csv.DictReader(io.StringIO(gradebook.grades(WANTED, [mine]))))["diagnosis"] == told


def test_the_grades_say_of_each_student_what_was_graded_and_what_not_and_why(tmp_path):
    lost = record("bob", problem="the file cannot be read: it is a link", file="bob.ipynb")
    chosen = record("eve", note="graded was a.ipynb", changed="the file changed")
    absent = batch.not_graded("zoe", "RuntimeError: a fault of ours")
    missing = record("yan", problem=ABSENT, file="")
    records = [record("ada"), lost, chosen, absent, missing]
    assert report.write_report(tmp_path, WANTED, records) == []
    data = (tmp_path / "grades.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfstudent,")  # so that a spreadsheet knows it is UTF-8
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(table) == 5 * len(WANTED.exercises)
    told = {row["student"]: (row["status"], row["remarks"], row["file"], row["points"]) for row in table[::-1]}
    assert told["ada"] == ("graded", "", "ada.ipynb", "0")
    assert told["bob"] == ("not read", "the file cannot be read: it is a link", "bob.ipynb", "0")
    assert told["eve"] == ("graded", "graded was a.ipynb; the file changed", "eve.ipynb", "0")
    assert told["yan"] == ("missing", ABSENT, "", "0")
    assert told["zoe"] == ("not graded", "RuntimeError: a fault of ours", "", "")
    overview = Reader((tmp_path / "overview.html").read_text()).text
    assert "Not read: the file cannot be read: it is a link" in overview
    assert "Graded was a.ipynb; the file changed" in overview
    assert "Not graded: RuntimeError" in overview
    assert "3 hand-ins graded, 2 others" in overview
    assert "Points of 3 students" in (tmp_path / "overview.html").read_text()
    assert f"No answer was right: {', '.join(records[0]['results'][0]['mistakes'])}" in overview
    assert RULE in overview
    assert "Not graded" in Reader((tmp_path / "feedback" / "zoe.html").read_text()).text


def test_a_page_that_cannot_be_written_costs_nobody_else_theirs(tmp_path, monkeypatch):
    broken = record("bob", numbers={"first-step-factor": {"nonsense": 1}})
    unwritten = report.write_report(tmp_path, WANTED, [record("ada"), broken, record("eve")])
    assert len(unwritten) == 1
    assert "bob.html: TypeError" in unwritten[0]
    assert {path.name for path in (tmp_path / "feedback").iterdir()} == {"ada.html", "eve.html"}
    for part in ("draw_overview", "overview_page"):
        monkeypatch.setattr(report, part, lambda *args: 1 / 0)
    unwritten = report.write_report(tmp_path / "again", WANTED, [record("ada")])
    assert [line.rpartition(":")[2] for line in unwritten] == [" division by zero"] * 2
    assert {path.name for path in (tmp_path / "again").iterdir()} == {"grades.csv", "results.json", "feedback"}


def test_a_place_taken_by_a_folder_costs_only_what_stands_there(tmp_path):
    (tmp_path / "feedback" / "ada.html").mkdir(parents=True)
    (unwritten,) = report.write_report(tmp_path, WANTED, [record("ada"), record("bob")])
    assert "cannot write" in unwritten
    assert (tmp_path / "feedback" / "bob.html").is_file()
    assert (tmp_path / "grades.csv").is_file()


def test_without_mistakes_there_is_one_picture(tmp_path):
    two = draw_overview(report.summarise(WANTED, [record("ada", 10)]))
    one = draw_overview({**report.summarise(WANTED, [record("ada", 10)]), "mistakes": []})
    assert (two.count('id="axes_'), one.count('id="axes_')) == (2, 1)


def test_what_was_quoted_as_code_is_shown_as_code():
    mine = record("ada", cells=["cell 1 stopped with NameError: x, in `a<b`", "cell 2: a `stray quote"])
    page = feedback_page(WANTED, mine)
    assert "in <code>a&lt;b</code></li>" in page
    assert "a `stray quote" in page


LONG = ["名" * 82, "名" * 85, "é" * 120, "e\u0301" * 80, "😀" * 60, "a" * 250, "W" * 150 + ".", "ａ" * 80]
ODD = [
    *("ada", "../ada", "/etc/passwd", ".ada", "ada.", "ada ", " ada", "é", "e\u0301", "a/b", "a\\b", "a\0b", "=x"),
    *("", ".", "..", "\x1b[31mada", "a\u202eda", "a\u200bda", "con", "CON", "nul.x", "com1", "a:b", "a*b?", "<b>"),
    *("a\nb", "%2e%2e", "ADA", "Ada", "ａda", "ﬁn", "fin", "Straße", "strasse", "-x", "#", "~", "$HOME", "\ud800"),
    *("a" * 300, "a" * 301),
]


def test_every_student_has_a_page_of_their_own_on_any_disk(tmp_path):
    names = [*ODD, *LONG, *(name + "x" for name in LONG)]
    pages = page_names(names)
    assert len(pages) == len(names)
    as_a_mac_sees_them = {unicodedata.normalize("NFKC", page).casefold() for page in pages.values()}
    assert len(as_a_mac_sees_them) == len(names)
    for page in pages.values():
        assert len(page.encode()) <= 143
        assert re.fullmatch(r"[\w .@+-]*\w[\w .@+-]*\.html", page)
        assert not page.startswith((".", "-", " "))
        assert page.split(".")[0].lower() not in {"con", "nul", "com1"}
        (tmp_path / page).touch()
    assert len(list(tmp_path.iterdir())) == len(names)


@given(st.lists(st.text(max_size=300), unique=True, max_size=8))
def test_any_names_get_different_pages(names):
    pages = page_names(names)
    assert len({unicodedata.normalize("NFC", page).casefold() for page in pages.values()}) == len(names)
    assert max((len(page.encode()) for page in pages.values()), default=0) <= 143


def test_a_plain_name_stays_the_name_of_the_page():
    for name in ("ada", "Ada Lovelace", "Zoé Lefèvre", "a.b@c.org", "李小龍", "x" * 100):
        assert page_name(name) == f"{name}.html"


def test_a_class_of_strange_names_has_a_report(tmp_path):
    names = [*ODD, *LONG]
    assert report.write_report(tmp_path, WANTED, [record(name) for name in names]) == []
    assert len(list((tmp_path / "feedback").iterdir())) == len(names)
    overview = Reader((tmp_path / "overview.html").read_text())
    for link in overview.attributes["a"]:
        assert (tmp_path / unquote(link["href"])).is_file()
