"""Every exercise: its solution passes, its mistakes are refused by their own names, its questions are sharp."""

import inspect

import numpy as np
import pytest

from rmsprop_lib.exercises import BY_ID, CHAPTERS, find
from rmsprop_lib.grading import check, exercises
from rmsprop_lib.grading.code import judge_function
from rmsprop_lib.grading.compare import agree, key, outcome

CODE = [exercise for exercise in exercises() if exercise.kind == "code"]
STEPS = [exercise for exercise in CODE if exercise.recipe]
NUMBERS = [exercise for exercise in exercises() if exercise.kind == "number"]
MISTAKES = [(exercise, mistake) for exercise in exercises() for mistake in exercise.misconceptions]

SIGNATURES = {
    "gd-step": "gd_step(theta, grad, lr) -> theta",
    "largest-stable-lr": "largest_stable_lr(H) -> float",
    "ema": "ema(x, beta) -> m",
    "half-life": "half_life(beta) -> float",
    "momentum-step": "momentum_step(theta, grad, m, lr, mu) -> (theta, m)",
    "adagrad-step": "adagrad_step(theta, grad, s, lr, eps) -> (theta, s)",
    "rmsprop-step": "rmsprop_step(theta, grad, v, lr, beta, eps) -> (theta, v)",
    "adam-step": "adam_step(theta, grad, m, v, t, lr, beta1, beta2, eps) -> (theta, m, v)",
}


def judged(exercise, answer):
    return judge_function(exercise, answer) if exercise.kind == "code" else check(exercise.id, answer)


def by_id(item):
    return getattr(item, "id", None) or getattr(item, "name", None)


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=by_id)
def test_every_mistake_is_refused_and_named(exercise, mistake):
    result = judged(exercise, exercise.wrong_answer(mistake))
    assert not result.passed
    assert result.score < result.max_score
    assert result.mistakes == (mistake.name,)
    assert mistake.sentence in result.diagnosis
    assert result.hint == mistake.hint


@pytest.mark.parametrize("exercise", exercises(), ids=by_id)
def test_every_solution_passes(exercise):
    answer = exercise.reference(**exercise.given) if exercise.kind == "number" else exercise.reference
    result = judged(exercise, answer)
    assert result.passed, result
    assert result.score == result.max_score == exercise.points


@pytest.mark.parametrize("exercise", CODE, ids=by_id)
def test_the_printed_solution_runs_and_passes(exercise):
    names = {"np": np}
    exec(exercise.solution_text, names)
    assert check(exercise.id, names[exercise.name]).passed


@pytest.mark.parametrize("exercise", CODE, ids=by_id)
def test_every_mistake_shows_its_numbers_in_a_public_case(exercise):
    expected = key(exercise.id)
    for mistake, outcomes in expected.wrong:
        visible = [
            case
            for case, got, want in zip(expected.cases, outcomes, expected.wanted, strict=True)
            if case.public and not all(agree(exercise, case, got, want, tolerance=1e-3))
        ]
        assert visible, mistake.name


@pytest.mark.parametrize("exercise", STEPS, ids=by_id)
def test_the_recipe_is_the_reference(exercise):
    recipe = exercise.wrong_answer(type(exercise.misconceptions[0])("none", "", "", lines=exercise.recipe))
    for case, want in zip(key(exercise.id).cases, key(exercise.id).wanted, strict=True):
        assert all(agree(exercise, case, outcome(exercise, recipe, case), want))


@pytest.mark.parametrize("exercise", CODE, ids=by_id)
def test_every_wanted_result_is_finite_and_float64(exercise):
    for parts in key(exercise.id).wanted:
        for part in parts:
            assert part.dtype == np.float64
            assert np.isfinite(part).all()


