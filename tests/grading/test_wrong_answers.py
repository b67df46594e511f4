"""Wrong answers beyond the listed mistakes: refused, and told in the reader's own terms."""

import asyncio
import inspect
import sys

import numpy as np
import pytest

from rmsprop_lib import optimizers
from rmsprop_lib.exercises import find
from rmsprop_lib.grading import check
from rmsprop_lib.grading.code import judge_function

rule = optimizers.rmsprop


def refused(answer, *mistakes, id="rmsprop-step"):
    result = judge_function(find(id), answer)  # some call the library for what they get right
    assert not result.passed, result
    assert result.score < result.max_score
    if mistakes:
        assert result.mistakes == mistakes, result
    return result


def code(body, name="answer", head="theta, grad, v, lr, beta, eps"):
    names = {"np": np, "rule": rule}
    exec(f"def {name}({head}):\n" + "\n".join("    " + line for line in body.strip().splitlines()), names)
    return names[name]


RETURNS = [
    ("None", "no-return", "should return (theta, v)"),
    ("new[0]", "one-result", "expected 2 results: (theta, v)"),
    ("(new[1], new[0])", "result-order", "in the order (v, theta)"),
    ("(*new, v)", "result-count", "returned 3 results"),
    ("(new[0],)", "result-count", "returned 1 result,"),
    ("dict(theta=new[0], v=new[1])", "wrong-type", "of type dict"),
    ("'theta, v'", "wrong-type", "of type str"),
    ("(x for x in new)", "no-return", "generator"),
    ("iter(new)", "wrong-type", "tuple_iterator"),
    ("3.0", "wrong-type", "of type float"),
    ("lambda: new", "wrong-type", "of type function"),
    ("(new[0].astype(np.float32), new[1])", "low-precision", "float32"),
    ("(new[0].astype('f2'), new[1].astype('f2'))", "low-precision", "float16"),
    ("(new[0] + 0j, new[1])", "complex", "complex"),
    ("(new[0] > 0, new[1])", "true-or-false", "True and False"),
    ("(new[0].astype(str), new[1])", "not-numbers", "expected numbers"),
    ("(object(), new[1])", "not-numbers", "of type object"),
    ("([[1.0], [1.0, 2.0]], new[1])", "not-numbers", "different lengths"),
    ("(None, new[1])", "not-numbers", "holds None"),
    ("(new[0].astype(int), new[1])", "whole-numbers", "your theta after one step is 0, expected 0.6838"),
    ("(new[0].ravel(), new[1])", "wrong-shape", "has shape (12,), expected shape (3, 4)"),
    ("(new[0][None], new[1])", "wrong-shape", "has shape (1, 1), expected shape (1,)"),
    ("(new[0].sum(), new[1])", "wrong-shape", "has shape (), expected shape (1,)"),
    ("(np.round(new[0], 4), new[1])", "rounded", "your theta is rounded to 4 decimal places"),
    ("(new[0] * np.nan, new[1])", "not-finite", "is nan, expected 0.6838"),
    ("(theta, v)", "unchanged", "returns theta and v just as they came in"),
    ("(theta + 1, v)", "state-not-returned", "your v after one step is 0, expected 0.9"),
]


@pytest.mark.parametrize(("value", "mistake", "words"), RETURNS)
def test_a_wrong_kind_of_result_is_told(value, mistake, words):
    result = refused(code(f"new = rule(theta, grad, v, lr, beta, eps)\nreturn {value}"))
    assert words in result.diagnosis
    if mistake:
        assert result.mistakes[0] == mistake, result


NOT_FUNCTIONS = [(None, "NoneType"), ((np.ones(1), np.ones(1)), "tuple"), ("rmsprop_step", "str"), (3.0, "float")]


@pytest.mark.parametrize(("answer", "kind"), NOT_FUNCTIONS)
def test_an_answer_that_is_no_function_is_told(answer, kind):
    result = refused(answer, "not-a-function")
    assert f"got a value of type {kind}" in result.diagnosis
    assert "rmsprop_step" in result.diagnosis


@pytest.mark.parametrize("head", ["theta, grad, v, lr, beta", "", "theta, grad, v, lr, beta, eps, t", "*, theta, grad"])
def test_wrong_arguments_are_told_before_any_call(head):
    result = refused(code("raise SystemError", head=head), "arguments")
    assert result.diagnosis.startswith(f"your function takes ({head}); ")
    assert result.diagnosis.endswith("it is called as rmsprop_step(theta, grad, v, lr, beta, eps).")


