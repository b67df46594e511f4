"""What a cell may use that a script has not: magics, shell lines, `display`.

`%%time` and its like run what stands below them; every other magic and every shell line does nothing.
"""

import ast
import sys
import types

RUN_THE_BODY = ("time", "timeit", "capture", "prun")


def compile_cell(source, name):
    """The code of one cell. Raises SyntaxError for what is not Python, even with IPython's additions."""
    try:
        tree = ast.parse(source, name)
    except SyntaxError:
        transformed = _python_for(source)
        if transformed is None or transformed == source:
            raise
        tree = ast.parse(transformed, name)
    return compile(tree, name, "exec")


def install(space):
    """Give the cells that share `space` the names that a notebook gives them."""
    kernel = _Kernel(space)
    space.update(get_ipython=lambda: kernel, display=lambda *things, **options: None)


class _Kernel:
    def __init__(self, space):
        self.user_ns = space

    def run_cell_magic(self, name, line, body):
        if name in RUN_THE_BODY:
            exec(compile_cell(body, f"cell %%{name}"), self.user_ns)

    def run_line_magic(self, name, line):
        if name in RUN_THE_BODY and line:
            exec(compile_cell(line, f"cell %{name}"), self.user_ns)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **kwargs: None


def _python_for(source):
    """The cell with magics and shell lines written as calls, or None where IPython is not installed.

    IPython's own start takes longer than most hand-ins; its transformer needs none of it.
    """
    import importlib.util
    from pathlib import Path

    spec = importlib.util.find_spec("IPython")
    if spec is None:
        return None
    before = set(sys.modules)
    folder = Path(spec.origin).parent
    try:
        for name, part in (("IPython", folder), ("IPython.core", folder / "core"), ("IPython.utils", folder / "utils")):
            if name not in sys.modules:
                sys.modules[name] = types.ModuleType(name)
                sys.modules[name].__path__ = [str(part)]
        from IPython.core.inputtransformer2 import TransformerManager

        return TransformerManager().transform_cell(source)
    finally:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "IPython":
                del sys.modules[name]
