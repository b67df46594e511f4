"""From the source of a rule to a program: a list of operations on whole arrays, which each backend turns into its own
code.

Only what the rules of the book use is understood: assignments, + - * / ** and a few NumPy functions, calls of other
rules.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


class CannotCompile(ValueError):
    """The rule uses something that `program_of` does not understand."""


@dataclass(frozen=True)
class Operation:
    """`result = name(*operands)`. A value is a number: 0 is theta, 1 grad, then the state, then results in order.

    A scalar operand is a negative number: -1 is the first of the program's `scalars`.
    """

    name: str
    operands: tuple[int, ...]
    result: int


@dataclass(frozen=True)
class Program:
    """The operations of one step.

    arrays: names of the inputs, theta first, then grad and the state. scalars: Python expressions of the
    hyper-parameters and t, evaluated once per step. outputs: the value that becomes theta, and the value of each state.
    """

    arrays: tuple[str, ...]
    scalars: tuple[str, ...]
    operations: tuple[Operation, ...]
    outputs: tuple[int, ...]


@functools.cache
def program_of(rule: Callable, slots: tuple[str, ...]) -> Program:
    """The program of a rule whose state has the given names; CannotCompile, naming what is not understood."""
    names = tuple(inspect.signature(rule).parameters)
    arrays = (*names[:2], *slots)
    compiler = _Compiler(len(arrays))
    env = {name: arrays.index(name) if name in arrays else name for name in names}
    result = compiler.call(rule, env)
    outputs = result if isinstance(result, tuple) else (result,)
    if len(outputs) != 1 + len(slots) or not all(isinstance(o, int) and o >= 0 for o in outputs):
        raise CannotCompile(f"{rule.__name__} does not return theta and its state")
    inputs = {0, *range(2, len(arrays))}
    homes = (0, *range(2, len(arrays)))
    if len(set(outputs)) < len(outputs) or any(
        o in inputs and o != home for o, home in zip(outputs, homes, strict=True)
    ):
        raise CannotCompile(f"{rule.__name__} returns one of its arguments in the place of another")
    return Program(arrays, tuple(compiler.scalars), tuple(compiler.operations), outputs)


def elementwise(optimizer) -> bool:
    """Whether no number of θ looks at another: the book's rules say so, of a reader's one must be able to see it."""
    rule = type(optimizer).rule
    if not optimizer.elementwise or of_the_book(rule):
        return optimizer.elementwise
    try:
        program_of(rule, tuple(optimizer.slots))
    except CannotCompile:
        return False
    return True


def of_the_book(rule: Callable) -> bool:
    """Whether the rule is one of this library's own."""
    return str(getattr(rule, "__module__", "")).startswith(f"{__package__.partition('.')[0]}.")


_OPERATORS = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
# What a rule may call: its name among the operations, and how many operands it takes.
_FUNCTIONS = {np.sqrt: ("sqrt", 1), np.abs: ("absolute", 1), abs: ("absolute", 1), np.sign: ("sign", 1),
              np.square: ("square", 1), np.maximum: ("maximum", 2), np.minimum: ("minimum", 2)}  # fmt: skip


class _Compiler:
    """Walks the syntax tree of a rule. A value is an int for an array, or the text of an expression for a scalar."""

    def __init__(self, inputs: int):
        self.count = inputs
        self.operations: list[Operation] = []
        self.scalars: list[str] = []

    def call(self, rule, env):
        """What the rule returns, when its parameters are bound as in env."""
        try:
            (definition,) = ast.parse(textwrap.dedent(inspect.getsource(rule))).body
        except (OSError, TypeError, SyntaxError, ValueError):
            raise CannotCompile(f"the source of {getattr(rule, '__name__', rule)} cannot be read") from None
        wrapped = hasattr(rule, "__wrapped__")  # Python then shows the source of what is inside
        if not isinstance(definition, ast.FunctionDef) or wrapped or rule.__closure__:
            raise CannotCompile(f"{rule.__name__} is not a plain function")
        env = dict(env)
        for statement in definition.body:
            if isinstance(statement, ast.Return):
                return self.value(statement.value, env, rule)
            if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
                self.assign(statement.targets[0], self.value(statement.value, env, rule), env, rule)
            elif not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):  # a docstring
                self.refuse(statement, rule)
        raise CannotCompile(f"{rule.__name__} returns nothing")

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
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return repr(number)
            case ast.Tuple(elts=parts):
                return tuple(self.value(part, env, rule) for part in parts)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                value = self.value(inner, env, rule)
                return f"(-{value})" if isinstance(value, str) else self.emit("negative", value)
            case ast.BinOp(left=left, op=operator, right=right):
                return self.binary(node, operator, self.value(left, env, rule), self.value(right, env, rule), rule)
            case ast.Call(func=function, args=arguments, keywords=[]):
                return self.function(node, function, [self.value(a, env, rule) for a in arguments], rule)
        self.refuse(node, rule)

    def binary(self, node, operator, left, right, rule):
        if isinstance(left, str) and isinstance(right, str) and type(operator) in _SYMBOLS:
            return f"({left} {_SYMBOLS[type(operator)]} {right})"
        if isinstance(left, tuple) or isinstance(right, tuple):
            self.refuse(node, rule)
        if isinstance(operator, ast.Pow) and isinstance(left, int) and right in ("2", "2.0", "0.5"):
            return self.emit("sqrt" if right == "0.5" else "square", left)
        if type(operator) not in _OPERATORS:
            self.refuse(node, rule)
        return self.emit(_OPERATORS[type(operator)], left, right)

    def function(self, node, function, arguments, rule):
        try:
            called = eval(compile(ast.Expression(function), "", "eval"), rule.__globals__)
        except Exception:
            self.refuse(node, rule)
        name, operands = _FUNCTIONS.get(called, ("", 0)) if callable(called) else ("", 0)
        if len(arguments) == operands and any(isinstance(a, int) for a in arguments):
            return self.emit(name, *arguments)
        if inspect.isfunction(called):  # another rule, such as Adam's inside AdamW's
            parameters = list(inspect.signature(called).parameters)
            if len(parameters) == len(arguments):
                return self.call(called, dict(zip(parameters, arguments, strict=True)))
        self.refuse(node, rule)

    def emit(self, name, *operands):
        """Add an operation, number its result."""
        numbers = tuple(self.scalar(o) if isinstance(o, str) else o for o in operands)
        self.operations.append(Operation(name, numbers, self.count))
        self.count += 1
        return self.count - 1

    def scalar(self, text):
        if text not in self.scalars:
            self.scalars.append(text)
        return -1 - self.scalars.index(text)

    def refuse(self, node, rule):
        raise CannotCompile(f"{rule.__name__} uses `{ast.unparse(node).splitlines()[0]}`, which cannot be compiled")
