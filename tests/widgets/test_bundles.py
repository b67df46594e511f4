"""The committed bundles are those of the sources beside them, and small."""

import hashlib
import shutil
import subprocess

import pytest

from rmsprop_lib.widgets.figure import STATIC

WIDGETS = STATIC.parent
JS = WIDGETS / "js"
ADVICE = "run `make js` and commit what it changes"
LIMIT = 16_000  # bytes: a page carries the figure once per widget


def listed() -> dict[str, str]:
    lines = (STATIC / "CHECKSUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def sources() -> set[str]:
    return {f"js/{p.name}" for p in JS.iterdir() if p.suffix in {".js", ".mjs", ".css", ".json"}}


def bundles() -> set[str]:
    return {f"static/{p.name}" for p in STATIC.iterdir() if p.name != "CHECKSUMS"}


def test_every_source_and_every_bundle_is_listed():
    assert set(listed()) == sources() | bundles(), ADVICE


def test_no_source_was_edited_since_the_bundles_were_made():
    changed = [n for n, digest in listed().items() if hashlib.sha256((WIDGETS / n).read_bytes()).hexdigest() != digest]
    assert not changed, f"{', '.join(changed)}: {ADVICE}"


@pytest.mark.parametrize("name", sorted(p.name for p in STATIC.glob("*.js")))
def test_a_bundle_is_small(name):
    assert (STATIC / name).stat().st_size <= LIMIT


@pytest.mark.skipif(
    not (shutil.which("node") and (JS / "node_modules/esbuild").exists()),
    reason="node or esbuild is missing; the checksums are compared all the same",
)
def test_building_again_gives_the_same_bytes(tmp_path):
    package = tmp_path / "rmsprop_lib"
    shutil.copytree(WIDGETS, package / "widgets", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (package / "widgets/js/node_modules").symlink_to(JS / "node_modules")
    for bundle in bundles():
        (package / "widgets" / bundle).write_text("")
    subprocess.run(["node", "build.mjs"], cwd=package / "widgets/js", check=True, timeout=60)
    for name in [*bundles(), "static/CHECKSUMS"]:
        assert (package / "widgets" / name).read_bytes() == (WIDGETS / name).read_bytes(), name


@pytest.mark.skipif(not shutil.which("node"), reason="node is missing; test_parity.py runs the same rules in QuickJS")
def test_the_modules_pass_their_own_tests_in_node():
    tests = sorted(str(p) for p in (WIDGETS.parent.parent / "tests/widgets/js").glob("*.test.mjs"))
    assert tests
    done = subprocess.run(["node", "--test", *tests], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
