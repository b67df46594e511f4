"""Every way to come by a browser, with fakes on the PATH that answer as the real programs do."""

import os
import shutil
import sys
import time

import pytest

from tools import browser

CHROMIUM = "echo Chromium 150.0.1"
CHMOD = shutil.which("chmod")
STUB = "echo 'this command needs the chromium snap to be installed' >&2; exit 1"


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An empty PATH, and a function that puts a shell script on it."""
    for variable in ("CHROME_PATH", "BROWSER_PATH", "DEBIAN_FRONTEND"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(browser, "MAC", "")

    def put(name, script):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    put("python", _playwright(downloads=False))
    return put


def _playwright(downloads):
    """A python whose playwright says where its browser would be, and downloads it or fails."""
    fail = "echo 'Error: getaddrinfo ENOTFOUND' >&2; exit 1"
    return f'case "$1" in -c) echo $0-chromium ;; -m) {_put(CHROMIUM, "$0-chromium") if downloads else fail} ;; esac'


def _apt(installs=CHROMIUM):
    """An apt-get that notes its arguments and, told to install chromium, puts a program of that name beside itself."""
    return f'echo "$@" >> $0.log\ncase "$*" in install*chromium) {_put(installs, "${0%/*}/chromium")} ;; esac'


def _put(script, path):
    return f"printf '#!/bin/sh\\n%s\\n' \"{script}\" > {path}; {CHMOD} +x {path}"


def _find(tmp_path):
    return os.path.basename(browser.find_or_install(python=str(tmp_path / "python")))


@pytest.mark.parametrize("name", browser.NAMES)
def test_a_browser_on_the_path_is_used(programs, tmp_path, name):
    programs(name, CHROMIUM)
    assert _find(tmp_path) == name


def test_google_chrome_counts(programs, tmp_path):
    programs("google-chrome", "echo Google Chrome 150.0.1")
    assert _find(tmp_path) == "google-chrome"


@pytest.mark.parametrize("script", [STUB, "echo Mozilla Firefox 150.0", "exit 0"])
def test_a_program_that_is_no_chromium_is_passed_over(programs, tmp_path, script):
    programs("chromium", script)
    programs("google-chrome-stable", CHROMIUM)
    assert _find(tmp_path) == "google-chrome-stable"


@pytest.mark.parametrize("variable", ["CHROME_PATH", "BROWSER_PATH"])
def test_a_named_browser_comes_before_the_path(programs, tmp_path, monkeypatch, variable):
    programs("chromium", CHROMIUM)
    monkeypatch.setenv(variable, programs("mine", CHROMIUM))
    assert _find(tmp_path) == "mine"


def test_a_wrongly_named_browser_is_an_error_even_if_another_is_there(programs, tmp_path, monkeypatch):
    programs("chromium", CHROMIUM)
    monkeypatch.setenv("CHROME_PATH", "nowhere")
    with pytest.raises(browser.NoBrowserError, match=r"CHROME_PATH must be .* got 'nowhere'"):
        _find(tmp_path)


def test_what_playwright_downloaded_before_is_used(programs, tmp_path, capsys):
    programs("python-chromium", CHROMIUM)
    assert _find(tmp_path) == "python-chromium"
    assert capsys.readouterr().out == ""


def test_playwright_downloads_one_when_there_is_none(programs, tmp_path, capsys):
    programs("python", _playwright(downloads=True))
    assert _find(tmp_path) == "python-chromium"
    assert "installing one" in capsys.readouterr().out


def test_root_on_debian_installs_the_package_when_the_download_fails(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "_is_root", lambda: True)
    programs("apt-get", _apt())
    assert _find(tmp_path) == "chromium"
    update, install = (tmp_path / "apt-get.log").read_text().splitlines()
    assert update == "update"
    assert install == "install -y --no-install-recommends chromium"


def test_a_downloaded_browser_that_lacks_libraries_leads_to_the_package(programs, tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "_is_root", lambda: True)
    programs("python", 'case "$1" in -c) echo $0-chromium ;; esac')
    programs("python-chromium", "echo 'error while loading shared libraries: libnss3.so' >&2; exit 127")
    programs("apt-get", _apt())
    assert _find(tmp_path) == "chromium"


@pytest.mark.parametrize(("root", "apt"), [(False, _apt()), (True, None), (True, "exit 100"), (True, _apt(STUB))])
def test_without_any_browser_one_line_says_what_to_install(programs, tmp_path, monkeypatch, root, apt):
    monkeypatch.setattr(browser, "_is_root", lambda: root)
    if apt:
        programs("apt-get", apt)
    with pytest.raises(browser.NoBrowserError) as caught:
        _find(tmp_path)
    assert str(caught.value) == browser.ADVICE
    assert "\n" not in browser.ADVICE
    assert root or not (tmp_path / "apt-get.log").exists()


def test_a_download_that_hangs_is_ended_with_its_children(programs, tmp_path, monkeypatch):
    sleep = shutil.which("sleep", path=os.defpath)
    programs("python", f'case "$1" in -c) echo $0-chromium ;; -m) ({sleep} 1; echo > $0-late) & wait ;; esac')
    monkeypatch.setattr(browser, "DOWNLOAD_LIMIT", 0.3)
    monkeypatch.setattr(browser, "_is_root", lambda: False)
    with pytest.raises(browser.NoBrowserError):
        _find(tmp_path)
    time.sleep(1.2)
    assert not (tmp_path / "python-late").exists()


def test_only_root_gives_up_the_sandbox(monkeypatch):
    monkeypatch.setattr(browser, "_is_root", lambda: False)
    assert "--no-sandbox" not in browser.arguments()
    monkeypatch.setattr(browser, "_is_root", lambda: True)
    assert "--no-sandbox" in browser.arguments()


def test_a_real_python_says_where_its_playwright_keeps_a_browser():
    assert "chrom" in browser._output([sys.executable, "-c", browser.ASK_PLAYWRIGHT], limit=60).lower()
