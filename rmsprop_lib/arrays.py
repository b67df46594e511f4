"""One door for arrays: behind it whatever came in is a plain array of NumPy or CuPy, or was refused by name.

A rule multiplies with `*` and squares with `**`. These are matrix products for a sparse matrix or `np.matrix`, leave
entries out for a masked array and look at labels for a table, so that a rule may only see plain arrays.
"""

from __future__ import annotations

import numpy as np

_OPERATORS = ("__array_ufunc__", "__array_function__", "__add__", "__sub__", "__mul__", "__truediv__", "__pow__")


def plain(name: str, value) -> np.ndarray:
    """`value` as a plain array of numbers: of NumPy's own type, aligned, in this machine's byte order, or on a device.

    A plain array comes back as it is, so that `plain(name, a) is a` tells one. Lists, memory maps, tables, tensors and
    whatever else NumPy can read become plain; what they point to is shared where it can be. Raises TypeError, naming
    it, for what NumPy cannot read (the message says why), for a sparse array, masked entries, an array whose operators
    are its own, such as `np.matrix` or one with units, and for anything that holds no numbers.
    """
    if type(value) is not np.ndarray:
        if on_device(value):
            return value
        array = _read(name, value)
    else:
        array = value
    if array.dtype.kind not in "fiucb":
        of = "" if array.dtype == object else f" of {array.dtype}"
        raise TypeError(f"{name} must be an array of numbers, got {_kind(value)}{of}")
    if array.flags.aligned and array.dtype.isnative:
        return array
    return array.astype(array.dtype.newbyteorder("="))


def floating(name: str, value):
    """`value` as a plain array of real floating-point numbers; TypeError naming it otherwise."""
    array = plain(name, value)
    if array.dtype.char in "efdg":
        return array
    advice = {
        "i": "; convert it first, for example with astype(float)",
        "c": "; treat a complex number as two real parameters",
    }
    raise TypeError(
        f"{name} must be an array of floating-point numbers, got {array.dtype}{advice.get(array.dtype.kind, '')}"
    )


def same_shape(name: str, value, theta, dtype=None, shape=None):
    """`value` as a plain floating array beside θ, of `shape` or θ's, in `dtype` or θ's.

    Lists and numbers are moved to θ's device, arrays are not. Raises ValueError for another shape, TypeError for
    anything else, naming it.
    """
    dtype = theta.dtype if dtype is None else dtype
    shape = theta.shape if shape is None else shape
    array = plain(name, value)
    if not hasattr(value, "dtype"):
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{name} must be an array of numbers, got {value!r}")
        array = np.asarray(array, dtype=dtype, like=theta)
    if type(array) is not type(theta):
        raise TypeError(f"{name} must be of {_kind(theta)}, as theta is, got {_kind(array)}; move one to the other")
    if array.shape != shape:
        raise ValueError(f"{name} must have {shape_named(shape, theta)}, got {array.shape}")
    return array if array.dtype == dtype else floating(name, array).astype(dtype)


def on_device(value) -> bool:
    """Whether `value` is an array of CuPy, known by what it does: NumPy's two protocols, and an explicit way to NumPy.

    >>> on_device(np.ones(2))
    False
    """
    return all(hasattr(type(value), name) for name in ("__array_ufunc__", "__array_function__", "get"))


def host(name: str, value) -> np.ndarray:
    """`value` as a plain array in the computer's own memory; errors as for `plain`."""
    return plain(name, value.get() if on_device(value) else value)


def shape_named(shape, theta) -> str:
    """A shape in words: θ's own is named so."""
    return f"the shape of theta, {shape}" if shape == theta.shape else f"shape {shape}"


def _read(name, value):
    """What NumPy reads from another library's array or from a list, without its holes, labels and operators."""
    if reason := _cannot_be_plain(value):
        raise TypeError(f"{name} must be a plain array of numbers, got {_kind(value)}, {reason}")
    try:
        array = np.asarray(value)
        if array.dtype == object and hasattr(value, "__dlpack__"):
            array = np.from_dlpack(value)
    except Exception as error:  # each library has an exception of its own for a tensor that cannot be read
        reason = str(error).partition("\n")[0]
        raise TypeError(f"{name} must be an array of numbers, got {_kind(value)}: {reason}") from None
    return array


def _cannot_be_plain(value) -> str | None:
    """Why the numbers alone would mean something else, and what to do; None when they can be read."""
    kind = type(value)
    if hasattr(kind, "toarray"):
        return "a sparse array; make it dense first with .toarray()"
    if not isinstance(value, np.ndarray):
        return None
    if isinstance(value, np.ma.MaskedArray):
        return "with masked entries; fill them first with .filled(0.0)" if np.ma.is_masked(value) else None
    if any(getattr(kind, name) is not getattr(np.ndarray, name) for name in _OPERATORS):
        return "whose operators are its own; take its numbers first with np.array(...)"
    return None


def _kind(value) -> str:
    """The type of a value as a reader knows it: `list`, `torch.Tensor`, `scipy.csr_matrix`."""
    if value is None:
        return "None"
    package = type(value).__module__.partition(".")[0]
    return type(value).__qualname__ if package in ("builtins", "__main__") else f"{package}.{type(value).__qualname__}"
