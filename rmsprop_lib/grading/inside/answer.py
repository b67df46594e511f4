"""Run the cells of one hand-in, once and in order, then put questions to what they define. Runs inside the jail.

Reads one JSON request from standard input and writes lines of JSON to standard output: what became of the cells, then
an answer to each question with its index. A question that runs code of the hand-in is asked in a process of its own, so
that one that hangs or dies costs its own points alone. The last of them needs none: its answer is all that it can cost.

request: {"cells": [source], "questions": [question], "limits": {name: number}, "calls": see `fence`, "cell_seconds",
    "seconds", "patience", "alone"}; seconds are of the processor, and patience times as many may pass on the clock
reply: [cell], then [index, answer] for each question, in any order; what hangs or dies in the end leaves its line out
question: {"kind": "code", "answer": name, "cases": [[argument]], "parameters": [name], "results": [name], "seconds"},
    {"kind": "number", "answer": name, "seconds"} or {"kind": "concept", "answer": name, "keys": [letter], "seconds"}
cell: {} or {"error", "message", "line"}
answer: one of {"missing": true}, {"library": name}, {"late": true}, {"died": true}, {"fault": fault},
    {"value": number or letter}, {"replies": replies}
"""

import contextlib
import json
import linecache
import os
import select
import signal
import sys
import time
import types

from . import ask, fence, notebook, plain, shadow

MOST = 2 * 2**20  # bytes of one line
LIBRARY = "rmsprop_lib"
ALARMS = (signal.SIGALRM, signal.SIGPROF)  # of the clock, of the processor
PLAIN = (bool, int, float, complex, str, type(None), type(...))


def main():
    request = json.load(sys.stdin)
    fence.install(request["limits"], request["calls"])
    shadow.install(LIBRARY)
    reply = os.fdopen(os.dup(1), "w")  # what the hand-in prints goes nowhere
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    notebook.install(module.__dict__)
    limits = [request[name] for name in ("cell_seconds", "seconds", "patience")]
    cells = _run_cells(request["cells"], module.__dict__, *limits)
    if request["alone"]:
        _end_all_others()
    _write(reply, cells)
    with contextlib.suppress(BaseException):
        for index, answer in _answers(module.__dict__, request["questions"], request["patience"], request["alone"]):
            _write(reply, [index, answer])
    os._exit(0)  # threads and exit handlers of the hand-in do not get a say


def _write(reply, part):
    """Write one line of the reply; what is too long for a line is left out, as if the hand-in had died over it."""
    line = json.dumps(part)
    if len(line) <= MOST:
        reply.write(line + "\n")
        reply.flush()


def _run_cells(cells, space, cell_seconds, seconds, patience):
    """Run the cells where their definitions stay, each until it ends, fails, or its time or the time of all is over."""
    reports = []
    used, end = _used(), time.monotonic() + patience * seconds
    for number, source in enumerate(cells, 1):
        name = f"cell {number}"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        left = min(cell_seconds, used + seconds - _used())
        clock = min(patience * cell_seconds, end - time.monotonic())
        if left <= 0 or clock <= 0:
            reports.append({"error": "TimeLimit", "message": "the cells before it used up the time", "line": ""})
            continue
        _alarm(_too_late, left, clock)
        try:
            _run_cell(source, name, space)
            reports.append({})
        except BaseException as error:  # sys.exit and KeyboardInterrupt end a cell, not the hand-in
            reports.append(_describe(error))
        finally:
            _alarm(_too_late, 0, 0)
    return reports


def _used():
    """Seconds of the processor that this process and its children have used."""
    return sum(os.times()[:4])


def _alarm(handler, seconds, clock):
    """Call the handler after so many seconds of the processor or of the clock; 0 means no alarm.

    Then again and again, in case a cell swallows the first. SIG_DFL ends this process even within a call that is not
    Python.
    """
    for number, timer, left in zip(ALARMS, (signal.ITIMER_REAL, signal.ITIMER_PROF), (clock, seconds), strict=True):
        signal.signal(number, handler)
        signal.setitimer(timer, left, 0.2)


def _run_cell(source, name, space):
    exec(notebook.compile_cell(source, name), space)


class TimeLimit(BaseException):
    pass


