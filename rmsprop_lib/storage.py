"""Runs and states in `.npz` files, without pickle: arrays as arrays, everything else as one text of JSON.

A file written by a stranger can be read safely: nothing in it is executed. Writing goes to a file beside the target
that then takes its name, so that a kill or a full disk leaves the old file or none, and never half of one.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .arrays import floating, host
from .optimizer import Optimizer

FORMAT = "rmsprop-textbook/1"


def save_state(path, optimizer: Optimizer, state) -> Path:
    """Write an optimizer's state, to go on from later: `load_state(path, optimizer)`. Returns the path, ending in .npz.

    state: what `init` or `step` gave, or `Trajectory.last`. The optimizer's own numbers are written with it.
    Raises TypeError when a hyper-parameter is a function of t, which a file cannot hold, and OSError when it cannot
    be written.
    """
    state = optimizer.check_state(state)
    arrays = {f"state.{n}": floating(f"state.{n}", a) for n, a in zip(state._fields[:-1], state[:-1], strict=True)}
    return write(path, arrays, {"optimizer": describe(optimizer), "t": state.t})


def load_state(path, optimizer: Optimizer):
    """The state in the file, for `optimizer.step` or `run(..., start=theta, state=...)`, which goes on bit for bit.

    Raises ValueError when the file holds something else or another optimizer's state; FileNotFoundError for no file.
    """
    arrays, header = read(path)
    names = tuple(n.removeprefix("state.") for n in arrays)
    wanted = optimizer.State._fields[:-1]
    saved, own = header.get("optimizer", {}).get("class"), _full_name(type(optimizer))
    if saved is not None and _class_named(own) and saved != own:  # Momentum and Nesterov have states of the same names
        raise ValueError(f"{path} must hold the state of {type(optimizer).__name__}, got that of {saved}")
    if "t" not in header or set(names) != set(wanted):
        raise ValueError(
            f"{path} must hold the state {_listed(wanted)} of {type(optimizer).__name__}, got {_listed(names)}"
        )
    return optimizer.check_state(optimizer.State(**{n: arrays[f"state.{n}"] for n in wanted}, t=header["t"]))


def write(path, arrays: Mapping[str, Any], header: Mapping[str, Any]) -> Path:
    """Write arrays and a JSON header to path (.npz is added where missing) at once or not at all; returns the path."""
    path = _with_suffix(_path(path))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder of {path.name} must be there, got {path.parent}")
    text = json.dumps({"format": FORMAT, **header})
    arrays = {name: host(name, array) for name, array in arrays.items()}
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with open(temporary, "xb") as file:
            np.savez(file, header=np.array(text), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def read(path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the header that `write` wrote; ValueError for any other file, FileNotFoundError for none."""
    path = _path(path)
    path = path if path.exists() else _with_suffix(path)
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
            header = json.loads(str(arrays.pop("header")))
    except FileNotFoundError:
        raise
    except Exception as error:  # a cut zip, a pickle, an array, a picture: NumPy has a different complaint for each
        raise ValueError(
            f"{path} must be a file written by this library, got one that cannot be read: {error}"
        ) from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ValueError(f"{path} must have the format {FORMAT!r}, got {header!r}")
    return arrays, header


def _path(path) -> Path:
    if not isinstance(path, str | os.PathLike) or isinstance(os.fspath(path), bytes):
        raise TypeError(f"path must be the name of a file, got {type(path).__name__}")
    return Path(path)


def _with_suffix(path: Path) -> Path:
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")


def describe(optimizer: Optimizer) -> dict[str, Any]:
    """An optimizer as JSON: {"class", "hyper"}, or {"custom": text} for a reader's own rule, which a file cannot hold.

    Raises TypeError, naming it, when a hyper-parameter is a function of t or an array.
    """
    name = type(optimizer).__qualname__
    if _class_named(_full_name(type(optimizer))) is not type(optimizer):
        return {"custom": repr(optimizer)}
    values = {f.name: getattr(optimizer, f.name) for f in dataclasses.fields(optimizer)}
    return {"class": _full_name(type(optimizer)), "hyper": {n: _plain(f"{name}.{n}", v) for n, v in values.items()}}


def rebuild(description: Mapping[str, Any]) -> Optimizer | None:
    """The optimizer that `describe` described; None for a reader's own rule. Raises ValueError for an unknown class."""
    if "custom" in description:
        return None
    cls = _class_named(description.get("class"))
    if cls is None:
        raise ValueError(f"the file names the optimizer {description.get('class')!r}, which this library does not have")
    return cls(**{n: _unplain(v) for n, v in description["hyper"].items()})


def _plain(name: str, value):
    """A hyper-parameter as JSON: a number, a choice, an optimizer, or the shapes of `matrix.ByPart`."""
    if isinstance(value, Optimizer):
        return {"optimizer": describe(value)}
    if isinstance(value, Mapping):
        return {"shapes": {part: list(shape) for part, shape in value.items()}}
    if isinstance(value, np.number):
        return value.item()
    if isinstance(value, bool | str | float | int | type(None)):
        return value
    kind = "a function of t" if callable(value) else type(value).__name__
    raise TypeError(f"{name} must be a number to be written to a file, got {kind}")


def _unplain(value):
    match value:
        case {"optimizer": description}:
            return rebuild(description)
        case {"shapes": shapes}:
            return {part: tuple(shape) for part, shape in shapes.items()}
    return value


def _full_name(cls) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


def _class_named(name) -> type | None:
    """An optimizer class of this library by its full name; never imports anything because a file says so."""
    module, _, cls = str(name).rpartition(".")
    if not module.startswith(f"{__package__}."):
        return None
    found = getattr(sys.modules.get(module), cls, None)
    return found if isinstance(found, type) and issubclass(found, Optimizer) and _full_name(found) == name else None


def _listed(names) -> str:
    return ", ".join(names) or "without arrays"
