"""Every kind of array that people pass: those that become plain ones, and those that are refused by name.

Other libraries' arrays are imitated by the protocols through which NumPy sees them, and used themselves where they are
installed.
"""

import functools
import importlib.util
import tempfile
import warnings

import numpy as np


class WithArray:
    """A table or tensor that NumPy reads through `__array__`, as those of pandas, xarray, PyTorch and TensorFlow."""

    def __init__(self, array):
        self._array = np.array(array)
        self.shape, self.dtype, self.ndim, self.size = array.shape, array.dtype, array.ndim, array.size

    def __array__(self, dtype=None, copy=None):
        return self._array if dtype is None else self._array.astype(dtype)

    def __pow__(self, exponent):
        raise AssertionError("a rule saw it as it came")

    __mul__ = __rmul__ = __add__ = __radd__ = __sub__ = __rsub__ = __pow__

    def __array_ufunc__(self, *arguments, **options):
        raise AssertionError("a rule saw it as it came")


class WithInterface:
    """What says where its numbers lie, as a picture does."""

    def __init__(self, array):
        self._array = np.array(array)
        self.__array_interface__ = self._array.__array_interface__


class WithDLPack:
    """A tensor of the array standard that knows nothing of NumPy."""

    def __init__(self, array):
        self._array, self.shape, self.dtype = np.array(array), array.shape, array.dtype

    def __dlpack__(self, **options):
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()


class Elsewhere(WithArray):
    """A tensor on another device, or one that a gradient goes through."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.\nUse tensor.detach().numpy() instead.")


class Sparse:
    """A matrix that keeps only what is not zero; its `**` is a matrix product."""

    def __init__(self, array):
        self._array, self.shape, self.dtype, self.ndim = np.array(array), array.shape, array.dtype, array.ndim

    def toarray(self):
        return self._array


class Labelled(np.ndarray):
    """A subclass that adds a name and leaves the arithmetic alone."""


class WithUnits(np.ndarray):
    """A subclass whose products are no plain products."""

    def __mul__(self, other):
        raise AssertionError("a rule saw it as it came")


def swapped(array):
    return array.astype(array.dtype.newbyteorder())


def unaligned(array):
    """The same numbers, one byte off."""
    room = np.zeros(array.nbytes + 1, np.uint8)
    found = np.frombuffer(room.data, array.dtype, array.size, 1).reshape(array.shape)
    found[...] = array
    return found


def field(array):
    record = np.zeros(array.shape, [("flag", "i1"), ("x", array.dtype)])
    record["x"] = array
    return record["x"]


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def mapped(array):
    with tempfile.TemporaryFile() as file:
        file.write(bytes(array.nbytes))
        file.flush()
        found = np.memmap(file, array.dtype, "r+", shape=array.shape)
    found[...] = array
    return found


PLAIN = {
    "Fortran order": np.asfortranarray,
    "strided": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "turned round": lambda a: a[..., ::-1].copy()[..., ::-1],
    "read-only": read_only,
    "byte-swapped": swapped,
    "unaligned": unaligned,
    "a record's field": field,
    "memory map": mapped,
    "subclass": lambda a: a.view(Labelled),
    "record array": lambda a: a.view(np.recarray),
    "masked, nothing masked": np.ma.array,
    "list": lambda a: a.tolist(),
    "tuple": lambda a: tuple(a.tolist()),
    "with __array__": WithArray,
    "with __array_interface__": WithInterface,
    "with __dlpack__": WithDLPack,
    "memory view": lambda a: memoryview(np.ascontiguousarray(a)),
}
REFUSED = {
    "np.matrix": lambda a: np.asmatrix(a),
    "masked": lambda a: np.ma.array(a, mask=np.arange(a.size).reshape(a.shape) == 0),
    "sparse": Sparse,
    "with units": lambda a: a.view(WithUnits),
    "elsewhere": Elsewhere,
    "objects": lambda a: a.astype(object),
    "complex": lambda a: a.astype(complex),
    "whole numbers": lambda a: a.astype(int),
    "booleans": lambda a: a.astype(bool),
    "texts": lambda a: a.astype(str),
    "list of texts": lambda a: a.astype(str).tolist(),
    "dates": lambda a: a.astype("M8[s]"),
    "records": lambda a: a.astype([("x", float)]),
    "dictionary": lambda a: {"w": a},
    "set": lambda a: set(a.ravel().tolist()),
    "generator": lambda a: (x for x in a),
    "function": lambda a: lambda: a,
    "nothing": lambda a: None,
    "Python object": lambda a: object(),
}


def _installed(name):
    return importlib.util.find_spec(name) is not None


if _installed("pandas"):
    import pandas

    PLAIN["pandas.Series or DataFrame"] = lambda a: pandas.Series(a) if a.ndim == 1 else pandas.DataFrame(a)
    REFUSED["pandas with texts"] = lambda a: pandas.DataFrame({"x": a.ravel(), "y": "text"})
if _installed("xarray"):
    import xarray

    PLAIN["xarray"] = xarray.DataArray
if _installed("dask") and _installed("pandas"):
    import dask.array

    PLAIN["dask"] = dask.array.from_array
if _installed("scipy"):
    import scipy.sparse

    def _sparse(name, array):
        return getattr(scipy.sparse, name)(np.atleast_2d(array))

    for _name in ("csr_matrix", "csc_matrix", "coo_matrix", "csr_array", "coo_array", "dok_array", "lil_matrix"):
        REFUSED[f"scipy {_name}"] = functools.partial(_sparse, _name)
if _installed("torch"):
    import torch

    PLAIN["torch"] = lambda a: torch.tensor(np.ascontiguousarray(a))
    PLAIN["torch detached"] = lambda a: torch.tensor(np.ascontiguousarray(a), requires_grad=True).detach()
    REFUSED["torch with gradient"] = lambda a: torch.tensor(np.ascontiguousarray(a), requires_grad=True)
    REFUSED["torch on a device"] = lambda a: torch.tensor(np.ascontiguousarray(a)).to("meta")
    REFUSED["torch bfloat16"] = lambda a: torch.tensor(np.ascontiguousarray(a)).bfloat16()
    REFUSED["torch sparse"] = lambda a: torch.tensor(np.ascontiguousarray(a)).to_sparse()
    REFUSED["torch whole numbers"] = lambda a: torch.tensor(np.ascontiguousarray(a)).long()
if _installed("jax"):
    import jax

    PLAIN["jax"] = lambda a: jax.numpy.asarray(a, "float32")
    REFUSED["jax bfloat16"] = lambda a: jax.numpy.asarray(a, "bfloat16")
    REFUSED["jax key"] = lambda a: jax.random.key(0)
if _installed("array_api_strict"):
    import array_api_strict

    PLAIN["array API"] = lambda a: array_api_strict.asarray(np.ascontiguousarray(a))
if _installed("astropy"):
    import astropy.units

    REFUSED["astropy"] = lambda a: a * astropy.units.m
if _installed("polars"):
    import polars

    PLAIN["polars"] = lambda a: polars.Series(a) if a.ndim == 1 else polars.DataFrame(a)
if _installed("sparse"):
    import sparse

    REFUSED["sparse COO"] = sparse.COO.from_numpy


def made(make, array):
    """The array in that form; a memory view of a swapped one and the like may warn on the way in, and not later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make(array)
