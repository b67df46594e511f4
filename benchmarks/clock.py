"""Times that can be compared on a busy machine: one core, processor time, methods in turn, ratios round by round."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def pin() -> None:
    """Stay on the last core, where the system lets one choose."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def in_turn(calls: dict[str, Callable], rounds: int, sample: float) -> dict[str, list[float]]:
    """Microseconds of processor time of one call, once a round for each method.

    A sample is as many calls as take `sample` seconds, after one that is not counted: the others' data left the cache.
    """
    counts = {name: _count(call, sample) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call()
            times[name].append(1e6 * _timed(call, counts[name]) / counts[name])
    return times


def ratio(times: dict[str, list[float]], over: str, under: str) -> float:
    """The median of the ratios of two methods, taken in the same round."""
    return statistics.median(a / b for a, b in zip(times[over], times[under], strict=True))


def summary(times: list[float]) -> dict[str, float]:
    """The median, and half the distance between the quartiles over it."""
    low, middle, high = statistics.quantiles(times, n=4)
    return {"us": _short(middle), "spread": round((high - low) / 2 / middle, 3)}


def _count(call, sample) -> int:
    call()
    count = 1
    while (took := _timed(call, count)) < sample / 3:
        count *= 3
    return max(1, round(count * sample / took))


def _timed(call, count) -> float:
    begin = time.process_time()
    for _ in range(count):
        call()
    return time.process_time() - begin


def _short(number: float) -> float:
    return float(f"{number:.4g}")