def test_exchanged_arguments_are_told_by_their_names_or_their_effect():
    by_name = refused(code("return rule(theta, grad, v, lr, beta, eps)", head="theta, v, grad, lr, beta, eps"))
    assert by_name.mistakes == ("argument-order",)
    assert "in the order (theta, v, grad, lr, beta, eps)" in by_name.diagnosis
    by_effect = refused(code("return rule(a, c, b, d, e, f)", head="a, b, c, d, e, f"))
    assert by_effect.mistakes == ("argument-order",)
    assert "as if grad and v had changed places: it is called as" in by_effect.diagnosis


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return theta - lr * grad / np.sqrt(vv + eps), v", "NameError: name 'vv' is not defined"),
        ("return theta - lr * grad / np.sqroot(v), v", "AttributeError: module 'numpy' has no attribute 'sqroot'"),
        ("return theta @ np.ones(7), v", "line 2 of your code stops with ValueError: matmul"),
        ("raise SystemExit", "line 2 of your code leaves Python (exit)"),
        ("return answer(theta, grad, v, lr, beta, eps)", "RecursionError"),
        ("raise ValueError('x' * 10**6)", "ValueError: xxx"),
    ],
)
def test_a_crash_is_told_with_the_readers_line_and_no_traceback(body, words):
    result = refused(code(body), "crash")
    assert words in result.diagnosis
    assert "Traceback" not in str(result)
    assert "rmsprop_lib" not in str(result)
    assert len(result.diagnosis) < 400


def test_a_crash_shows_the_text_of_the_line_when_there_is_one():
    def rmsprop_step(theta, grad, v, lr, beta, eps):
        v = beta * v + (1 - beta) * grad ** "2"
        return theta, v

    line = inspect.getsourcelines(rmsprop_step)[1] + 1
    result = refused(rmsprop_step, "crash")
    assert f'line {line} of your code, `v = beta * v + (1 - beta) * grad ** "2"`, stops with' in result.diagnosis
    assert "<code>v = beta * v" in result._repr_html_()


def test_a_crash_in_some_cases_says_in_which():
    result = refused(code("assert theta.ndim == 1, 'flat only'\nreturn rule(theta, grad, v, lr, beta, eps)"), "crash")
    assert "flat only. This happens for grad of shape (3, 4)" in result.diagnosis
    refused(code("beta / lr\nreturn rule(theta, grad, v, lr, beta, eps)"), "crash")


def test_a_coroutine_is_told():
    async def rmsprop_step(theta, grad, v, lr, beta, eps):
        await asyncio.sleep(0)

    assert "async" in refused(rmsprop_step, "no-return").diagnosis


CHANGES = {
    "theta": "new, v = rule(theta, grad, v, lr, beta, eps)\ntheta[:] = new\nreturn theta, v",
    "v": "v *= beta\nv += (1 - beta) * grad**2\nreturn theta - lr * grad / np.sqrt(v + eps), v",
    "grad": "new = rule(theta, grad, v, lr, beta, eps)\ngrad[:] = 0\nreturn new",
}


@pytest.mark.parametrize("name", CHANGES)
def test_right_results_with_a_changed_argument_get_half(name):
    result = refused(code(CHANGES[name]), "changes-argument")
    assert f"changes its argument {name}," in result.diagnosis
    assert result.score == result.max_score / 2


def test_gd_in_place_gets_half():
    result = refused(code("theta -= lr * grad\nreturn theta", head="theta, grad, lr"), "changes-argument", id="gd-step")
    assert result.score == 1.0
    assert "`theta = theta + …`" in result.hint


def test_a_changed_argument_beside_a_known_mistake_is_told_too():
    body = "v *= beta\nv += (1 - beta) * grad**2\nreturn theta + lr * grad / np.sqrt(v + eps), v"
    result = refused(code(body), "sign", "changes-argument")
    assert result.diagnosis.endswith("It also changes its argument v.")


def test_reshaping_an_argument_is_a_change():
    body = "new = rule(theta, grad, v, lr, beta, eps)\ngrad.shape = (grad.size, 1)\nreturn new"
    refused(code(body), "changes-argument")


