"""The walk over the syntax tree of a rule that `program_of` makes its program with."""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
import weakref
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


class CannotCompile(ValueError):
    """The rule uses something that `program_of` does not understand."""


@dataclass(frozen=True)
class Operation:
    """`result = name(*operands)`, on values by their numbers."""

    name: str
    operands: tuple[int, ...]
    result: int


_OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
              ast.BitAnd: "logical_and", ast.BitOr: "logical_or"}  # fmt: skip
_COMPARISONS = {ast.Gt: "greater", ast.GtE: "greater_equal", ast.Lt: "less", ast.LtE: "less_equal", ast.Eq: "equal",
                ast.NotEq: "not_equal"}  # fmt: skip
_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.Gt: ">", ast.GtE: ">=",
            ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
            ast.In: "in", ast.NotIn: "not in", ast.And: "and", ast.Or: "or"}  # fmt: skip
# What a rule may call on arrays: its name among the operations, and how many operands it takes.
_FUNCTIONS = {np.sqrt: ("sqrt", 1), np.abs: ("absolute", 1), abs: ("absolute", 1), np.sign: ("sign", 1),
              np.square: ("square", 1), np.negative: ("negative", 1), np.add: ("add", 2),
              np.subtract: ("subtract", 2), np.multiply: ("multiply", 2), np.divide: ("divide", 2),
              np.maximum: ("maximum", 2), np.minimum: ("minimum", 2), np.where: ("select", 3),
              np.logical_and: ("logical_and", 2), np.logical_or: ("logical_or", 2),
              np.logical_not: ("logical_not", 1)}  # fmt: skip
_MASKS = frozenset(_COMPARISONS.values()) | {"logical_and", "logical_or", "logical_not"}
# And on numbers, where nothing is wider than a Python float.
_OF_NUMBERS = {abs, min, max, float, int, *(f for f in vars(math).values() if callable(f))}
_TREES: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()


