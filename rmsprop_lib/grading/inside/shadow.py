"""A stand-in for `rmsprop_lib` inside the jail: imports succeed, calls do nothing, and every use is noticed.

A hand-in may import the library to draw pictures or to check itself, and these cells must not crash. An answer that
leans on it has nothing to lean on, and the grader can say so in a sentence.
"""

import sys
import types
from importlib.machinery import ModuleSpec

MOST = 10_000  # uses, after which a loop that waits for a result must be waiting in vain

_touched = []  # names of the library's parts that were called or computed with


def touched():
    return len(_touched)


def last_touched():
    return _touched[-1]


class Shadow:
    """Any part of the library: it has every attribute, and every call and operation gives another shadow."""

    def __init__(self, name):
        object.__setattr__(self, "_name", name)

    def __getattr__(self, name):
        if name.startswith("__array") or name in ("__len__", "__index__", "__float__"):
            raise AttributeError(name)  # NumPy must not take a shadow for an array
        return Shadow(f"{self._name}.{name}")

    def __setattr__(self, name, value):
        pass

    def __repr__(self):
        return f"<{self._name}: the library is not here>"

    def __call__(self, *args, **kwargs):
        return _touch(self)

    def __iter__(self):
        _touch(self)
        return iter(())

    def __bool__(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return False

    def __mro_entries__(self, bases):
        return ()


def _touch(shadow):
    if len(_touched) >= MOST:
        raise RuntimeError("rmsprop_lib is not here: its parts do nothing while a hand-in is graded")
    _touched.append(shadow._name)
    return Shadow(shadow._name)


_PAIRS = ("add", "sub", "mul", "truediv", "floordiv", "pow", "mod", "matmul")
_OTHERS = ("neg", "pos", "abs", "lt", "le", "gt", "ge", "getitem", "setitem")
for _name in (*_PAIRS, *(f"r{name}" for name in _PAIRS), *_OTHERS):
    setattr(Shadow, f"__{_name}__", lambda self, *others: _touch(self))


class _Module(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Shadow(f"{self.__name__}.{name}")


class _Finder:
    def __init__(self, package):
        self.package = package

    def find_spec(self, name, path=None, target=None):
        if name == self.package or name.startswith(self.package + "."):
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return _Module(spec.name)

    def exec_module(self, module):
        pass


def install(package):
    """Answer every import of `package` and its parts with a shadow."""
    sys.meta_path.insert(0, _Finder(package))
