"""Questions and replies as plain JSON data: no pickle, so that what comes out of a jail can run nothing outside it.

Both sides use this file. What arrives from inside may be forged: the functions that read let numbers, short texts and
names that are known through, in the right number, and nothing else. They raise ValueError, TypeError or KeyError
otherwise. Forged and true are told apart by this alone; see `jail` for what a hand-in can say of itself.
"""

import base64

import numpy as np

from .ask import Fault, Replies, Reply

FAULTS = {
    *("arguments", "complex", "crash", "empty", "no-return", "no-such-choice", "not-a-function", "not-finite"),
    *("not-numbers", "one-result", "result-count", "true-or-false", "wrong-type"),
}
LONGEST = 600  # characters of a sentence
REPORT = ("error", "message", "line")
SHORT = 100  # characters of a name


def write_argument(value):
    """An argument of a case as JSON data: an array of float64, or a number."""
    return write_array(value) if isinstance(value, np.ndarray) else value


def read_argument(data):
    return read_array(data) if isinstance(data, dict) else data


def write_array(array):
    array = np.asarray(array, dtype="<f8")
    return {"shape": array.shape, "bytes": base64.b64encode(array.tobytes()).decode()}


def read_array(data):
    """The array, of float64."""
    array = np.frombuffer(base64.b64decode(_a(str, data["bytes"]), validate=True), "<f8").astype(float)
    shape = _a(list, data["shape"])
    if not all(type(n) is int and 0 <= n <= array.size for n in shape):
        raise ValueError(f"shape must hold sizes of at most {array.size}, got {shape!r:.100}")
    return array.reshape(shape)


def write_replies(replies):
    """The replies as JSON data; None stands for a second turn that is the same as the first."""
    first, second = ([_write_reply(reply) for reply in turn] for turn in (replies.first, replies.second))
    second = None if second == first else second
    return {"first": first, "second": second, "shared": replies.shared, "names": replies.names}


def read_replies(data, cases, results):
    """The replies to so many cases, each of so many results."""
    first = tuple(_read_reply(reply, results) for reply in _a(list, data["first"], cases))
    second = first
    if data["second"] is not None:
        second = tuple(_read_reply(reply, results) for reply in _a(list, data["second"], cases))
    return Replies(first, second, _a(bool, data["shared"]), _read_names(data["names"]))


def read_reports(data, cells):
    """A report on each of so many cells: nothing if it ended well, else three short texts."""
    reports = [_a(dict, report) for report in _a(list, data, cells)]
    return [report and {key: printable(_a(str, report[key])) for key in REPORT} for report in reports]


def write_fault(fault):
    return {"name": fault.name, "sentence": fault.sentence}


def read_fault(data):
    """A fault whose name is known and whose sentence is short and printable."""
    name = _a(str, data["name"])
    return Fault(name if name in FAULTS else "crash", printable(_a(str, data["sentence"])))


def printable(text):
    """At most `LONGEST` characters in one line; anything that could not be printed becomes a space."""
    text = str(text)[:LONGEST]
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _write_reply(reply):
    fault = reply.fault and write_fault(reply.fault)
    return {
        "parts": [write_array(part) for part in reply.parts],
        "kinds": reply.kinds,
        "changed": reply.changed,
        "fault": fault,
    }


def _read_reply(data, results):
    fault = None if data["fault"] is None else read_fault(data["fault"])
    given = 0 if fault else results
    parts = tuple(read_array(part) for part in _a(list, data["parts"], given))
    kinds = _read_names(data["kinds"])
    if len(kinds) != given:
        raise ValueError(f"{given} kinds wanted, got {len(kinds)}")
    return Reply(parts, fault, _read_names(data["changed"]), kinds)


def _read_names(data):
    return tuple(printable(_a(str, name))[:SHORT] for name in _a(list, data)[:SHORT])


def _a(kind, data, length=None):
    """The data, if it is of this kind and, where one is given, length."""
    if type(data) is not kind:
        raise TypeError(f"a {kind.__name__} wanted, got a {type(data).__name__}")
    if length is not None and len(data) != length:
        raise ValueError(f"{length} parts wanted, got {len(data)}")
    return data
