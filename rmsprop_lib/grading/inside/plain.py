"""Questions and replies as plain JSON data: no pickle, so that what comes out of a jail can run nothing outside it.

Both sides use this file. What arrives from inside may be forged: `read_replies` lets numbers, short texts and
names that are known through, and nothing else.
"""

import base64

import numpy as np

from .ask import Fault, Replies, Reply

FAULTS = {
    *("arguments", "complex", "crash", "empty", "no-return", "no-such-choice", "not-a-function", "not-finite"),
    *("not-numbers", "one-result", "result-count", "true-or-false", "wrong-type"),
}
LONGEST = 600  # characters of a sentence


def write_argument(value):
    """An argument of a case as JSON data: an array of float64, or a number."""
    return write_array(value) if isinstance(value, np.ndarray) else value


def read_argument(data):
    return read_array(data) if isinstance(data, dict) else data


def write_array(array):
    array = np.asarray(array, dtype="<f8")
    return {"shape": array.shape, "bytes": base64.b64encode(array.tobytes()).decode()}


def read_array(data):
    """The array. Raises ValueError, TypeError or KeyError if this is none."""
    array = np.frombuffer(base64.b64decode(data["bytes"], validate=True), "<f8").astype(float)
    shape = data["shape"]
    if not all(type(n) is int and 0 <= n <= array.size for n in shape):
        raise ValueError(f"shape must hold sizes of at most {array.size}, got {shape!r:.100}")
    return array.reshape(shape)


def write_replies(replies):
    """The replies as JSON data; None stands for a second turn that is the same as the first."""
    first, second = ([_write_reply(reply) for reply in turn] for turn in (replies.first, replies.second))
    second = None if second == first else second
    return {"first": first, "second": second, "shared": replies.shared, "names": replies.names}


def read_replies(data, cases, results):
    """The replies to so many cases, each of so many results. Raises ValueError, TypeError or KeyError otherwise."""
    first = tuple(_read_reply(reply, results) for reply in data["first"])
    second = first if data["second"] is None else tuple(_read_reply(reply, results) for reply in data["second"])
    if not len(first) == len(second) == cases:
        raise ValueError(f"{cases} replies wanted, got {len(first)} and {len(second)}")
    names = tuple(str(name)[:100] for name in data["names"])
    return Replies(first, second, data["shared"] is not False, names)


def write_fault(fault):
    return {"name": fault.name, "sentence": fault.sentence}


def read_fault(data):
    """A fault whose name is known and whose sentence is short and printable."""
    name = data["name"] if data["name"] in FAULTS else "crash"
    return Fault(name, printable(data["sentence"]))


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
    fault = data["fault"] and read_fault(data["fault"])
    parts = tuple(read_array(part) for part in data["parts"])
    if len(parts) != (0 if fault else results):
        raise ValueError(f"{results} results wanted, got {len(parts)}")
    texts = [tuple(str(text)[:100] for text in data[name]) for name in ("changed", "kinds")]
    return Reply(parts, fault or None, *texts)
