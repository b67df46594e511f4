"""Grade a class: every hand-in once, on as many workers as there are, and nothing lost when the batch is killed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .. import __version__
from . import hand_in, jail
from .assignment import Numbers, find
from .identity import ABSENT, Owned, settle
from .journal import Journal
from .judge import Graded, Task, grade
from .reader import Reader
from .roster import students_in
from .watch import TOO_LATE

_SOURCES = Path(__file__).parents[1]
CHANGED = (
    "the file changed while the class was graded: what was there at the start was graded, and --resume grades the new "
    "one"
)
LATE = "it was handed in while the class was graded"


@dataclass(frozen=True)
class Batch:
    """What to grade and how; equal for two runs that must give the same results.

    key: the instructor's, for numbers drawn per student; empty if all students have the same.
    roster: the names of the class, if they are known.
    """

    assignment: str
    seed: int = 0
    key: bytes = field(default=b"", repr=False)
    roster: tuple[str, ...] = ()
    limits: jail.Limits = field(default_factory=jail.Limits)
    jail: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a batch gives: a record for each student in alphabetical order, and who was not graded for what fault.

    A record holds the student, the file and its digest, notes on which file was taken and whether it changed, the
    numbers and the seed that were asked, and what `Graded` holds. A student in `faults` has no fault of their own, is
    not in the journal and will be tried again; the record then has no results.
    """

    records: list[dict[str, Any]]
    faults: dict[str, str]


def grade_class(batch: Batch, submissions: Path, journal: Journal, executor: Executor, ahead: int) -> Outcome:
    """Grade what the journal does not hold yet, and keep each result there as soon as it is known.

    ahead: how many hand-ins to send off before the first one is back. Each file is read once. What took too long is
    tried once more in the end, when nothing runs beside it.
    """
    paths = hand_in.find(submissions, batch.assignment)
    seen = {name: hand_in.look(found) for name, found in paths.items()}
    with Reader() as reader:
        read = [hand_in.read(name, found, batch.assignment, reader) for name, found in paths.items()]
    jobs = [_job(batch, one) for one in settle(read, find(batch.assignment), batch.key, batch.roster)]
    with (
        tqdm(total=len(jobs), desc=batch.assignment, unit="hand-in", file=sys.stderr) as progress,
        _Desk(journal, executor, progress) as desk,
    ):
        for job in jobs:
            desk.take(job, ahead)
        desk.collect()
        desk.try_alone()
    changed, late = _changes(batch, submissions, seen)
    records = [
        {**journal.records[job.key], "changed": CHANGED if job.named in changed else ""}
        if job.key in journal.records
        else not_graded(job.about["student"], desk.faults[job.about["student"]])
        for job in jobs
    ]
    records = _with_late(batch, late, records)
    return Outcome(records, {**desk.faults, **{r["student"]: LATE for r in records if r["problem"] == LATE}})


def not_graded(student: str, problem: str, status: str = "not graded") -> dict[str, Any]:
    """A record for a student without results."""
    empty = {"file": "", "digest": "", "note": "", "changed": "", "numbers": {}, "results": [], "cells": []}
    return {"student": student, **empty, "problem": problem, "status": status}


def record_key(batch: Batch, mine: hand_in.HandIn, numbers: Numbers) -> str:
    """SHA-256 of all that decides a result: the file, the student, the question and this grader."""
    plain = {**asdict(batch), "key": "", "roster": ()}
    told = [mine.digest, mine.problem, mine.note, mine.choice]
    parts = [__version__, _edition(), plain, mine.student, mine.file, *told, numbers]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@contextlib.contextmanager
def workers(count: int, scheduler: str = "") -> Iterator[tuple[Executor, int]]:
    """An executor and how many tasks it works on at once: threads here (the work is in the jails), or a Dask cluster.

    scheduler: address of the cluster, such as tcp://10.0.0.1:8786. A worker that dies has its hand-ins graded by
    another one.
    """
    if not scheduler:
        executor = ThreadPoolExecutor(count)
        try:
            yield executor, count
        finally:
            executor.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError:
        raise ImportError("--scheduler needs Dask: pip install 'rmsprop-textbook[cluster]'") from None
    with Client(scheduler, set_as_default=False) as client, client.get_executor(pure=False, retries=3) as executor:
        yield executor, max(1, sum(client.nthreads().values()))


@dataclass(frozen=True)
class _Job:
    """A hand-in to grade: the key of its record, what the record says of the hand-in, the task; what it was called."""

    key: str
    about: dict[str, Any]
    task: Task
    named: str


