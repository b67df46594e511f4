"""What an answer replied beside what was wanted, and all questions about the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..exercises import Exercise
from .compare import LOW_PRECISION, TOLERANCE, Key, part_agrees
from .inside.ask import Replies, Reply

LOW = ("float16", "float32")


@dataclass(frozen=True, eq=False)
class Judge:
    """One exercise, its key, and what an answer replied; all questions about them in one place."""

    exercise: Exercise
    key: Key
    replies: Replies

    @cached_property
    def right(self) -> tuple[bool, ...]:
        """For each result, whether it is right in all cases, both times."""
        return tuple(self.near(part, TOLERANCE) for part in range(len(self.exercise.results)))

    def near(self, part: int, tolerance: float) -> bool:
        """Whether this result is right in all cases, both times, within the tolerance or the precision it came in."""
        turns = (self.replies.first, self.replies.second)
        return all(self._is_near(i, part, reply, tolerance) for turn in turns for i, reply in enumerate(turn))

    def _is_near(self, i: int, part: int, reply: Reply, tolerance: float) -> bool:
        if not reply.parts:
            return False
        tolerance = LOW_PRECISION if reply.kinds[part] in LOW else tolerance
        return self.agrees(i, part, reply.parts, self.key.wanted[i], tolerance)

    def agrees(self, i: int, part: int, got, wanted, tolerance: float = TOLERANCE) -> bool:
        """Whether two outcomes of case i agree in one of their parts."""
        return part_agrees(self.exercise, self.key.cases[i], part, got[part], wanted[part], tolerance)

    @property
    def low_precision(self) -> str:
        """The dtype, if some result came in half or single precision."""
        return next((kind for reply in self.replies.first for kind in reply.kinds if kind in LOW), "")

    @property
    def changed(self) -> tuple[str, ...]:
        """Arguments that the answer changed, in the order of the signature."""
        seen = {name for reply in (*self.replies.first, *self.replies.second) for name in reply.changed}
        return tuple(name for name in self.exercise.parameters if name in seen)

    @property
    def consistent(self) -> bool:
        """Whether the same question got the same answer both times."""
        parts = range(len(self.exercise.results))
        pairs = zip(self.replies.first, self.replies.second, strict=True)
        return all(
            bool(a.fault) == bool(b.fault) and (a.fault or all(self.agrees(i, k, a.parts, b.parts) for k in parts))
            for i, (a, b) in enumerate(pairs)
        )

    def matches(self, outcomes: Sequence | Callable, part: int | None = None) -> bool:
        """Whether the answer gave these outcomes, one per case or computed case by case; all parts or one."""
        tolerance = LOW_PRECISION if self.low_precision else TOLERANCE
        parts = range(len(self.exercise.results))[::-1] if part is None else (part,)
        for i, reply in enumerate(self.replies.first):
            if not reply.parts:
                return False
            try:
                wanted = outcomes[i] if isinstance(outcomes, Sequence) else outcomes(i)
            except Exception:  # a made-up wrong rule may not fit these arguments
                return False
            if not all(self.agrees(i, k, reply.parts, wanted, tolerance) for k in parts):
                return False
        return True