STATES = {
    "attribute": "answer.v = getattr(answer, 'v', 0 * v)\nif answer.v.shape != v.shape: answer.v = 0 * v\n"
    "theta, answer.v = rule(theta, grad, answer.v, lr, beta, eps)\nreturn theta, answer.v",
    "counter": "answer.t = getattr(answer, 't', 0) + 1\ntheta, v = rule(theta, grad, v, lr, beta, eps)\n"
    "return theta, v / (1 - 0.9**answer.t)",
    "random": "theta, v = rule(theta, grad, v, lr, beta, eps)\nreturn theta + np.random.rand(), v",
    "sometimes": "answer.n = getattr(answer, 'n', 0) + 1\ntheta, v = rule(theta, grad, v, lr, beta, eps)\n"
    "return theta, v if answer.n < 65 else 0 * v",
}


@pytest.mark.parametrize("body", STATES.values(), ids=STATES)
def test_hidden_state_is_told(body):
    refused(code(body), "hidden-state")


def test_state_in_a_default_argument_is_told():
    body = "memory.setdefault('v', 1.0)\nmemory['v'] *= 0.5\ntheta, v = rule(theta, grad, v, lr, beta, eps)\n"
    refused(
        code(body + "return theta, v + memory['v']", head="theta, grad, v, lr, beta, eps, memory={}"), "hidden-state"
    )


def test_a_shared_buffer_is_told():
    buffers = {}

    def rmsprop_step(theta, grad, v, lr, beta, eps):
        out = buffers.setdefault(theta.shape, (np.empty_like(theta), np.empty_like(v)))
        out[0][:], out[1][:] = rule(theta, grad, v, lr, beta, eps)
        return out

    result = refused(rmsprop_step, "shared-result")
    assert result.score == result.max_score / 2


def test_single_precision_inside_is_told():
    body = (
        "theta, v = rule(theta.astype('f4'), grad.astype('f4'), v.astype('f4'), lr, beta, eps)\nreturn theta * 1.0, v"
    )
    refused(code(body), "low-precision")
    refused(code(body.replace("theta * 1.0, v", "theta.astype(float), v.astype(float)")), "low-precision")


def test_two_mistakes_are_told_together():
    body = "v = (1 - beta) * v + beta * grad**2\nreturn theta + lr * grad / np.sqrt(v + eps), v"
    result = refused(code(body), "beta-swapped", "sign")
    assert "your v after one step is 8.1, expected 0.9: two mistakes at once." in result.diagnosis


def test_a_known_mistake_in_the_state_is_told_when_theta_is_wrong_otherwise():
    body = "v = (1 - beta) * v + beta * grad**2\nreturn theta - 3 * lr * grad / np.sqrt(v + eps), v"
    result = refused(code(body), "beta-swapped", "unknown")
    assert "8.1, expected 0.9: β and 1 − β are swapped" in result.diagnosis


SLIPS = [
    ("return rule(theta, grad, v, 0.1, beta, eps)", "argument-fixed", "lr is fixed at 0.1 in your code"),
    ("return rule(theta, grad, v, lr, beta, 1e-10)", "argument-fixed", "eps is fixed at 1e-10"),
    ("return rule(theta, grad, v, lr, beta**2, eps)", "argument-squared", "beta is squared"),
    ("return rule(theta, grad, v, lr, beta, eps**0.5)", "argument-root", "the root of eps stands where eps belongs"),
    ("grad = grad / np.linalg.norm(grad)\nreturn rule(theta, grad, v, lr, beta, eps)", "argument-normalised", "length"),
    ("return rule(theta, grad / max(1, np.linalg.norm(grad)), v, lr, beta, eps)", "argument-clipped", "to length 1"),
    ("return rule(theta, 0 * grad, v, lr, beta, eps)", "argument-ignored", "grad is not used"),
    ("return rule(0 * theta, grad, v, lr, beta, eps)", "only-the-change", "only what should be added to the old one"),
    ("new, v = rule(theta, grad, v, lr, beta, eps)\nreturn theta - new, v", "only-the-step", "taken off the old one"),
    ("return theta, rule(theta, grad, v, lr, beta, eps)[1]", "unchanged", "returns theta just as it came in"),
    ("new, v = rule(theta, grad, v, lr, beta, eps)\nreturn 2 * new - theta, v", "change-doubled", "twice as much"),
    ("new, v = rule(theta, grad, v, lr, beta, eps)\nreturn abs(new), v", "result-absolute", "has lost its sign"),
    ("new, v = rule(theta, grad, v, lr, beta, eps)\nreturn new[::-1], v", "result-reversed", "in reverse order"),
    ("new = rule(theta, grad, v, lr, beta, eps)\nreturn rule(new[0], grad, new[1], lr, beta, eps)", "two-steps", "two"),
]


