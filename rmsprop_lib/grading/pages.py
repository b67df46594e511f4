"""The pages of a report: readable on a phone, in the dark, without JavaScript, and by a screen reader."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from .assignment import Assignment
from .records import points, status
from .result import Result, sentence, with_code
from .which import RULE

MOST_MISTAKES = 15  # bars in the picture; the table has them all
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem;
  overflow-wrap: anywhere; }
table { border-collapse: collapse; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8888; vertical-align: top; }
th { white-space: nowrap; }
td.number { text-align: right; }
img { max-width: 100%; height: auto; background: #fff; }
pre, code { overflow-wrap: anywhere; white-space: pre-wrap; }
"""


def feedback_page(assignment: Assignment, record: Mapping[str, Any]) -> str:
    """What one student reads: each question, the points, what was seen and a hint."""
    results = [Result(**{**result, "mistakes": tuple(result["mistakes"])}) for result in record["results"]]
    title = f"{assignment.name}: {record['student']}"
    parts = [f"<h1>{escape(title)}</h1>"]
    if results:
        reached = f"{points(record):g} of {assignment.maximum} points"
        parts.append(f"<p><strong>{reached}</strong>, from the file {escape(record['file'])}</p>")
    else:
        parts.append(f"<p><strong>{status(record).capitalize()}</strong></p>")
    if record["problem"]:
        parts.append(f"<p>No answer could be read: {escape(record['problem'])}.</p>")
    for note in filter(None, (record["note"], record["changed"])):
        parts.append(f"<p>{escape(sentence(note))}.</p>")
    for exercise, result in zip(assignment.with_numbers(record["numbers"]).exercises, results, strict=False):
        question = "<br>".join(escape(line) for line in exercise.question.splitlines())
        parts.append(f"<h2>{escape(exercise.id)}</h2><p>{question}</p>{result._repr_html_()}")
    if record["cells"]:
        cells = "".join(f"<li>{with_code(told)}</li>" for told in record["cells"])
        parts.append(f"<h2>Cells that stopped</h2><ul>{cells}</ul>")
    return _page(title, "".join(parts))


def overview_page(summary: Mapping[str, Any], pages: Mapping[str, str]) -> str:
    """What the instructor reads: the distribution of points, which mistakes how often, and every student."""
    students, mistakes = summary["students"], summary["mistakes"]
    title = f"{summary['assignment']}: overview of the class"
    graded = sum(student["graded"] for student in students)
    others = f", {len(students) - graded} others" if graded < len(students) else ""
    rows = [[_student(s, pages[s["student"]]), s["points"]] for s in students]
    seen = [[escape(m["exercise"]), escape(m["mistake"]), m["students"]] for m in mistakes]
    body = (
        f"<h1>{escape(title)}</h1><p>{graded} hand-ins graded{others}; at most {summary['maximum']} points.</p>"
        f'<img src="overview.svg" alt="{escape(describe(summary))}">'
        f"<h2>Mistakes</h2>{_table(('exercise', 'mistake', 'students'), seen) if seen else '<p>None.</p>'}"
        f"<h2>Students</h2>{_table(('student', 'points'), rows)}<p>{escape(RULE)}</p>"
    )
    return _page(title, body)


def describe(summary: Mapping[str, Any]) -> str:
    """The picture in words."""
    points = sorted(_known_points(summary))
    if not points:
        return "There are no hand-ins yet."
    half = points[len(points) // 2]
    told = f"Points of {len(points)} students: from {points[0]:g} to {points[-1]:g}, median {half:g}"
    first = [f"{m['mistake']} in {m['exercise']} ({m['students']})" for m in summary["mistakes"][:3]]
    return f"{told}. Most frequent mistakes: {', '.join(first) or 'none'}."


def draw_overview(summary: Mapping[str, Any]) -> str:
    """The distribution of points above, and the counts of the mistakes below, if there are any, as SVG."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    mistakes = summary["mistakes"][:MOST_MISTAKES][::-1]
    ratios = (3, 1 + 0.28 * len(mistakes)) if mistakes else (3,)
    figure = Figure(figsize=(8, 1 + sum(ratios)), layout="constrained")
    above, *below = figure.subplots(len(ratios), 1, height_ratios=ratios, squeeze=False)[:, 0]
    above.hist(_known_points(summary), bins=[n - 0.5 for n in range(summary["maximum"] + 2)], edgecolor="white")
    above.set(xlabel="points", ylabel="students", xlim=(-0.5, summary["maximum"] + 0.5))
    axes = [above.xaxis, above.yaxis]
    for axis in below:
        axis.barh([f"{m['exercise']}: {m['mistake']}" for m in mistakes], [m["students"] for m in mistakes])
        axis.set(xlabel="students who made the mistake")
        axes.append(axis.xaxis)
    for axis in axes:
        axis.set_major_locator(MaxNLocator(integer=True))
    text = io.StringIO()
    with rc_context({"svg.hashsalt": summary["assignment"]}):
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _known_points(summary: Mapping[str, Any]) -> list[float]:
    return [student["points"] for student in summary["students"] if student["graded"]]


def _student(student: Mapping[str, Any], page: str) -> str:
    """The name, and below it why there are no points, or what else is to be said."""
    state = "" if student["status"] == "graded" else f"{student['status']}: "
    told = sentence(state + student["remarks"] or _seen(student))
    below = f"<br><small>{escape(told)}</small>" if told else ""
    return f'<a href="{quote(page)}">{escape(student["student"])}</a>{below}'


def _seen(student: Mapping[str, Any]) -> str:
    """Why somebody has no points whose notebook was read."""
    mistakes = dict.fromkeys(name for result in student["results"] for name in result["mistakes"])
    return f"no answer was right: {', '.join(mistakes)}" if student["points"] == 0 else ""


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>\n"
    )


def _table(head: tuple[str, ...], rows: list[list]) -> str:
    top = "".join(f'<th scope="col">{name}</th>' for name in head)
    body = "".join(f"<tr>{''.join(map(_data, row))}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _data(value) -> str:
    if isinstance(value, str):
        return f"<td>{value}</td>"
    return f'<td class="number">{"–" if value is None else format(value, "g")}</td>'