class _Desk:
    """Where hand-ins go out to be graded, and where each that comes back is kept at once; a context manager."""

    def __init__(self, journal: Journal, executor: Executor, progress: tqdm):
        self._journal, self._executor, self._progress = journal, executor, progress
        self._waiting: dict[Future[Graded], _Job] = {}
        self._slow: list[_Job] = []
        self.faults: dict[str, str] = {}

    def take(self, job: _Job, ahead: int) -> None:
        """Send one off, unless it has a record, and wait until there are fewer than `ahead` out."""
        known = self._journal.records.get(job.key)
        if known is None:
            self._waiting[self._executor.submit(grade, job.task)] = job
            self.collect(ahead - 1)
        elif _worth_another_try(known):
            self._slow.append(job)
        self._progress.update(known is not None)

    def collect(self, most: int = 0) -> None:
        """Wait until at most so many are out."""
        while len(self._waiting) > most:
            for future in wait(self._waiting, return_when=FIRST_COMPLETED).done:
                self._keep(future, self._waiting.pop(future))
                self._progress.update()

    def try_alone(self) -> None:
        """Once again, one after the other, what took too long: perhaps only because much else ran beside it."""
        slow, self._slow = self._slow, []
        self._progress.total += len(slow)
        for job in slow:
            again = replace(job, about={**job.about, "alone": True})
            self._waiting[self._executor.submit(grade, job.task)] = again
            self.collect()

    def _keep(self, future: Future[Graded], job: _Job) -> None:
        try:
            record = {**job.about, **asdict(future.result())}
        except Exception as error:
            self.faults[job.about["student"]] = f"{type(error).__name__}: {error}"
            return
        before = self._journal.records.get(job.key)
        if before:
            record = _after_another_try(before, record)
        self._journal.add(job.key, record)
        if _worth_another_try(record):
            self._slow.append(job)

    def __enter__(self) -> _Desk:
        return self

    def __exit__(self, *error) -> None:
        for future in self._waiting:
            future.cancel()


def _job(batch: Batch, one: Owned) -> _Job:
    mine, numbers = one.mine, one.numbers
    note = "; ".join(filter(None, (mine.note, mine.choice)))
    about = {
        **{"student": mine.student, "file": mine.file, "digest": mine.digest, "note": note},
        **{"numbers": numbers, "seed": batch.seed, "alone": False},
    }
    task = Task(batch.assignment, mine.cells, mine.problem, numbers, batch.seed, batch.limits, batch.jail)
    return _Job(record_key(batch, mine, numbers), about, task, one.named)


def _worth_another_try(record: dict[str, Any]) -> bool:
    """Whether time ran out and cost an answer, while other hand-ins ran beside it."""
    late = any("time-limit" in result["mistakes"] for result in record["results"])
    late = late or record["problem"] == TOO_LATE or any("TimeLimit" in told for told in record["cells"])
    return late and not record["alone"] and any(map(_was_lost, record["results"]))


def _was_lost(result: dict[str, Any]) -> bool:
    """Whether there was no answer, for which too little time may be the reason."""
    return not {"time-limit", "missing", "no-answers"}.isdisjoint(result["mistakes"])


def _after_another_try(before: dict[str, Any], again: dict[str, Any]) -> dict[str, Any]:
    """What was lost is taken from the other try, if it is no worse; the rest stays: nobody draws an answer twice."""
    pairs = zip(before["results"], again["results"], strict=True)
    results = [new if _was_lost(old) and new["score"] >= old["score"] else old for old, new in pairs]
    if again["problem"] or results == list(before["results"]):
        return {**before, "alone": True}
    return {**again, "results": results}


def _with_late(batch: Batch, late: list[str], records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records, and what came too late: as its student's, if that is known, and never a second one of a student."""
    by_name = {record["student"]: record for record in records}
    for named in late:
        students = students_in(named, batch.roster, batch.assignment)
        student = students[0] if len(students) == 1 else named
        record = by_name.get(student)
        if record is None or record["problem"] == ABSENT:
            by_name[student] = not_graded(student, LATE)
        elif record["problem"] != LATE:
            by_name[student] = {**record, "changed": CHANGED}
    return list(by_name.values())


def _changes(batch: Batch, submissions: Path, seen: dict[str, tuple]) -> tuple[set[str], list[str]]:
    """Whose files are no longer those that were read, and who has handed in since."""
    try:
        now = hand_in.find(submissions, batch.assignment)
    except OSError:
        now = {}
    changed = {student for student, before in seen.items() if hand_in.look(now.get(student, [])) != before}
    return changed, [student for student in now if student not in seen]


@cache
def _edition() -> str:
    """A digest of the parts of the library that decide a result."""
    digest = hashlib.sha256()
    paths = [*_SOURCES.glob("exercises/*.py"), *_SOURCES.glob("grading/**/*.py"), *_SOURCES.glob("optimizer*.py")]
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()