@pytest.mark.parametrize("exercise", CODE, ids=by_id)
def test_another_seed_changes_hidden_cases_and_no_public_one(exercise):
    here, there = exercise.cases(0), exercise.cases(1)
    same = [
        all(np.array_equal(a, b) for a, b in zip(one.args, other.args, strict=True))
        for one, other in zip(here, there, strict=True)
    ]
    assert all(s for s, case in zip(same, here, strict=True) if case.public)
    assert not all(s for s, case in zip(same, here, strict=True) if not case.public)
    assert [case.public for case in here] == sorted((case.public for case in here), reverse=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("exercise", CODE, ids=by_id)
def test_mistakes_stay_apart_for_every_seed(exercise, seed):
    expected = key(exercise.id, seed)
    table = [("right", expected.wanted), *((mistake.name, outcomes) for mistake, outcomes in expected.wrong)]
    for i, (name, one) in enumerate(table):
        for other_name, other in table[:i]:
            same = [all(agree(exercise, *row)) for row in zip(expected.cases, one, other, strict=True)]
            assert not all(same), (name, other_name)


@pytest.mark.parametrize("exercise", STEPS, ids=by_id)
def test_step_cases_cover_what_the_book_promises(exercise):
    cases = [dict(zip(exercise.parameters, case.args, strict=True)) for case in exercise.cases(0)]
    sizes = {f"{np.abs(case['grad']).max():.0e}"[2:] for case in cases}
    assert {"-09", "-06", "+06"} <= {size.removeprefix("e") for size in sizes}
    assert {case["theta"].ndim for case in cases} == {1, 2, 3}
    assert {case["lr"] == 0 for case in cases} == {True, False}
    assert any(not case["theta"].any() for case in cases)
    for name in {"beta", "beta1", "beta2", "mu", "eps"} & set(exercise.parameters):
        assert {case[name] == 0 for case in cases} == {True, False}, name
    for name in {"m", "v", "s"} & set(exercise.parameters):
        assert {bool(case[name].any()) for case in cases} == {True, False}, name
    if "eps" in exercise.parameters:
        assert all(case["grad"].all() for case in cases if case["eps"] == 0)
        assert any(not case["grad"].all() for case in cases)
    if "t" in exercise.parameters:
        assert min(case["t"] for case in cases) == 1
        assert max(case["t"] for case in cases) > 10**4


@pytest.mark.parametrize("exercise", NUMBERS, ids=by_id)
def test_near_misses_lie_outside_the_tolerance(exercise):
    right = exercise.reference(**exercise.given)
    values = [right, *(exercise.wrong_answer(mistake) for mistake in exercise.misconceptions)]
    for i, value in enumerate(values):
        for other in values[:i]:
            assert abs(value - other) > 2 * exercise.tolerance * max(abs(value), abs(other))


def test_a_wrong_number_is_known_to_the_digits_that_were_asked_for():
    assert "relative variance" in check("memory-error", 0.051).diagnosis  # 0.0513; "three digits after the point"
    assert "square of the right" in check("slowest-mode-factor", 0.669).diagnosis


@pytest.mark.parametrize("exercise", exercises(), ids=by_id)
def test_every_exercise_is_complete(exercise):
    assert len({mistake.name for mistake in exercise.misconceptions}) == len(exercise.misconceptions) >= 3
    assert exercise.points == int(exercise.points) > 0
    assert exercise.hint
    assert "{" not in exercise.text + exercise.solution_text
    for mistake in exercise.misconceptions:
        assert not mistake.sentence.endswith(".")
        assert mistake.hint.endswith((".", "?", "…"))
    if exercise.kind == "concept":
        wrong = [mistake.wrong for mistake in exercise.misconceptions]
        assert sorted([exercise.reference, *wrong]) == list(exercise.choices)


@pytest.mark.parametrize(("id", "signature"), SIGNATURES.items())
def test_fixed_ids_keep_their_signatures(id, signature):
    exercise = find(id)
    assert exercise.signature == signature
    assert tuple(inspect.signature(exercise.reference).parameters) == exercise.parameters


@pytest.mark.parametrize(("id", "least"), [("gd-step", 5), ("adagrad-step", 8), ("rmsprop-step", 16), ("adam-step", 8)])
def test_steps_know_many_mistakes(id, least):
    assert len(find(id).misconceptions) >= least


def test_every_chapter_has_three_to_five_exercises_of_its_own():
    for chapter in CHAPTERS:
        name = chapter.__name__.rpartition(".")[2]
        assert 3 <= len(chapter.EXERCISES) <= 5
        assert {exercise.chapter for exercise in chapter.EXERCISES} == {name}


def test_ids_are_unique():
    assert len(BY_ID) == sum(len(chapter.EXERCISES) for chapter in CHAPTERS)


def test_an_unknown_id_names_its_neighbours():
    with pytest.raises(LookupError, match="no exercise 'rmsprop_step': did you mean 'rmsprop-step'"):
        find("rmsprop_step")
    with pytest.raises(LookupError, match="wanted one of adagrad-"):
        find("zzz")
