"""What a chapter's source promises about its numbers, as functions of the text."""

import re

GLUE = re.compile(r"""\bglue\(\s*(f?)["']([^"']+)["']""")
USED = re.compile(r"\{glue:\w+\}`([^`:]+)(?::[^`]*)?`")
CELL = re.compile(r"^(```+)\{code-cell\}.*?^\1\s*$", re.M | re.S)
FENCE = re.compile(r"^(```+)(?!\{(?:admonition|note|tip|warning)\}).*?^\1\s*$", re.M | re.S)
FIELD = re.compile(r"\{[^{}]*\}")
# A measured number: with a decimal point, with an exponent, in percent, or of three digits and more.
RESULT = re.compile(
    r"(?<![\w.])\d[\d\u202f ]*\.\d+(?:e[-+]?\d+)?|(?<![\w.])\d+e[-+]?\d+|\b\d+(?= ?%)|(?<![\w.,])\d{3,}(?![\w.])"
)


def cells(source: str) -> str:
    """The code of all cells."""
    return "\n".join(match.group(0) for match in CELL.finditer(source))


def defined(source: str) -> set[str]:
    """The names that cells glue; `{…}` in an f-string stands as `*`."""
    return {FIELD.sub("*", name) if prefix else name for prefix, name in GLUE.findall(cells(source))}


def used(source: str) -> set[str]:
    """The names that the prose shows."""
    return set(USED.findall(source))


def matches(name: str, patterns: set[str]) -> bool:
    """Whether a name is among the patterns, in which `*` stands for anything."""
    return any(re.fullmatch(re.escape(p).replace(r"\*", ".+"), name) for p in patterns)


def prose(source: str) -> str:
    """What is left for reading: no front matter, cells, other fences, formulas, code, roles, links, or exercises."""
    source = re.sub(r"\A---\n.*?^---\n", "", source, flags=re.M | re.S)
    source = re.sub(r"^## Exercises\n.*?(?=^## )", "", source, flags=re.M | re.S)
    source = FENCE.sub("", CELL.sub("", source))
    source = re.sub(r"\{[\w:]+\}`[^`]*`|\$\$.*?\$\$|\$[^$]*\$|`[^`]*`|\]\([^)]*\)", "", source, flags=re.S)
    return source


def typed_results(source: str) -> list[str]:
    """Numbers in the prose that look measured and that no cell has as a setting."""
    settings = {
        float(n.replace("_", "")) for n in re.findall(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?:e-?\d+)?", cells(source))
    }
    found = (n.replace("\u202f", "").replace(" ", "") for n in RESULT.findall(prose(source)))
    return [n for n in found if float(n) not in settings and not 1900 <= float(n) <= 2100]
