"""Grade a class: every hand-in once, on as many workers as there are, and nothing lost when the batch is killed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .. import __version__
from . import hand_in, jail
from .assignment import Numbers, find
from .identity import settle
from .journal import Journal
from .judge import Graded, Task, grade

_SOURCES = Path(__file__).parents[1]
JOURNAL = "journal.jsonl"


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


def grade_class(batch: Batch, submissions: Path, journal: Journal, executor: Executor, ahead: int) -> list[str]:
    """Grade what the journal does not hold yet, and keep each result there as soon as it is known.

    ahead: how many hand-ins to send off before the first one is back. Returns a sentence for each hand-in that could
    not be graded for a reason that is not its own; it is not in the journal and will be tried again.
    """
    owned = _owned(batch, submissions)
    faults: list[str] = []
    with tqdm(total=len(owned), desc=batch.assignment, unit="hand-in", file=sys.stderr) as progress:
        waiting: dict[Future[Graded], tuple[str, hand_in.HandIn, Numbers]] = {}
        try:
            for mine, numbers in owned:
                key = record_key(batch, mine, numbers)
                if key in journal.records:
                    progress.update()
                    continue
                task = Task(batch.assignment, mine.cells, mine.problem, numbers, batch.seed, batch.limits, batch.jail)
                waiting[executor.submit(grade, task)] = (key, mine, numbers)
                while len(waiting) >= ahead:
                    faults += _collect(waiting, journal, progress.update)
            while waiting:
                faults += _collect(waiting, journal, progress.update)
        finally:
            for future in waiting:
                future.cancel()
    return faults


def records(batch: Batch, submissions: Path, journal: Journal) -> list[dict[str, Any]]:
    """The journal's records for the hand-ins as they are now, by student."""
    found = []
    for mine, numbers in _owned(batch, submissions):
        record = journal.records.get(record_key(batch, mine, numbers))
        if record:
            found.append(record)
    return found


def record_key(batch: Batch, mine: hand_in.HandIn, numbers: Numbers) -> str:
    """SHA-256 of all that decides a result: the file, the student, the question and this grader."""
    plain = {**asdict(batch), "key": "", "roster": ()}
    told = [mine.digest, mine.problem, mine.note]
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


def _owned(batch: Batch, submissions: Path) -> list[tuple[hand_in.HandIn, Numbers]]:
    """The hand-ins as they are now, each under its student's name, and the numbers that it is graded with."""
    found = hand_in.find(submissions, batch.assignment)
    read = [hand_in.read(name, paths) for name, paths in found.items()]
    return [(one.mine, one.numbers) for one in settle(read, find(batch.assignment), batch.key, batch.roster)]


def _collect(waiting: dict, journal: Journal, done: Callable[[], Any]) -> Iterator[str]:
    """Keep the results that are in, at least one; a sentence for each that is none."""
    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
        key, mine, numbers = waiting.pop(future)
        try:
            graded = future.result()
        except Exception as error:
            yield f"{mine.student}: {type(error).__name__}: {error}"
        else:
            journal.add(key, {**_about(mine), "numbers": numbers, **asdict(graded)})
        done()


def _about(mine: hand_in.HandIn) -> dict[str, str]:
    return {"student": mine.student, "file": mine.file, "note": mine.note}


@cache
def _edition() -> str:
    """A digest of the parts of the library that decide a result."""
    digest = hashlib.sha256()
    paths = [*_SOURCES.glob("exercises/*.py"), *_SOURCES.glob("grading/**/*.py"), *_SOURCES.glob("optimizer*.py")]
    for path in sorted(paths):
        digest.update(path.read_bytes())
    return digest.hexdigest()
