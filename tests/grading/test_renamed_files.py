"""Classes with names that are alike, files renamed in every way: a hand-in is its student's, or it is told."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from rmsprop_lib.grading import assignment, mark
from rmsprop_lib.grading.hand_in import HandIn
from rmsprop_lib.grading.identity import ABSENT, settle
from rmsprop_lib.grading.roster import fold

KEY = b"a key of more than sixteen bytes"
RMSPROP = assignment.find("rmsprop")
WORDS = st.sampled_from(
    ["Ada", "Adam", "Ann", "Anna", "A", "Li", "Lee", "Zoé", "Zoe", "O'Neil", "Student1", "Student10", "1", "李", "Bob"]
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
