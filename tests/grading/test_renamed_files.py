"""Classes with names that are alike, files renamed in every way: a hand-in is its student's, or it is told."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from rmsprop_lib.grading import assignment, mark
from rmsprop_lib.grading.hand_in import HandIn
from rmsprop_lib.grading.identity import ABSENT, settle
from rmsprop_lib.grading.page_names import page_names
from rmsprop_lib.grading.roster import fold

KEY = b"a key of more than sixteen bytes"
RMSPROP = assignment.find("rmsprop")
WORDS = st.sampled_from(
    [
        *(
            "Ada",
            "Adam",
            "Ann",
            "Anna",
            "Joanna",
            "A",
            "Li",
            "Lee",
            "Lindt",
            "Zoé",
            "Zoe",
            "O'Neil",
            "Bob",
            "李",
            "李芳",
        ),
        *("Student1", "Student10", "1", "11"),
    ]
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
CLASSES = st.lists(NAMES, min_size=1, max_size=6, unique_by=fold)


def canvas(name):
    first, *others = name.lower().split()
    return "".join([*others, first]).replace("'", "") + "_LATE_4711_815_rmsprop"


WAYS = [
    str.upper,
    str.lower,
    canvas,
    lambda name: unicodedata.normalize("NFD", name),
    lambda name: unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or name,
    lambda name: f"{name} (2)",
    lambda name: f"{name} ",
    lambda name: f"Copy of {name}",
    lambda name: f"{name} - Copy",
    lambda name: f"{name}_4712_assignsubmission_file_",
    lambda name: f"rmsprop_{name}",
    lambda name: f"{name}_rmsprop",
    lambda name: ", ".join(reversed(name.rsplit(" ", 1))),
    lambda name: name.replace(" ", "_"),
]
RENAMED = st.lists(st.sampled_from(WAYS), max_size=3)


def renamed(name, ways):
    for way in ways:
        name = way(name)
    return name


@given(CLASSES, st.data())
def test_a_signed_notebook_is_its_students_or_told_and_never_graded_with_other_numbers(names, data):
    student = data.draw(st.sampled_from(names))
    numbers = assignment.personalise(student, KEY, RMSPROP.exercises)
    line = f'own_numbers("{mark.make(mark.Claim(student, "rmsprop", numbers), KEY)}")'
    named = renamed(student, data.draw(RENAMED))
    for roster in (names, []):
        (one, *absent) = settle([HandIn(named, "x.ipynb", "digest", (line,))], RMSPROP, KEY, roster)
        assert one.mine.problem or (one.mine.student, one.numbers) == (student, numbers)
        assert {other.mine.problem for other in absent} <= {ABSENT}
    if len(names) == 1:
        assert settle([HandIn(named, "x.ipynb", "digest", (line,))], RMSPROP, KEY, names)[0].mine.problem == ""


@given(CLASSES, st.data())
def test_an_unsigned_notebook_is_its_students_or_told(names, data):
    student = data.draw(st.sampled_from(names))
    named = renamed(student, data.draw(RENAMED))
    one = settle([HandIn(named, "x.ipynb", "digest", ("a = 1",))], RMSPROP, b"", names)[0]
    assert one.mine.student == student or one.mine.problem or one.mine.note


@given(CLASSES)
def test_files_that_bear_the_names_of_the_list_are_all_found(names):
    found = settle(
        [HandIn(name, "x.ipynb", "digest", (f"a = {i}",)) for i, name in enumerate(names)], RMSPROP, b"", names
    )
    assert [(one.mine.student, one.mine.problem, one.mine.note) for one in found] == [(name, "", "") for name in names]


@given(CLASSES, st.data())
def test_each_student_has_one_row_and_one_page_whoever_handed_in_whose_notebook(names, data):
    numbers = {name: assignment.personalise(name, KEY, RMSPROP.exercises) for name in names}
    lines = {n: f'own_numbers("{mark.make(mark.Claim(n, "rmsprop", numbers[n]), KEY)}")' for n in names}
    students = st.sampled_from(names)
    named = data.draw(st.lists(st.builds(renamed, students, RENAMED), min_size=1, max_size=8, unique=True))
    cells = [(lines[data.draw(students)], f"a = {i}") for i in range(len(named))]
    hand_ins = [HandIn(name, f"{name}.ipynb", "digest", both) for name, both in zip(named, cells, strict=True)]
    for roster in (names, []):
        told = [one.mine.student for one in settle(hand_ins, RMSPROP, KEY, roster)]
        assert len(set(page_names(told).values())) == len(told)
        assert len(set(map(fold, told))) == len(told)
        assert set(map(fold, roster)) <= set(map(fold, told))


@given(CLASSES, st.data())
def test_nobody_is_graded_with_the_numbers_of_one_whose_name_the_file_does_not_bear(names, data):
    """Each file is called as its student on the list."""
    me, victim = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    line = f'own_numbers("{mark.make(mark.Claim(victim, "rmsprop", {}), KEY)}")'
    (one, *_) = settle([HandIn(me, "x.ipynb", "digest", (line,))], RMSPROP, KEY, names)
    assert bool(one.mine.problem) == (me != victim)
