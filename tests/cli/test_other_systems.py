"""What needs no server runs on Windows and macOS; the files are the same bytes as on Linux."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PRELUDE = Path(__file__).parent.parent / "without_posix.py"
SYSTEMS = ("linux", "macos", "windows", "windows-bare")
ROWS = [
    *(
        {
            "prompt": f"Question {n}?",
            "chosen": f"Answer {n}, explained.",
            "rejected": f"Wrong {n}.",
        }
        for n in range(30)
    ),
    {"prompt": "No answers"},
]


SCRIPT = """
import io, json, sys
from goldleaf.cli.main import main
results = []
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["goldleaf", *arguments]
    sys.stdout, sys.stderr = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    code = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    said = []
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        said.append(stream.buffer.getvalue().decode())
    results.append([code, *said])
print(json.dumps(results), file=sys.__stdout__)
"""
IMPORT = ["import", "rows.jsonl", "--records", "records.jsonl", "--licence", "CC0-1.0"]
COMMANDS = [
    ["--help"],
    ["--version"],
    ["kinds"],
    ["rules"],
    ["rules", "shares.refusal.min", "--lang", "zh"],
    ["plan", "records.jsonl", "--chart", "mix.svg", "--overwrite"],
    ["plan", "records.jsonl", "--model", "8B", "--json"],
    ["check", "out"],
    ["why", "out", "rows.jsonl:3"],
    ["diff", "out", "out"],
]


def python(system, folder, script, *arguments, **environment):
    start = [sys.executable] if system == "linux" else [sys.executable, str(PRELUDE), system]
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return subprocess.run(
        [*start, str(script), *arguments],
        cwd=folder,
        env=kept | {"GOLDLEAF_DATA_DIR": str(folder / "state")} | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def run_on(system, folder, *commands):
    """Run commands in one process; return exit code, output and messages of each."""
    script = folder / "commands.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = python(system, folder, script, json.dumps(commands))
    script.unlink()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def ok(system, folder, *commands):
    for code, _, errors in run_on(system, folder, *commands):
        assert code == 0, errors


def files_in(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """One folder a system, each with the same rows, imported and exported there."""
    folders = {}
    for system in SYSTEMS:
        folder = tmp_path_factory.mktemp(system)
        lines = "".join(json.dumps(row) + "\n" for row in ROWS)
        (folder / "rows.jsonl").write_text(lines, encoding="utf-8")
        ok(
            system,
            folder,
            [*IMPORT, "--rejected", "rejected.jsonl"],
            ["export", "records.jsonl", "--out", "out"],
        )
        folders[system] = folder
    return folders


@pytest.mark.parametrize("system", SYSTEMS[1:])
def test_an_import_and_an_export_write_the_bytes_they_write_on_linux(exported, system):
    ours, theirs = exported["linux"], exported[system]
    for name in ("records.jsonl", "rejected.jsonl"):
        assert (theirs / name).read_bytes() == (ours / name).read_bytes()
    assert files_in(theirs / "out") == files_in(ours / "out")
    assert not [path for path in theirs.iterdir() if path.name.startswith(".out.goldleaf")]


@pytest.mark.parametrize("system", SYSTEMS[1:])
def test_a_repeated_export_replaces_the_first_and_leaves_nothing(exported, system):
    folder = exported[system]
    before = files_in(folder / "out")
    again = ["export", "records.jsonl", "--out", "out"]
    ok(system, folder, [*again, "--format", "openai"])
    assert files_in(folder / "out") != before
    ok(system, folder, again, IMPORT)
    assert files_in(folder / "out") == before
    left = {path.name for path in folder.iterdir()} - {".out.lock", "state"}
    assert left == {"rows.jsonl", "records.jsonl", "rejected.jsonl", "out"}


@pytest.mark.parametrize("system", SYSTEMS[1:3])
def test_commands_without_a_server_answer_as_on_linux(exported, system):
    here, there = exported["linux"], exported[system]
    expected, found = run_on("linux", here, *COMMANDS), run_on(system, there, *COMMANDS)
    for command, ours, theirs in zip(COMMANDS, expected, found, strict=True):
        assert theirs == ours, command
        assert ours[0] == 0, command
    drawn = [folder / "mix.svg" for folder in (there, here)]
    assert drawn[0].read_bytes() == drawn[1].read_bytes()
    for file in drawn:
        file.unlink()  # another test looks at what is left in the folder


def test_a_secret_and_a_pseudonym_are_kept(exported):
    folder = exported["windows"]
    script = folder / "secret.py"
    script.write_text(
        "from goldleaf.core.settings import load\n"
        "state = load().state\n"
        "print(state.pseudonym('ann@example.com'), state.pseudonym('ann@example.com'))\n",
        encoding="utf-8",
    )
    done = python("windows", folder, script)
    script.unlink()
    first, second = done.stdout.split()
    assert first == second and first.startswith("person:"), done.stderr


def test_a_lock_refuses_a_second_process_and_outlives_no_kill(tmp_path):
    script = tmp_path / "hold.py"
    script.write_text(
        "import sys, time\nfrom pathlib import Path\n"
        "from goldleaf.core.errors import UsageError\n"
        "from goldleaf.core.file_lock import locked\n"
        "place = Path(sys.argv[1])\n"
        "waiting = (lambda: print('waiting', flush=True)) if sys.argv[2] == 'wait' else None\n"
        "try:\n"
        "    with locked(place, waiting=waiting):\n"
        "        print('held', flush=True)\n"
        "        if sys.argv[2] == 'hold': time.sleep(60)\n"
        "except UsageError as error:\n"
        "    print(error.what)\n",
        encoding="utf-8",
    )
    command = [sys.executable, str(PRELUDE), "windows", str(script), str(tmp_path / "lock")]
    with subprocess.Popen([*command, "hold"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        done = subprocess.run([*command, "once"], capture_output=True, text=True, timeout=60)
        assert done.stdout.startswith("Another goldleaf"), done.stderr
        with subprocess.Popen([*command, "wait"], stdout=subprocess.PIPE) as waiter:
            assert waiter.stdout and waiter.stdout.readline() == b"waiting\n"
            holder.kill()
            assert waiter.stdout.readline() == b"held\n"


def test_a_console_without_chinese_letters_stops_no_command(exported):
    folder = exported["windows"]
    script = folder / "zh.py"
    script.write_text("from goldleaf.cli.main import main\nmain()\n", encoding="utf-8")
    done = python("windows", folder, script, "rules", "--lang", "zh", PYTHONIOENCODING="cp1252")
    script.unlink()
    assert done.returncode == 0, done.stderr
    assert "\\u" in done.stdout
