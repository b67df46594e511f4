"""The measured ratios as a page of Markdown."""

from __future__ import annotations

from benchmarks.goals import GOALS, OTHER


def text(found: dict) -> str:
    """The tables of one run of benchmarks.steps; ✗ marks what falls short of what is wanted."""
    machine = found["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items() if version)
    lines = [
        "# Steps beside peers",
        "",
        "Written by `python -m benchmarks.steps`, part of `make bench`. One core, processor time, methods in turn; a",
        "ratio is the median over the rounds. ✗: less than wanted.",
        "",
        f"{machine['machine']}, {machine['processors']} processors, load {machine['load']} at the start; Python "
        f"{machine['python']}, {packages}.",
        "",
        "| peer's time / ours, unless said | n | float32 | float64 | wanted |",
        "|---|--:|--:|--:|--:|",
    ]
    values = {(row["what"], row["n"], row["dtype"]): row for row in found["ratios"]}
    for goal in GOALS:
        for size in goal.wanted:
            cells = [_cell(values.get((goal.title, size, dtype))) for dtype in ("float32", "float64")]
            if any(cells):
                lines.append(f"| {goal.title} | {size:.0e} | {' | '.join(cells)} | {goal.words(size)} |")
    lines += ["", "| other work | measured | wanted |", "|---|--:|--:|"]
    for name, value in found["other"].items():
        wanted, sign = OTHER[name.partition(":")[0]]
        met = value <= wanted if sign == "≤" else value >= wanted
        lines.append(f"| {name} | {value:.3g}{'' if met else ' ✗'} | {sign} {wanted:g} |")
    lines += ["", *(f"{name} was left out: {reason}" for name, reason in found["missing"].items())]
    return "\n".join(lines).rstrip() + "\n"


def _cell(row) -> str:
    return f"{row['ratio']:.2f}{'' if row['met'] else ' ✗'}" if row else ""
