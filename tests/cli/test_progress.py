"""Progress of long commands: one line on a terminal, nothing in a script."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pkgutil import iter_modules

import pytest

from goldleaf.cli import output
from goldleaf.cli.output import counting, print_note, rewriting
from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.curation import set_screens

SOON = "import goldleaf.cli.output as o; o.QUIET = 0.0; o.REDRAWN = 0.01"
"""Says what it does at once: a file that takes two seconds on every machine would be big."""


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    file = tmp_path_factory.mktemp("progress") / "rows.jsonl"
    made = (
        Demonstration((Turn("user", f"Question {n}?"),), (Turn("assistant", f"Answer {n}."),))
        for n in range(3_000)
    )
    file.write_bytes(b"".join(to_line(record) + b"\n" for record in made))
    return file


def on_a_terminal(*arguments, before=SOON):
    """Run goldleaf with a pseudo-terminal for its standard error; return code, output, errors."""
    main, other = pty.openpty()
    code = f"{before}\nfrom goldleaf.cli.main import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=other,
        env={**os.environ, "TERM": "xterm"},
    )
    os.close(other)
    shown = b""
    try:
        while part := os.read(main, 65_536):
            shown += part
    except OSError:  # the other end is closed: Linux says so as an error
        pass
    finally:
        os.close(main)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output.decode(), shown.decode()


def test_a_terminal_sees_the_stages_and_they_are_gone_at_the_end(rows, tmp_path):
    out = tmp_path / "out"
    for arguments, stages in (
        (("export", rows, "--out", out, "--lang", "en"), ("choosing the examples", "ledger")),
        (("plan", rows, "--lang", "en"), ("choosing the examples",)),
        (("check", out, "--lang", "en"), ("checking the rows",)),
        (("check", out, "--lang", "zh"), ("正在检查数据行",)),
    ):
        code, output, shown = on_a_terminal(*arguments)
        assert code == 0, shown
        for stage in stages:
            assert stage in shown and stage not in output, (arguments, shown)
        assert shown.endswith("\r\x1b[K"), "the line is erased"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_terminal_sees_the_stages_of_a_curation(rows, tmp_path, lang):
    out, few = tmp_path / "curated", tmp_path / "rows.jsonl"
    few.write_bytes(b"".join(rows.read_bytes().splitlines(keepends=True)[:60]))
    code, output, shown = on_a_terminal("curate", few, "--out", out, "--lang", lang)
    assert code == 0, shown
    words = Translations(lang)
    for stage in ("screen", "inconsistent_answers", "meanings", "predicted_quality", "verdicts"):
        assert words(f"stage.{stage}") in shown, stage
        assert words(f"stage.{stage}") not in output
    assert shown.endswith("\r\x1b[K")


@pytest.mark.parametrize(("lang", "of", "processes"), [("en", " of ", 1), ("zh", "，共 ", 2)])
def test_a_terminal_sees_how_many_of_how_many_records_are_done(rows, tmp_path, lang, of, processes):
    profile = tmp_path / "own.toml"
    profile.write_text('screens = ["flaw"]\n')
    options = ("--out", tmp_path / "out", "--profile", profile, "--processes", processes)
    before = f"{SOON}\nimport goldleaf.curation.screened_batches as b; b.BATCH = 100"
    code, _, shown = on_a_terminal("curate", rows, *options, "--lang", lang, before=before)
    assert code == 0, shown
    screened = Translations(lang)("stage.screen")
    counts = re.findall(f"{re.escape(screened)} ([0-9,]+){of}3,000 \\(", shown)
    done = [int(count.replace(",", "")) for count in counts]
    assert len(set(done)) > 3 and done == sorted(done) and done[-1] <= 3_000, shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_screen_of_the_whole_set_has_a_text_as_a_stage(lang):
    words = Translations(lang)
    names = {module.name for module in iter_modules(set_screens.__path__)}
    screens = names - {"registry", "set_screen"}
    assert len(screens) > 5
    assert [name for name in screens if not words.known(f"stage.{name}")] == []


def test_a_stage_of_another_package_is_shown_by_its_name():
    before = (
        f"{SOON}; from goldleaf.cli.output import stages; "
        "from goldleaf.core.translations import Translations; import time\n"
        "with stages(Translations('en'), show=True) as step:\n"
        "    step('shouting', 7); time.sleep(0.3)\n"
        "import goldleaf.cli.main as m; m.main = lambda: None\n"
    )
    code, _, shown = on_a_terminal(before=before)
    assert code == 0, shown
    assert "shouting 7 (" in shown


@pytest.mark.parametrize("command", ["export", "plan", "check"])
def test_json_and_files_get_none(goldleaf, rows, tmp_path, command):
    out = tmp_path / "out"
    assert goldleaf("export", rows, "--out", out).stderr == ""
    more = (rows, "--out", out) if command == "export" else (rows if command == "plan" else out,)
    code, _, shown = on_a_terminal(command, *more, "--json")
    assert (code, shown) == (0, "")
    assert goldleaf(command, *more).stderr == ""


def test_a_quick_command_says_nothing(rows, tmp_path):
    code, _, shown = on_a_terminal(
        "plan", rows, before="import goldleaf.cli.output as o; o.QUIET = 60"
    )
    assert (code, shown) == (0, "")


def test_a_note_stands_on_a_line_of_its_own(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr(output, "QUIET", 0.0)
    with counting("apples") as step:
        step(300)
        with rewriting() as show:
            show("3 of 5 tasks")
            print_note("5 tasks have news")
    assert capsys.readouterr().err == (
        "\r\x1b[Kapples: 300\r\x1b[K3 of 5 tasks\r\x1b[K5 tasks have news\n"
    )


def test_who_showed_nothing_leaves_the_line_of_others(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with counting("apples") as step, rewriting():
        step(300)
    assert capsys.readouterr().err == "\r\x1b[Kapples: 300\n"