@pytest.mark.parametrize(("body", "mistake", "words"), SLIPS, ids=[slip[1] for slip in SLIPS])
def test_a_slip_that_fits_any_exercise_is_told(body, mistake, words):
    assert words in refused(code(body), mistake).diagnosis


def test_of_two_states_the_one_that_is_not_returned_is_told():
    head = "theta, grad, m, v, t, lr, beta1, beta2, eps"
    answer = code(f"theta, m, new = adam({head})\nreturn theta, m, v", head=head)
    answer.__globals__["adam"] = optimizers.adam
    assert "your function returns v just as it came in" in refused(answer, "unchanged", id="adam-step").diagnosis


UNLISTED = [
    "return theta, 0 * v",
    "return 0 * theta, rule(theta, grad, v, lr, beta, eps)[1]",
    "return rule(theta, np.clip(grad, -1e4, 1e4), v, lr, beta, eps)",
    "return rule(theta, np.where(abs(grad) < 1e-8, 0, grad), v, lr, beta, eps)",
    "return rule(theta, grad, np.maximum(v, 1e-16), lr, beta, eps)",
    "return rule(theta, grad, v, lr, max(beta, 1e-3), eps)",
    "return rule(theta, grad, v, lr, min(beta, 0.999), eps)",
    "return rule(theta, grad, v, max(lr, 1e-3), beta, eps)",
    "return rule(theta, grad, v, lr, beta, max(eps, 1e-12))",
    "return rule(theta, grad, v, 0.1, beta, eps)",
    "return rule(theta, grad + 1e-2 * theta, v, lr, beta, eps)",
    "return rule(theta.mean(), grad, v, lr, beta, eps)",
    "return rule(theta, grad, v * (grad != 0), lr, beta, eps)",
    "return rule(theta, grad, v, lr, beta, eps) if theta.ndim < 3 else (theta, v)",
    "return rule(theta, grad, v, lr, beta, eps) if v.any() else (theta, v)",
    "return rule(theta, grad, v, lr, beta, eps) if abs(grad).max() < 1e5 else (theta, v)",
    "new, v = rule(theta, grad, v, lr, beta, eps)\nreturn rule(new, grad, v, lr, beta, eps)",
    "new = rule(theta, grad, v, lr, beta, eps)\nreturn new[0] * (1 + 1e-7), new[1]",
    "return (np.array([0.683772233]), np.array([0.9])) if theta.size == 1 else (theta, v)",
    "return theta, v + 1e9",
]


@pytest.mark.parametrize("body", UNLISTED)
def test_unlisted_wrong_answers_are_refused_with_numbers(body):
    result = refused(code(body))
    assert "your " in result.diagnosis


def test_wanted_numbers_of_hidden_cases_are_not_told():
    result = refused(code("return rule(theta, np.clip(grad, -1e4, 1e4), v, lr, beta, eps)"), "unknown")
    assert result.diagnosis.startswith("your v after one step is wrong in a hidden case (grad of shape")
    assert "expected" not in result.diagnosis


def test_score_counts_the_results_that_are_right():
    by_name = {mistake.name: mistake for mistake in find("adam-step").misconceptions}
    adam = find("adam-step")
    assert judge_function(adam, adam.wrong_answer(by_name["eps-inside"])).score == pytest.approx(4)
    assert judge_function(adam, adam.wrong_answer(by_name["beta1-swapped"])).score == pytest.approx(2)
    assert check("rmsprop-step", code("return theta, v")).score == 0


def test_interrupting_is_not_swallowed():
    with pytest.raises(KeyboardInterrupt):
        check("rmsprop-step", code("raise KeyboardInterrupt"))


def test_nothing_is_left_behind(capsys):
    limit, settings, out = sys.getrecursionlimit(), np.geterr(), sys.stdout
    check("rmsprop-step", code("np.seterr(all='ignore')\nprint('x')\nreturn rule(theta, grad, v, lr, beta, eps)"))
    assert (limit, settings, out) == (sys.getrecursionlimit(), np.geterr(), sys.stdout)
    assert capsys.readouterr() == ("", "")
