"""Files appear whole or not at all, and the journal outlives a kill at any byte."""

import errno
import json
import os
import resource
import signal

import pytest

from rmsprop_lib.grading import files
from rmsprop_lib.grading.journal import InUse, Journal


@pytest.fixture
def small_disk():
    """As on a full disk: no file can grow beyond 2000 bytes, and the attempt is an error."""
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, old[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, old)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_file_is_replaced_in_one_move(tmp_path):
    path = tmp_path / "grades.csv"
    files.write(path, "old")
    files.write(path, "new ü\r\n")
    assert path.read_bytes() == "new ü\r\n".encode()
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_what_a_kill_left_half_written_is_gone_after_the_next_try(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    with monkeypatch.context() as killed:
        killed.setattr(os, "replace", lambda *paths: pytest.exit("killed"))
        with pytest.raises(pytest.exit.Exception):
            files.write(path, "half")
    assert len(os.listdir(tmp_path)) == 1
    files.write(path, "whole")
    assert os.listdir(tmp_path) == ["grades.csv"]
    assert path.read_text() == "whole"


def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path, small_disk):
    path = tmp_path / "grades.csv"
    files.write(path, "old")
    with pytest.raises(files.CannotWrite, match=r"cannot write .*grades.csv: .*--resume"):
        files.write(path, "x" * 9999)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_an_error_at_the_last_moment_leaves_the_old_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "grades.csv"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(files.CannotWrite, match="No space left on device"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["grades.csv"]


def test_records_are_there_when_the_journal_is_opened_again(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.add("a", {"x": 1})
        journal.add("b", {"x": "é\n"})
    with Journal(path) as journal:
        assert journal.records == {"a": {"x": 1}, "b": {"x": "é\n"}}
        journal.add("a", {"x": 2})
    with Journal(path) as journal:
        assert journal.records["a"] == {"x": 2}


def test_a_journal_cut_off_at_any_byte_keeps_every_whole_line(tmp_path):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        for name in "abc":
            journal.add(name, {"text": f"{name} é"})
    whole = path.read_bytes()
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        with Journal(path) as journal:
            assert list(journal.records) == list("abc"[: whole[:length].count(b"\n")])
            journal.add("d", {})
        assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == [*journal.records]


def test_a_full_disk_leaves_no_half_line(tmp_path, small_disk):
    path = tmp_path / "journal"
    with Journal(path) as journal:
        journal.add("a", {"x": 1})
        with pytest.raises(files.CannotWrite, match="--resume"):
            journal.add("b", {"x": "y" * 3000})
        assert "b" not in journal.records
    with Journal(path) as journal:
        assert journal.records == {"a": {"x": 1}}


def test_two_batches_cannot_write_one_journal(tmp_path):
    with Journal(tmp_path / "journal"), pytest.raises(InUse, match="another batch is writing"):
        Journal(tmp_path / "journal")
    Journal(tmp_path / "journal").__exit__(None, None, None)


def test_a_folder_that_is_missing_is_told(tmp_path):
    with pytest.raises(files.CannotWrite, match="No such file"):
        Journal(tmp_path / "nowhere" / "journal")
