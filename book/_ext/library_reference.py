"""The library reference: `{public-names}` lists what a module makes public, from the code itself.

    ```{public-names} rmsprop_lib
    :defined-in: optimizers
    ```

lists the names in `rmsprop_lib.__all__` (of a module without `__all__`: what it defines and does not hide) that are
defined in `rmsprop_lib.optimizers` or below it, in the order of the source. The docstrings' plain style
(`name: what it is`) becomes a list, and an optimizer shows the source of its rule.
"""

from __future__ import annotations

import importlib
import inspect
import re
import types
from collections.abc import Mapping
from typing import ClassVar

from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

PACKAGE = "rmsprop_lib"
ARGUMENT = re.compile(r"(?P<names>[a-z]\w*(?:, [a-z]\w*)*(?:\([\w, =.]*\))?): (?P<text>\S.*)")


class PublicNames(SphinxDirective):
    required_arguments = 1
    option_spec: ClassVar = {"defined-in": directives.unchanged_required}

    def run(self):
        module = importlib.import_module(self.arguments[0])
        homes = [f"{PACKAGE}.{part}" for part in self.options.get("defined-in", "").split()]
        lines = ["```{eval-rst}"]
        for wanted in homes or (None,):
            for name, thing in public(module):
                if wanted is None or f"{home(thing)}.".startswith(f"{wanted}."):
                    lines += [*entry(f"{module.__name__}.{name}", thing), ""]
        if len(lines) == 1:
            raise self.error(f"{module.__name__} has no public name that is defined in {', '.join(homes)}")
        return self.parse_text_to_nodes("\n".join([*lines, "```"]))


def public(module: types.ModuleType) -> list[tuple[str, object]]:
    """The public names of a module that are no modules, with what they stand for, in the order of the source."""
    own = [name for name, thing in vars(module).items() if name[0] != "_" and home(thing) == module.__name__]
    things = [(name, getattr(module, name)) for name in getattr(module, "__all__", own)]
    return sorted((t for t in things if not inspect.ismodule(t[1])), key=lambda t: (home(t[1]), _line(t[1])))


def entry(name: str, thing: object) -> list[str]:
    """The reStructuredText that documents one public thing."""
    if inspect.isclass(thing):
        return [f".. autoclass:: {name}{_arguments(thing)}", "   :members:", "   :exclude-members: State"]
    if callable(thing):
        return [f".. autofunction:: {name}"]
    keys = ", ".join(f"`{key}`" for key in thing) if isinstance(thing, Mapping) else f"`{thing!r}`"
    return [f".. py:data:: {name}", "", f"   {type(thing).__name__} of {keys}"]


def _arguments(cls: type) -> str:
    """What its `__init__` takes, which is what a person gives; Sphinx would show those of a `__new__` before it."""
    if cls.__init__ is object.__init__:
        return ""
    _, *parameters = inspect.signature(cls.__init__).parameters.values()
    return str(inspect.Signature([p.replace(annotation=p.empty) for p in parameters]))


def home(thing: object) -> str:
    """The module in which a class or a function is defined; empty for anything else."""
    return thing.__module__ if inspect.isclass(thing) or inspect.isfunction(thing) else ""


def _line(thing: object) -> int:
    return inspect.getsourcelines(thing)[1] if home(thing) else 0


def as_rst(lines: list[str]) -> list[str]:
    """A docstring of ours as reStructuredText: lines `name: text` become a list, and a star is a star."""
    out: list[str] = []
    in_list = False
    for line in lines:
        sentence_ended = not out or out[-1][-1:] in ("", ".", ":")
        match = ARGUMENT.fullmatch(line)
        if not line.strip() or line[0] == " " or line.startswith((".. ", ">>>")):
            in_list = in_list and bool(line.strip())
            out.append(line)
        elif match and (in_list or sentence_ended):
            out += [""] * (not in_list and bool(out) and bool(out[-1]))
            out += [f"``{match['names']}``", f"    {_plain(match['text'])}"]
            in_list = True
        elif in_list and not sentence_ended:
            out.append(f"    {_plain(line)}")
        else:
            out += [""] * in_list
            out.append(_plain(line))
            in_list = False
    return out


def _plain(text: str) -> str:
    """Escape stars and bars outside `code`, where reStructuredText would read emphasis and substitutions."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"(?<!\\)[*|]", r"\\\g<0>", part) for part in parts)


def _process(app, what, name, obj, options, lines):
    if not name.startswith(PACKAGE):
        return
    lines[:] = as_rst(lines)
    rule = vars(obj).get("rule") if what == "class" else None
    if rule is not None:
        source = inspect.getsource(rule.__func__).splitlines()
        lines += ["", ".. code-block:: python", "", *(f"    {line}" for line in source), ""]


def setup(app):
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
