"""The commands of `python -m rmsprop_lib.grading`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from . import assignment, batch, exercises, gradescope, jail
from .files import CannotWrite
from .journal import JOURNAL, InUse, Journal
from .mistakes_table import mistakes_table
from .records import was_graded
from .report import told, write_report
from .roster import read_roster
from .seed import SEED, keep_assignment, report_seed
from .student_notebook import write_notebooks

DONE, GAPS, USAGE, NO_JAIL, DISK, INTERRUPTED = 0, 1, 2, 3, 4, 130
_CODES = """exit codes: 0 done; 1 something could not be graded, or an exercise has a gap; 2 wrong arguments or folders;
3 no jail on this machine; 4 a file could not be written (continue with --resume); 130 interrupted (likewise)"""
_SUBMISSIONS = """folder of the hand-ins: a notebook for each student, named after the student (ada.ipynb), or a folder
for each student with a notebook in it (ada/rmsprop.ipynb)"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except jail.NoJail as error:
        return _fail(error, NO_JAIL)
    except CannotWrite as error:
        return _fail(error, DISK)
    except (LookupError, ValueError, InUse, OSError, ImportError) as error:
        return _fail(error.args[0] if isinstance(error, LookupError) else error, USAGE)
    except KeyboardInterrupt:
        return _fail("interrupted; what was graded is kept: continue with --resume", INTERRUPTED)


def _grade(options: argparse.Namespace) -> int:
    wanted = assignment.find(options.assignment)
    roster = tuple(read_roster(options.students)) if options.students else ()
    key = _key(options.key_file) if options.key_file else b""
    if not options.submissions.is_dir():
        raise NotADirectoryError(f"SUBMISSIONS must be a folder, got {options.submissions}")
    if options.out.resolve() == options.submissions.resolve():
        raise ValueError(f"REPORT must be another folder than SUBMISSIONS, got {options.out} for both")
    begun = options.out / JOURNAL
    if begun.exists() and not options.resume:
        raise ValueError(f"{options.out} holds a report already: give --resume to continue it, or another --out")
    if options.unsafe_no_jail:
        print("warning: student code runs without a jail and can do what you can do", file=sys.stderr)
        jail.require_another_user()
    else:
        jail.require_jail()
    jail.warn_of_gaps()
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(options.out, error) from error
    with Journal(begun) as journal:
        keep_assignment(options.out, wanted.name)
        seed = report_seed(options.out, options.seed)
        print(f"hidden cases are drawn with the seed {seed}, kept in {options.out / SEED}", file=sys.stderr)
        this = batch.Batch(options.assignment, seed, key, roster, jail=not options.unsafe_no_jail)
        with batch.workers(options.workers, options.scheduler) as (executor, count):
            outcome = batch.grade_class(this, options.submissions, journal, executor, 2 * count)
    unwritten = write_report(options.out, wanted, outcome.records)
    for line in (*told(outcome.records), *unwritten):
        print(line, file=sys.stderr)
    graded = sum(map(was_graded, outcome.records))
    print(f"{graded} hand-ins graded: {options.out / 'grades.csv'}, {options.out / 'overview.html'}")
    if unwritten:
        return DISK
    return GAPS if outcome.faults else DONE


def _assignments(options: argparse.Namespace) -> int:
    chosen = [assignment.find(name) for name in options.assignment or assignment.names()]
    _together(options)
    students = read_roster(options.students) if options.students else []
    key = _key(options.key_file, make=True) if students else b""
    for one in chosen:
        for path in write_notebooks(options.out, one, students, key, options.package):
            print(path)
    return DONE


def _exercises(options: argparse.Namespace) -> int:
    table, gaps = mistakes_table(exercises())
    print(f"{table}\n\n{gaps} gaps")
    return GAPS if gaps else DONE


def _export_gradescope(options: argparse.Namespace) -> int:
    _together(options)
    roster = read_roster(options.students) if options.students else ()
    key = _key(options.key_file) if options.key_file else b""
    gradescope.export(options.out, options.assignment, key, roster, options.seed)
    print(options.out)
    return DONE


