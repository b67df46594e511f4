"""A roster is read however it was saved, and a student is found in whatever a file of theirs was renamed to."""

import codecs
import unicodedata

import pytest

from rmsprop_lib.grading.roster import fold, may_be, read_roster, students_in, tidy

NAMES = ["Zoé Lefèvre", "bob", "李小龍", "Jean-Luc O'Neil"]
SAVED = {
    "plain": "\n".join(NAMES).encode(),
    "by Excel or Notepad": codecs.BOM_UTF8 + "\r\n".join(NAMES).encode(),
    "as Unicode by Notepad": codecs.BOM_UTF16_LE + "\r\n".join(NAMES).encode("utf-16-le"),
    "big end first": codecs.BOM_UTF16_BE + "\n".join(NAMES).encode("utf-16-be"),
    "in 32 bits": codecs.BOM_UTF32_LE + "\n".join(NAMES).encode("utf-32-le"),
    "on an old Mac": "\r".join(NAMES).encode(),
    "with accents apart": unicodedata.normalize("NFD", "\n".join(NAMES)).encode(),
    "with blanks": "\n\n".join(f"  {name.replace(' ', chr(0xA0))} \t" for name in NAMES).encode() + b"\n\n",
    "with marks of direction": "\n".join(f"\u200e{name}\u200f" for name in NAMES).encode(),
}


@pytest.mark.parametrize("way", SAVED)
def test_a_roster_gives_the_same_names_however_it_was_saved(tmp_path, way):
    (tmp_path / "names").write_bytes(SAVED[way])
    assert read_roster(tmp_path / "names") == NAMES


BAD = {
    "twice": ("ada\nbob\nada", "must name each student once, got 'ada' and 'ada'"),
    "twice but for case": ("ada\nADA", "got 'ada' and 'ADA'"),
    "twice but for spaces": ("Ada  Byron\nAda Byron ", "got 'Ada Byron' and 'Ada Byron'"),
    "twice but for accents apart": ("é\ne\u0301", "once, got"),
    "twice but for width": ("ada\nａｄａ", "once, got"),
    "nobody": ("\n \n", "must hold names, one a line, got none"),
    "a path": ("../ada", "usable as the name of a folder, got '../ada'"),
    "a Windows path": ("a\\b", "usable as the name of a folder"),
    "a hidden folder": (".ada", "usable as the name of a folder"),
    "a folder above": ("..", "usable as the name of a folder"),
    "a control character": ("a\x1bda", "usable as the name of a folder"),
    "16 bits without a mark": ("ada\nbob".encode("utf-16-le"), "usable as the name of a folder"),
    "Latin-1": ("Zoé".encode("latin-1"), "must be UTF-8 text"),
    "a long name": ("愛" * 82, "at most 200 bytes"),
    "no letters": ("---", "must have a letter or a digit"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_roster_that_cannot_be_right_is_refused(tmp_path, name):
    text, words = BAD[name]
    (tmp_path / "names").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match="must ") as error:
        read_roster(tmp_path / "names")
    assert words in str(error.value)


CLASS = ["ada", "bob", "Bob Lovelace", "Zoé Lefèvre", "student1", "student2", "Adam", "Jean-Luc O'Neil"]
RENAMED = {
    "Ada": "ada",
    "ada ": "ada",
    "ada (1)": "ada",
    "Copy of ada": "ada",
    "ada - Copy": "ada",
    "Kopie von ada": "ada",
    "rmsprop_ada": "ada",
    "ADA_LATE_12345_678_rmsprop": "ada",
    unicodedata.normalize("NFD", "Zoé Lefèvre"): "Zoé Lefèvre",
    "zoe lefevre": "Zoé Lefèvre",
    "Lefèvre, Zoé": "Zoé Lefèvre",
    "lefèvrezoé_12345_678_rmsprop": "Zoé Lefèvre",
    "Bob Lovelace_4712_assignsubmission_file_": "Bob Lovelace",
    "lovelacebob_12345_678_rmsprop-1": "Bob Lovelace",
    "bob (2)": "bob",
    "student1 (2)": "student1",
    "student2_1": "student2",
    "oneiljeanluc_12_34_rmsprop": "Jean-Luc O'Neil",
    "adam": "Adam",
    "adam (3)": "Adam",
}


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_file_is_its_students(name):
    assert students_in(name, CLASS, "rmsprop") == [RENAMED[name]]


@pytest.mark.parametrize(
    "name", ["adamson_1_2_rmsprop", "student10", "student", "rmsprop", "lovelace", "ada1", "", "(1)"]
)
def test_a_name_that_only_looks_like_one_of_the_class_is_nobodys(name):
    assert students_in(name, CLASS, "rmsprop") == []


def test_two_names_in_one_are_both_told():
    assert students_in("ada and bob", CLASS, "rmsprop") == ["ada", "bob"]


def test_the_number_of_a_copy_is_not_taken_for_a_part_of_a_name():
    assert students_in("ada (1)", ["ada", "ada 1"], "rmsprop") == ["ada", "ada 1"]
    assert students_in("ada 1", ["ada", "ada 1"], "rmsprop") == ["ada 1"]


def test_the_name_of_the_assignment_is_no_student():
    assert students_in("bob_adam", CLASS, "adam") == ["bob"]
    assert students_in("lovelacebob_12_34_adam", CLASS, "adam") == ["Bob Lovelace"]
    assert students_in("adam", CLASS, "adam") == ["Adam"]


def test_letters_inside_a_word_are_enough_only_for_may_be():
    assert may_be("lovelacebob_12345_rmsprop", "bob")
    assert may_be("Lefèvre-Zoé", "Zoé Lefèvre")
    assert not may_be("lovelacebob", "ada")


def test_folding_keeps_apart_what_people_keep_apart():
    assert fold("René") != fold("Rene")
    assert fold("Straße") == fold("STRASSE")
    assert tidy("  a\u200b  b ") == "a b"


NUMBERS = ["1", "2", "3", "12345"]
BARE = {
    "2": "2",
    " 2 ": "2",
    "2 (1)": "2",
    "Copy of 2": "2",
    "2 - Copy (3)": "2",
    "rmsprop_2": "2",
    "2_rmsprop": "2",
    "2_rmsprop-1": "2",
}


@pytest.mark.parametrize("name", BARE)
def test_a_student_who_is_a_number_is_found_where_it_stands_alone(name):
    assert students_in(name, NUMBERS, "rmsprop") == [BARE[name]]


@pytest.mark.parametrize(
    "name",
    ["carol (1)", "carol 1", "rmsprop (3)", "rmsprop-3", "Copy of rmsprop (2)", "(1)", "lovelaceada_12345_678_rmsprop"],
)
def test_a_number_that_counts_copies_is_no_student(name):
    assert students_in(name, NUMBERS, "rmsprop") == []
