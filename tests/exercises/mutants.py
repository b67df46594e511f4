"""Random edits of a function: what a hurried reader may write, and many things that nobody would.

Each mutant is a source with one edit, or a few: another operator, constant or name, a term dropped, an expression
wrapped in something else, a sum along another axis, or a result that is left as it came in for some inputs.
"""

import ast
import copy

import numpy as np

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
WRAPPERS = (
    *("abs({})", "-({})", "np.sign({})", "np.sqrt({})", "({})**2", "1 - ({})", "1 / ({})", "2 * ({})", "({}) / 2"),
    *("np.mean({})", "np.sum({})", "np.max({})", "np.min({})", "np.mean({}, axis=0)", "np.sum({}, axis=-1)"),
    *("np.mean({}, axis=-1, keepdims=True)", "np.max({}, axis=0, keepdims=True)", "np.linalg.norm({})", "np.abs({})"),
    *("np.transpose({})", "({})[::-1]", "np.ravel({})[0]", "np.ravel({})[-1]", "np.sort({})", "np.cumsum({})"),
    *("np.maximum({}, 0)", "np.maximum({}, 1e-8)", "np.minimum({}, 1)", "np.clip({}, -1, 1)", "np.clip({}, -1e5, 1e5)"),
    *("np.float32({})", "np.round({}, 6)", "np.nan_to_num({})", "np.triu({})", "np.exp({})", "np.log({})"),
)
CONSTANTS = (
    *(lambda c: c + 1, lambda c: c - 1, lambda c: 2 * c, lambda c: c / 2, lambda c: -c, lambda c: 10 * c),
    *(lambda c: 0, lambda c: 1, lambda c: c * 1.001),
)
# Inputs that a function may treat apart: {a} is one of its arguments.
CONDITIONS = (
    *("np.size({a}) == 1", "np.size({a}) > 1", "np.ndim({a}) > 1", "np.ndim({a}) > 2", "not np.any({a})"),
    *("np.any({a})", "np.all({a})", "np.all(np.asarray({a}) > 0)", "np.all(np.asarray({a}) < 0)"),
    *("np.any(np.asarray({a}) < 0)", "np.max(np.abs({a})) > 1e3", "np.max(np.abs({a})) < 1e-3", "np.ptp({a}) == 0"),
    *("np.max({a}) > 1", "np.size({a}) % 2 == 0", "np.size({a}) > 50", "np.sum({a}) < 0", "np.max({a}) == 0"),
)


def edits(source: str, parameters: tuple[str, ...]):
    """Every source that one edit makes of this one."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    names = sorted({node.id for node in nodes if isinstance(node, ast.Name) and node.id != "np"} | set(parameters))
    for place, node in enumerate(nodes):
        for new in _instead(node, names):
            yield _with(tree, place, new)
    first = next(i for i, node in enumerate(nodes) if isinstance(node, ast.FunctionDef))
    for line in range(len(nodes[first].body) - 1):
        changed = copy.deepcopy(tree)
        del list(ast.walk(changed))[first].body[line]
        yield ast.unparse(changed)


def apart(source: str, other: str, parameters: tuple[str, ...]):
    """Sources that follow another function for some inputs; both sources define the same name."""
    for name in parameters:
        for condition in CONDITIONS:
            name_of = ast.parse(source).body[0].name
            yield (
                f"{source}\none = {name_of}\n{other}\ntwo = {name_of}\n"
                f"def {name_of}({', '.join(parameters)}):\n"
                f"    chosen = two if {condition.format(a=name)} else one\n"
                f"    return chosen({', '.join(parameters)})\n"
            )


def several(source: str, parameters: tuple[str, ...], rng, number: int):
    """Sources with two or three edits, drawn at random."""
    for _ in range(number):
        text = source
        for _ in range(int(rng.integers(2, 4))):
            tree = ast.parse(text)
            nodes = list(ast.walk(tree))
            names = sorted({node.id for node in nodes if isinstance(node, ast.Name) and node.id != "np"})
            place = int(rng.integers(len(nodes)))
            choices = list(_instead(nodes[place], names))
            if choices:
                text = _with(tree, place, choices[int(rng.integers(len(choices)))])
        if text != source:
            yield text


def function(source: str, name: str):
    """The function that a source defines, or None if it is no Python."""
    space = {"np": np}
    try:
        exec(compile(source, "mutant", "exec"), space)
    except Exception:
        return None
    return space.get(name)


def _instead(node, names):
    if isinstance(node, ast.BinOp):
        for operator in OPERATORS:
            if not isinstance(node.op, operator):
                yield ast.BinOp(node.left, operator(), node.right)
        yield from (node.left, node.right, ast.BinOp(node.right, node.op, node.left))
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield from (ast.Constant(change(node.value)) for change in CONSTANTS if change(node.value) != node.value)
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        yield from (ast.Name(name, ast.Load()) for name in names if name != node.id)
    if isinstance(node, ast.Call) and node.args:
        yield node.args[0]
    if isinstance(node, ast.Compare):
        yield from (ast.Compare(node.left, [op()], node.comparators) for op in (ast.Lt, ast.GtE, ast.Eq, ast.NotEq))
    if isinstance(node, ast.BinOp | ast.Name | ast.Call | ast.Subscript) and not isinstance(
        getattr(node, "ctx", None), ast.Store
    ):
        text = ast.unparse(node)
        if text != "np":
            yield from (ast.parse(wrapper.format(text), mode="eval").body for wrapper in WRAPPERS)


def _with(tree, place, new):
    """The source of the tree with another node in one place."""
    tree = copy.deepcopy(tree)
    old = list(ast.walk(tree))[place]

    class Put(ast.NodeTransformer):
        def visit(self, node):
            return copy.deepcopy(new) if node is old else super().generic_visit(node)

    try:
        return ast.unparse(ast.fix_missing_locations(Put().visit(tree)))
    except Exception:
        return ""
