"""What a reader sees: a verdict with its reason, a hint, a solution. Rich in a notebook, plain in a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

# The page may set the variables; without them the colours are readable on white and on black alike.
_BOX = (
    "border:1px solid var(--rms-border,#8a8a8a);border-left:0.4em solid {edge};border-radius:0.3em;"
    "padding:0.5em 0.9em;margin:0.6em 0;color:inherit;background:transparent;overflow-wrap:anywhere"
)
_EDGE = {True: "var(--rms-right,#2e8b57)", False: "var(--rms-wrong,#c9622c)", None: "var(--rms-note,#5b7fb5)"}


@dataclass(frozen=True)
class Result:
    """The verdict on one answer.

    passed: whether all is right. score, max_score: points, see `check`. diagnosis: sentences in plain text.
    hint: what to try next; empty after a right answer.
    mistakes: names of what was recognised, for a count over a class.
    """

    id: str
    passed: bool
    score: float
    max_score: int
    diagnosis: str
    hint: str = ""
    mistakes: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = f"{self._verdict}: {self.diagnosis}"
        return f"{text}\nHint: {self.hint}" if self.hint else text

    __repr__ = __str__

    def show(self) -> Result:
        """Show it in the notebook, in a terminal as text; the result itself, so that its score can be read next."""
        try:
            from IPython.display import display
        except ImportError:
            display = print
        display(self)
        return self

    def _repr_html_(self) -> str:
        hint = f"<p style='margin:0.4em 0 0'><em>Hint:</em> {with_code(self.hint)}</p>" if self.hint else ""
        verdict = f"<p style='margin:0'><strong>{self._verdict}</strong></p>"
        diagnosis = f"<p style='margin:0.3em 0 0'>{with_code(sentence(self.diagnosis))}</p>"
        return _box(verdict + diagnosis + hint, "status", self.passed)

    @property
    def _verdict(self) -> str:
        mark = "✓ Right" if self.passed else "✗ Not yet"
        return f"{mark} ({self.id}, {self.score:.3g} of {self.max_score} point{'' if self.max_score == 1 else 's'})"


@dataclass(frozen=True)
class Note:
    """A question, a hint or a solution: a title, some text, some code.

    folded: what is seen before the reader opens it, such as "Hint"; empty means that it is open.
    """

    title: str
    text: str = ""
    code: str = ""
    folded: str = ""

    def __str__(self) -> str:
        return "\n".join(part.rstrip() for part in (f"{self.title}:", self.text, self.code) if part)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "".join(f"<p style='margin:0.3em 0 0'>{escape(line)}</p>" for line in self.text.splitlines())
        code = f"<pre tabindex='0' style='margin:0.4em 0 0;overflow-x:auto'><code>{escape(self.code)}</code></pre>"
        body = lines + (code if self.code else "")
        if self.folded:
            summary = f"<summary style='cursor:pointer;font-weight:bold'>{escape(self.folded)}</summary>"
            style = _BOX.format(edge=_EDGE[None])
            return f'<details class="rms-note" style="{style}">{summary}{body}</details>'
        return _box(f"<p style='margin:0'><strong>{escape(self.title)}</strong></p>{body}", "note", None)


def _box(body: str, role: str, passed: bool | None) -> str:
    return f'<div class="rms-result" role="{role}" style="{_BOX.format(edge=_EDGE[passed])}">{body}</div>'


def sentence(text: str) -> str:
    """A sentence with a capital letter; a choice such as "d" keeps its own."""
    return text if text[1:2] == " " else text[:1].upper() + text[1:]


def with_code(text: str) -> str:
    """Escaped text whose `quoted` parts are shown as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:  # a stray quote, perhaps out of an error message
        return escape(text)
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
