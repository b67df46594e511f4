"""What the report says, and that no student can write more into it than text."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest

from rmsprop_lib.grading import assignment, check, gradebook, report
from rmsprop_lib.grading.judge import Graded
from rmsprop_lib.grading.page_names import page_name
from rmsprop_lib.grading.pages import describe, draw_overview, feedback_page

WANTED = assignment.find("rmsprop")


def record(student, *answers, **other):
    """A record as the journal holds it, for answers to first-step-factor; the other exercises are not answered."""
    results = []
    for exercise in WANTED.exercises:
        empty = (lambda theta, grad, v, lr, beta, eps: (theta, v)) if exercise.kind == "code" else ...
        given = answers[0] if answers and exercise.id == "first-step-factor" else empty
        result = check(exercise.id, given)
        results.append({**vars(result), "mistakes": list(result.mistakes)})
    rest = {**vars(Graded(())), "cells": [], "results": results, "note": "", "changed": "", "digest": "0af3"}
    return {"student": student, "file": f"{student}.ipynb", "numbers": {}, **rest, **other}


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


def test_every_student_has_a_page_of_their_own():
    names = [
        "ada",
        "../ada",
        "/etc/passwd",
        "ADA",
        ".ada",
        "ada.",
        "a" * 300,
        "a" * 301,
        "é",
        "a/b",
        "a\\b",
        "a\0b",
        "=x",
    ]
    pages = [page_name(name) for name in names]
    assert len(set(pages)) == len(names)
    for page in pages:
        assert "/" not in page
        assert not page.startswith(".")
        assert len(page.encode()) < 255