def _gradescope(options: argparse.Namespace) -> int:
    gradescope.run(options.root)
    return DONE


def _together(options: argparse.Namespace) -> None:
    if (options.students is None) is not (options.key_file is None):
        raise ValueError("--students and --key-file go together: who has own numbers, and the key to them")


def _key(path: Path, make: bool = False) -> bytes:
    """The instructor's key: what is in the file, which is made where it may be."""
    if make and not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        print(f"new key in {path}: keep it from the students, and give it to the grader", file=sys.stderr)
    key = path.read_bytes().strip()
    if len(key) < assignment.SHORTEST_KEY:
        raise ValueError(f"{path} must hold a key of at least {assignment.SHORTEST_KEY} bytes, got {len(key)}")
    return key


def _fail(error, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


class _Once(argparse.Action):
    """Keep the value of an option. A second value is an error: which one is meant?"""

    def __call__(self, parser, namespace, values, option_string=None):
        given = vars(namespace).setdefault("given", set())
        if self.dest in given:
            parser.error(f"{option_string} wanted once, got {getattr(namespace, self.dest)} and {values}")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.register("action", None, _Once)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("python -m rmsprop_lib.grading", description=__doc__, epilog=_CODES)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("grade", help="grade a folder of hand-ins", epilog=_CODES)
    command.set_defaults(run=_grade)
    command.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help=_SUBMISSIONS)
    command.add_argument("--assignment", required=True, metavar="NAME", help=f"one of {', '.join(assignment.names())}")
    command.add_argument("--out", required=True, type=Path, metavar="REPORT", help="folder for the report")
    where = command.add_mutually_exclusive_group()
    where.add_argument("--workers", type=_positive, default=os.cpu_count(), metavar="N", help="hand-ins at once")
    where.add_argument("--scheduler", default="", metavar="ADDRESS", help="a Dask cluster, such as tcp://host:8786")
    command.add_argument("--resume", action="store_true", help="go on where a batch was stopped; regrade changed files")
    command.add_argument("--seed", type=int, metavar="N", help="of the hidden cases (default: drawn at random)")
    command.add_argument("--students", type=Path, metavar="FILE", help="names, one a line: tells who is missing")
    command.add_argument("--key-file", type=Path, metavar="FILE", help="the key of numbers drawn per student")
    command.add_argument("--unsafe-no-jail", action="store_true", help="run student code without bubblewrap")

    command = commands.add_parser("assignments", help="write the notebooks that students fill in")
    command.set_defaults(run=_assignments)
    command.add_argument("--out", required=True, type=Path, metavar="DIR", help="folder for the notebooks")
    command.add_argument("--assignment", action="append", metavar="NAME", help="one of them; all if left out")
    command.add_argument("--students", type=Path, metavar="FILE", help="names, one a line: each gets other numbers")
    command.add_argument("--key-file", type=Path, metavar="FILE", help="the key to draw them with; made if missing")
    command.add_argument("--package", default="", metavar="ADDRESS", help="what students give to pip install")

    command = commands.add_parser("exercises", help="try every solution and every known mistake")
    command.set_defaults(run=_exercises)

    command = commands.add_parser("export-gradescope", help="write an autograder for Gradescope")
    command.set_defaults(run=_export_gradescope)
    command.add_argument("--assignment", required=True, metavar="NAME")
    command.add_argument("--out", required=True, type=Path, metavar="ZIP", help="such as autograder.zip")
    command.add_argument("--seed", type=int, metavar="N", help="of the hidden cases (default: drawn at random)")
    command.add_argument("--students", type=Path, metavar="FILE", help="names, one a line, if they have own numbers")
    command.add_argument("--key-file", type=Path, metavar="FILE", help="the key to their numbers; it is in the zip")

    command = commands.add_parser("gradescope", help="what that autograder runs")
    command.set_defaults(run=_gradescope)
    command.add_argument("--root", type=Path, default=Path("/autograder"), metavar="DIR")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a number of 1 or more wanted, got {text!r}")
    return int(text)