def _too_late(signum, frame):
    while frame is not None:  # only a cell is interrupted, not the report about one that was interrupted before
        if frame.f_code is _run_cell.__code__:
            raise TimeLimit("the cell did not end in time")
        frame = frame.f_back


def _describe(error):
    """What went wrong in a cell: kind, message and the line of the hand-in where it happened."""
    with contextlib.suppress(BaseException):
        own = [place for place in ask.places(error) if place[0].startswith("cell ")]
        line = linecache.getline(*own[-1]) if own else getattr(error, "text", "")
        return {"error": type(error).__name__, "message": str(error)[:500], "line": (line or "").strip()[:200]}
    return {"error": "Error", "message": "", "line": ""}


def _answers(space, questions, patience, alone):
    """Each question's index and answer: first those for which no line of the hand-in runs."""
    waiting = []
    for index, question in enumerate(questions):
        if question["answer"] not in space:
            yield index, {"missing": True}
        elif type(space[question["answer"]]) in PLAIN:
            yield index, _reply(space[question["answer"]], question)
        else:
            waiting.append((index, question))
    for index, question in waiting[:-1]:
        yield index, _ask_apart(space[question["answer"]], question, patience, alone)
    for index, question in waiting[-1:]:
        _alarm(signal.SIG_DFL, question["seconds"], patience * question["seconds"])
        yield index, _reply(space[question["answer"]], question)


def _ask_apart(answer, question, patience, alone):
    """Ask in a child process, and end it and whatever it started."""
    read, write = os.pipe()
    try:
        child = os.fork()
    except OSError:  # the hand-in left too many processes
        os.close(read)
        os.close(write)
        return {"died": True}
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(read)
            os.setsid()
            _alarm(signal.SIG_DFL, question["seconds"], patience * question["seconds"])
            with os.fdopen(write, "w") as pipe:
                pipe.write(json.dumps(_reply(answer, question)))
        os._exit(0)
    os.close(write)
    before = _used_by_children()
    text, late = _read(read, time.monotonic() + patience * question["seconds"])
    ended = _end(child, alone)
    if late or ended in ALARMS or _used_by_children() - before > question["seconds"]:
        return {"late": True}
    try:
        return json.loads(text)
    except ValueError:
        return {"died": True}


def _used_by_children():
    """Seconds of the processor that children have used until they ended; also what their own children had used."""
    return sum(os.times()[2:4])


def _reply(answer, question):
    before = shadow.touched()
    if isinstance(answer, shadow.Shadow):
        return {"library": answer._name}
    try:
        if question["kind"] == "number":
            reply = {"value": ask.number(answer)}
        elif question["kind"] == "concept":
            reply = {"value": ask.choice(answer, question["keys"])}
        else:
            cases = [types.SimpleNamespace(args=[plain.read_argument(a) for a in case]) for case in question["cases"]]
            name, parameters, results = question["answer"], question["parameters"], question["results"]
            reply = {"replies": plain.write_replies(ask.ask(answer, name, cases, parameters, results))}
    except ask.Fault as fault:
        reply = {"fault": plain.write_fault(fault)}
    except KeyboardInterrupt:  # nobody sits at a keyboard here
        fault = ask.Fault("crash", f"{question['answer']} stops with KeyboardInterrupt")
        reply = {"fault": plain.write_fault(fault)}
    return {"library": shadow.last_touched()} if shadow.touched() > before else reply


def _read(descriptor, end):
    """All that a child writes until it closes the pipe, the time is over or it is too much; and whether it was late."""
    parts, size = [], 0
    with os.fdopen(descriptor, "rb", buffering=0) as pipe:
        while size < MOST:
            left = end - time.monotonic()
            if left <= 0 or not select.select([pipe], [], [], left)[0]:
                return b"", True
            part = pipe.read(2**16)
            if not part:
                return b"".join(parts), False
            parts.append(part)
            size += len(part)
    return b"", False


def _end(child, alone):
    """End the child and its group; the signal that had ended it before, if one had."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    status = 0
    with contextlib.suppress(ChildProcessError):
        _, status = os.waitpid(child, 0)
    if alone:
        _end_all_others()
    return status & 0x7F


def _end_all_others():
    if os.getpid() == 2:  # the second process of a jail of its own: all others were started by the hand-in
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, 0):
                pass
