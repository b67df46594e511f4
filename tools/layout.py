"""The rules of the layout, as functions of a folder: which way imports point, how long a file is, what no file says."""

from __future__ import annotations

import ast
import re
import types
from collections.abc import Iterator
from pathlib import Path

# Who stands on whom: a module imports only what stands in a lower row. The names are those of files and folders.
ROWS = (
    {"arrays", "written_out"},
    {"hyper"},
    {"optimizer", "datasets"},
    {"optimizers", "schedules", "problems", "storage"},
    {"conventions", "descendants", "fused", "matrix", "trajectory"},
    {"models"},
    {"runner"},
    {"sweeping"},
    {"tuning"},
    {"figures"},
    {"widgets"},
)
# Two that stand beside the rows.
BESIDE = {"exercises": {"arrays", "hyper", "optimizer", "optimizers", "problems"}, "grading": {"exercises"}}
ALSO = {"widgets": {"exercises"}}  # a quiz asks what the exercises ask
OPTIONAL = {"cupy", "numba", "dask", "distributed"}
MAX_LINES = 400
SOURCES = {".py", ".js"}
TEXTS = SOURCES | {".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".cff", ".css", ".sh", ".html", ".bib", ""}
NOT_OURS = {"vendor", "static", "goldens", "node_modules", "_build", "__pycache__"}
# Temporary and home folders; the brackets keep this line from matching itself.
MACHINE_PATH = re.compile(r"(?<![\w.}])/(?:tm[p]|roo[t]|hom[e]/\w+|User[s]/\w+)/")


def files(root: Path) -> Iterator[Path]:
    """Every file of ours under root: nothing built, vendored or hidden, but .ci and .github."""
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".github"}
        if hidden or path.name in NOT_OURS:
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def import_faults(package: Path) -> list[str]:
    """One sentence for each import inside `package` that points the wrong way or comes too early."""
    faults = []
    for path in (p for p in files(package) if p.suffix == ".py"):
        place = path.relative_to(package)
        module = place.parts[0].removesuffix(".py")
        tree = ast.parse(path.read_text("utf8"))
        for name in sorted(_imported_parts(tree, package, place)):
            if fault := _direction_fault(module, name):
                faults.append(f"{place}: {fault}")
        for name in sorted(_imported_at_the_top(tree) & OPTIONAL):
            faults.append(f"{place}: {name} is optional: import it inside the function that needs it")
    return faults


def _direction_fault(module: str, imported: str) -> str | None:
    if imported == module:
        return None
    if imported == "grading":
        return "imports grading, which only the book and the tests may"
    if module == "__init__":
        return None
    for name in (module, imported):
        if _row(name) is None and name not in BESIDE:
            return f"{name} has no place yet: add it to tools/layout.py"
    allowed = BESIDE.get(module)
    if allowed is None:
        allowed = set().union(*ROWS[: _row(module)], ALSO.get(module, ()))
    return None if imported in allowed else f"{module} imports {imported}, which does not stand below it"


def _row(name: str) -> int | None:
    return next((number for number, row in enumerate(ROWS) if name in row), None)


def _imported_parts(tree: ast.Module, package: Path, place: Path) -> set[str]:
    """The parts of the package that the file imports, wherever in the file it does so."""
    parts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            dotted = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = _start_of(node, package, place)
            dotted = [[*start, alias.name] for alias in node.names]
        else:
            continue
        for names in dotted:
            if names[0] == package.name and len(names) > 1 and _is_part(package, names[1]):
                parts.add(names[1])
    return parts


def _start_of(node: ast.ImportFrom, package: Path, place: Path) -> list[str]:
    module = node.module.split(".") if node.module else []
    if not node.level:
        return module
    here = [package.name, *place.parts[:-1]]
    return [*here[: len(here) - node.level + 1], *module]


def _is_part(package: Path, name: str) -> bool:
    return (package / f"{name}.py").exists() or (package / name / "__init__.py").exists()


def _imported_at_the_top(tree: ast.Module) -> set[str]:
    """Top-level packages imported when the file is imported: everywhere but in functions."""
    names, nodes = set(), list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
        nodes += ast.iter_child_nodes(node)
    return names


def length_faults(root: Path) -> list[str]:
    """One sentence for each source file that is too long to read at a sitting."""
    sizes = ((p, len(p.read_text("utf8").splitlines())) for p in files(root) if p.suffix in SOURCES)
    return [f"{p.relative_to(root)}: at most {MAX_LINES} lines wanted, got {n}" for p, n in sizes if n > MAX_LINES]


def path_faults(root: Path) -> list[str]:
    """One sentence for each line that names a folder of somebody's machine."""
    faults = []
    for path in (p for p in files(root) if p.suffix in TEXTS):
        for number, line in enumerate(path.read_text("utf8").splitlines(), 1):
            if found := MACHINE_PATH.search(line):
                faults.append(f"{path.relative_to(root)}:{number}: names a folder of one machine, {found[0]}")
    return faults


def docstring_faults(namespace) -> list[str]:
    """One sentence for each public name without documentation: a line for a module, more for anything else."""
    faults = []
    for name in namespace.__all__:
        thing = getattr(namespace, name)
        own = vars(thing).get("__doc__") if isinstance(thing, type) else thing.__doc__  # not a parent's
        wanted = 1 if isinstance(thing, types.ModuleType) else 2
        if len((own or "").strip().splitlines()) < wanted:
            faults.append(f"{name}: a docstring of {wanted} lines or more wanted, got {own!r}")
    return faults
