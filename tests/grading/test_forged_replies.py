"""Replies made up by a hand-in: true ones, changed in their structure, one change at a time and several together.

None may raise out of the grader, give more points than the true one, or bring a long or unprintable word.
"""

import copy
import json
import random

import pytest

from rmsprop_lib.grading import jail, judge

RUBBISH = [
    *(None, True, False, 0, -1, 1.5, 10**30, 10**400, float("nan"), float("inf"), "", "x", "\x1b[31m\u202e" * 900),
    *([], {}, [[]], [None], {"": None}, [[[[[[]]]]]], {"shape": [0], "bytes": ""}),
    {"shape": [-1], "bytes": "AAAAAAAA"},
    *({"name": "crash", "sentence": "x"}, {"name": [], "sentence": {}}, ["float64"] * 500),
]
WRONG = "def rmsprop_step(theta, grad, v, lr, beta, eps):\n    return theta - lr * grad, beta * v"


@pytest.fixture(scope="module")
def true_replies(has_jail, solutions):
    """Request and reply of a right hand-in, of one with everything wrong, and of one that raises, as they went."""
    kept = []
    real = jail.converse

    def converse(command, text, **options):
        outcome = real(command, text, **options)
        kept.append(outcome[0])
        return outcome

    right = solutions("rmsprop")
    classes = [right, [right[0], WRONG], ["def f(:", "def rmsprop_step(*a):\n    1 / 0", "two_cycle_amplitude = 'x'"]]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jail, "converse", converse)
        return [(cells, judge.grade(judge.Task("rmsprop", tuple(cells))), kept.pop()) for cells in classes]


def forged(reply, draw):
    """A copy of the reply's lines with one place changed: dropped, doubled, moved, retyped, nested, resized."""
    lines = copy.deepcopy(reply)
    container, place = draw.choice(list(places(lines)))
    old = container[place]
    change = draw.choice(("rubbish", "rubbish", "drop", "double", "nest", "other", "shrink", "grow", "text"))
    if change == "drop":
        del container[place]
    elif change == "double" and isinstance(container, list):
        container.insert(place, old)
    elif change == "nest":
        container[place] = [old] if draw.random() < 0.5 else {"x": old}
    elif change == "other":
        other, there = draw.choice(list(places(lines)))
        container[place] = copy.deepcopy(other[there])
    elif change in ("shrink", "grow") and isinstance(old, list | str):
        container[place] = old[: len(old) // 2] if change == "shrink" else old + old
    elif change == "text":
        container[place] = str(old)
    else:
        container[place] = copy.deepcopy(draw.choice(RUBBISH))
    return lines


def places(part):
    """Every place in nested lists and tables; of long lists the first and last ones."""
    keys = list(part) if isinstance(part, dict) else [i for i in range(len(part)) if i < 3 or i >= len(part) - 2]
    for key in keys:
        yield part, key
        if isinstance(part[key], list | dict):
            yield from places(part[key])


def grade(cells, data, monkeypatch):
    monkeypatch.setattr(jail, "converse", lambda *args, **options: (data, "", False))
    return judge.grade(judge.Task("rmsprop", tuple(cells)))


@pytest.mark.parametrize("seed", range(4))
def test_a_forged_reply_never_raises_and_never_pays(seed, true_replies, monkeypatch):
    draw = random.Random(seed)
    for cells, truth, data in true_replies:
        true = [json.loads(line) for line in data.splitlines()]
        earned = {result.id: result.score for result in truth.results}
        for _ in range(100):
            lines = true
            for _ in range(draw.choice((1, 1, 1, 2, 5))):
                lines = forged(lines, draw) if lines else lines
            text = "".join(json.dumps(line) + "\n" for line in lines).encode()
            outcome = grade(cells, text, monkeypatch)
            assert [result.id for result in outcome.results] == [*earned]
            for result in outcome.results:
                assert result.score <= earned[result.id], (result, lines)
                assert "not-judged" not in result.mistakes
                assert len(result.diagnosis) < 1500
                assert result.diagnosis.isprintable()
            assert all(told.isprintable() and len(told) < 700 for told in outcome.cells)


def raw_forgeries(data):
    """Bytes that are no reply at all."""
    yield from (b"", b"\n", b"[]\n", b"null\n" * 5, b"{}\n", b"[[]]\n", data[:-1], data[: len(data) // 2], data * 2)
    yield data.replace(b"{", b"[")
    yield data.replace(b'"', b"")
    yield data[::-1]
    yield b"[" * 10**6 + b"\n"
    yield b'{"a":' * 10**5 + b"\n"
    yield data + b"[0, " + b"[" * 900 + b"]" * 900 + b"]\n"
    yield data + b"[" + b"9" * 5000 + b", {}]\n"
    yield data + b'["0", {}]\n[true, {}]\n[0.0, {}]\n[[], {}]\n'
    yield b"\xff\xfe" + data
    yield b"[NaN]\n[Infinity, {}]\n"


def test_what_is_no_reply_at_all_gets_no_points(true_replies, monkeypatch):
    cells, truth, data = true_replies[0]
    for raw in raw_forgeries(data):
        outcome = grade(cells, raw, monkeypatch)
        assert len(outcome.results) == len(truth.results)
        assert sum(result.score for result in outcome.results) <= sum(result.score for result in truth.results)


def test_a_reply_of_many_small_values_is_not_read_at_all(true_replies, monkeypatch):
    cells, *_ = true_replies[0]
    monkeypatch.setattr(jail.json, "loads", lambda text: pytest.fail("it was read"))
    for small in (b"[],", b'{"":0},', b"0,"):
        outcome = grade(cells, b"[" + small * 2 * 10**6 + b"0]\n", monkeypatch)
        assert outcome.problem == "what your notebook sent is not an answer"


def test_a_fault_of_the_judge_costs_its_own_answer_and_says_so(true_replies, monkeypatch):
    cells, truth, data = true_replies[0]
    monkeypatch.setattr(judge, "judge_code", lambda *args: [][0])
    broken, *others = grade(cells, data, monkeypatch).results
    assert (broken.score, broken.mistakes) == (0, ("not-judged",))
    assert "the grader could not judge your answer (IndexError)" in broken.diagnosis
    assert others == list(truth.results[1:])