class Compiler:
    """A value is an int for an array, the text of an expression for a number, or a tuple of values."""

    def __init__(self, inputs: int, constants: Mapping | None, changing: Mapping, wide: str, exact: bool):
        self.kinds = ["f"] * inputs
        self.operations: list[Operation] = []
        self.scalars: list[tuple[str, str]] = []
        self.tests: dict[str, bool] = {}
        self.functions: dict = {}
        self.constants, self.changing, self.wide, self.exact = constants, changing, wide, exact
        self.made: dict[int, Operation] = {}

    def call(self, rule, env):
        """What the rule returns, when its parameters are bound as in env."""
        result = self.block(_tree(rule).body, dict(env), rule)
        if result is None:
            raise CannotCompile(f"{rule.__name__} returns nothing")
        return result

    def block(self, statements, env, rule):
        """What the statements return; None when they come to their end without."""
        for statement in statements:
            match statement:
                case ast.Return(value=ast.expr() as value):
                    return self.value(value, env, rule)
                case ast.Assign(targets=[target], value=value):
                    self.assign(target, self.value(value, env, rule), env, rule)
                case ast.If(test=test, body=body, orelse=orelse):
                    result = self.block(body if self.holds(test, env, rule) else orelse, env, rule)
                    if result is not None:
                        return result
                case ast.Expr(value=ast.Constant()) | ast.Pass():  # a docstring
                    pass
                case _:
                    self.refuse(statement, rule)
        return None

    def assign(self, target, value, env, rule):
        if isinstance(target, ast.Name):
            env[target.id] = value
        elif isinstance(target, ast.Tuple) and isinstance(value, tuple) and len(value) == len(target.elts):
            for part, item in zip(target.elts, value, strict=True):
                self.assign(part, item, env, rule)
        else:
            self.refuse(target, rule)

    def value(self, node, env, rule):
        match node:
            case ast.Name(id=name) if name in env:
                return env[name]
            case ast.Constant(value=int() | float() | str() | None as constant):
                return repr(constant)
            case ast.Tuple(elts=parts):
                return self.values(parts, env, rule)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value = self.value(inner, env, rule)
                return f"(-{value})" if isinstance(value, str) else self.emit(node, rule, "negative", value)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return f"(not {self.number(inner, env, rule)})"
            case ast.UnaryOp(op=ast.Invert(), operand=inner):
                return self.emit(node, rule, "logical_not", self.value(inner, env, rule))
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(node, operator, self.value(left, env, rule), self.value(right, env, rule), rule)
            case ast.BoolOp(op=operator, values=parts):
                return f"({f' {_SYMBOLS[type(operator)]} '.join(self.number(p, env, rule) for p in parts)})"
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return self.binary(node, operator, self.value(left, env, rule), self.value(right, env, rule), rule)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.choice(test, body, orelse, env, rule)
            case ast.Call(func=function, args=arguments, keywords=[]):
                return self.function(node, function, arguments, env, rule)
        self.refuse(node, rule)

    def choice(self, test, body, orelse, env, rule):
        """`body if test else orelse`: a number that changes with t, or the branch that is taken."""
        text = self.number(test, env, rule)
        if self.changes(text):
            both = self.attempt(body, env, rule), self.attempt(orelse, env, rule)
            if all(isinstance(value, str) for value in both):
                return "1.0" if all(map(self.is_one, both)) else f"({both[0]} if {text} else {both[1]})"
        return self.value(body if self.holds(test, env, rule) else orelse, env, rule)

    def attempt(self, node, env, rule):
        try:
            return self.value(node, env, rule)
        except CannotCompile:  # which matters only where this branch is taken
            return None

    def values(self, nodes, env, rule) -> tuple:
        """The values of a tuple or of the arguments of a call, starred ones laid out."""
        values = []
        for node in nodes:
            value = self.value(node.value if isinstance(node, ast.Starred) else node, env, rule)
            if isinstance(node, ast.Starred) and not isinstance(value, tuple):
                self.refuse(node, rule)
            values += value if isinstance(node, ast.Starred) else [value]
        return tuple(values)

    def number(self, node, env, rule) -> str:
        value = self.value(node, env, rule)
        return value if isinstance(value, str) else self.refuse(node, rule)

    def binary(self, node, operator, left, right, rule):
        if isinstance(left, str) and isinstance(right, str) and type(operator) in _SYMBOLS:
            return f"({left} {_SYMBOLS[type(operator)]} {right})"
        if isinstance(operator, ast.Pow) and isinstance(left, int) and right in ("2", "2.0", "0.5"):
            return self.emit(node, rule, "sqrt" if right == "0.5" else "square", left)
        name = _OPERATORS.get(type(operator)) or _COMPARISONS.get(type(operator))
        return self.emit(node, rule, name, left, right) if name else self.refuse(node, rule)

    def function(self, node, function, nodes, env, rule):
        try:
            called = eval(compile(ast.Expression(function), "", "eval"), rule.__globals__)
        except Exception:
            self.refuse(node, rule)
        if called is isinstance and len(nodes) == 2 and ast.unparse(nodes[1]) in _TYPES:
            number = self.known(self.number(nodes[0], env, rule))  # its type is the same at every step
            return self.refuse(node, rule) if number is _UNKNOWN else repr(isinstance(number, _TYPES[nodes[1].id]))
        arguments = self.values(nodes, env, rule)
        if called is np.clip and len(arguments) == 3 and isinstance(arguments[0], int):
            raised = self.emit(node, rule, "maximum", arguments[0], arguments[1])
            return self.emit(node, rule, "minimum", raised, arguments[2])
        try:
            name, operands = _FUNCTIONS.get(called, ("", 0))
        except TypeError:  # something that cannot be looked up
            self.refuse(node, rule)
        if len(arguments) == operands and any(isinstance(a, int) for a in arguments):
            return self.emit(node, rule, name, *arguments)
        if inspect.isfunction(called):  # another rule, such as Adam's inside AdamW's
            parameters = list(inspect.signature(called).parameters)
            if len(parameters) == len(arguments):
                return self.call(called, dict(zip(parameters, arguments, strict=True)))
        return self.called(node, called, arguments, rule)

    def called(self, node, called, arguments, rule):
        """A function of numbers, as text. One of NumPy's makes a float64 of them, which would widen float32 arrays."""
        narrow = called in _OF_NUMBERS or (isinstance(called, np.ufunc) and self.wide == "f")
        if self.constants is None or not narrow or not all(isinstance(a, str) for a in arguments):
            self.refuse(node, rule)
        name = f"__{type(called).__name__}_{called.__name__}"
        self.functions |= {name: called}
        return f"{name}({', '.join(arguments)})"

    def holds(self, node, env, rule) -> bool:
        """Which way a branch goes; noted when this depends on what changes with t."""
        text = self.number(node, env, rule)
        value = self.known(text)
        if value is _UNKNOWN:
            self.refuse(node, rule)
        if self.changes(text):
            self.tests[text] = bool(value)
        return bool(value)

    def known(self, text):
        """The value of an expression at this step."""
        if self.constants is None and _names(text):
            return _UNKNOWN
        try:
            space = (self.constants or {}) | self.changing | self.functions
            return eval(text, {"__builtins__": {}}, space)
        except Exception:
            return _UNKNOWN

    def changes(self, text) -> bool:
        return not _names(text).isdisjoint(self.changing)

    def is_one(self, value) -> bool:
        """Whether a value is the number 1 at every step, times which everything stays bit for bit the same."""
        if not isinstance(value, str) or self.changes(value):
            return False
        known = self.known(value)
        return isinstance(known, int | float) and known == 1

    def emit(self, node, rule, name, *values):
        """Add an operation; the number of its result."""
        if any(isinstance(v, tuple) for v in values) or not any(isinstance(v, int) for v in values):
            self.refuse(node, rule)
        if name == "divide" and isinstance(values[0], int) and isinstance(values[1], str) and not self.exact:
            name, values = "multiply", (f"(1 / {values[1]})", values[0])
        if name == "multiply" and not self.exact:
            values = self.gathered(*values)
        if name in ("multiply", "divide") and self.is_one(values[-1]):
            return values[0]
        if name == "multiply" and self.is_one(values[0]):
            return values[1]
        kinds = [self.kinds[v] if isinstance(v, int) else "s" for v in values]
        if not _fit(name, kinds):
            self.refuse(node, rule)
        return self.add(name, values, kinds)

    def add(self, name, values, kinds):
        operands = [k for k in kinds if k in "fd"]
        kind = self.wide if "d" in operands or not operands else "f"
        numbers = tuple(v if isinstance(v, int) else self.scalar(v, kind) for v in values)
        operation = Operation(name, numbers, len(self.kinds))
        self.operations.append(operation)
        self.made[operation.result] = operation
        self.kinds.append("b" if name in _MASKS else kind)
        return operation.result

    def gathered(self, left, right):
        """a * (b * x) as (a * b) * x for numbers a and b."""
        if isinstance(right, str):
            left, right = right, left
        inner = self.made.get(right) if isinstance(left, str) else None
        if inner is not None and inner.name == "multiply" and inner.operands[0] < 0:
            return f"({left} * {self.scalars[-1 - inner.operands[0]][0]})", inner.operands[1]
        return left, right

    def scalar(self, text, kind) -> int:
        if (text, kind) not in self.scalars:
            self.scalars.append((text, kind))
        return -1 - self.scalars.index((text, kind))

    def refuse(self, node, rule):
        raise CannotCompile(f"{rule.__name__} uses `{ast.unparse(node).splitlines()[0]}`, which cannot be compiled")


_UNKNOWN = object()
_TYPES = {"float": float, "int": int}


def _names(text: str) -> set[str]:
    return set(compile(text, "", "eval").co_names)


def _fit(name: str, kinds: list[str]) -> bool:
    """Whether an operation understands operands of these kinds: masks, arrays, and "s" for numbers."""
    if name.startswith("logical"):
        return set(kinds) == {"b"}
    if name == "select":
        return kinds[0] == "b" and "b" not in kinds[1:]
    return "b" not in kinds


def _tree(rule) -> ast.FunctionDef:
    """The syntax tree of a plain function; CannotCompile for anything else."""
    try:
        if rule not in _TREES:
            _TREES[rule] = ast.parse(textwrap.dedent(inspect.getsource(rule))).body
        (definition,) = _TREES[rule]
    except (OSError, TypeError, SyntaxError, ValueError):
        raise CannotCompile(f"the source of {getattr(rule, '__name__', rule)} cannot be read") from None
    wrapped = hasattr(rule, "__wrapped__")  # Python then shows the source of what is inside
    if not isinstance(definition, ast.FunctionDef) or wrapped or rule.__closure__:
        raise CannotCompile(f"{rule.__name__} is not a plain function")
    return definition
