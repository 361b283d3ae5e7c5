"""No command destroys a file or a folder that the user did not mean: each a process of its own."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line

GOOD = {"prompt": "Say hello.", "answer_a": "Hello!", "answer_b": "Goodbye."}


def ended(done, code, *parts):
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    for part in parts:
        assert part in done.stderr, (part, done.stderr)


def rows(path: Path, *values: object) -> Path:
    lines = [value if isinstance(value, str) else json.dumps(value) for value in values]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def records(path: Path, count: int = 12) -> Path:
    made = [
        Demonstration((Turn("user", f"Question {n}?"),), (Turn("assistant", f"Answer {n}."),))
        for n in range(count)
    ]
    path.write_bytes(b"".join(to_line(record) + b"\n" for record in made))
    return path


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def good(tmp_path):
    """A file of one good row."""
    return rows(tmp_path / "good.jsonl", GOOD)


def test_the_list_of_rejected_rows_replaces_only_another_such_list(goldleaf, tmp_path, good):
    diary = rows(tmp_path / "diary.txt", "Dear diary,")
    here = ("--records", tmp_path / "r.jsonl")
    ended(goldleaf("import", good, *here, "--rejected", diary), 2, "something else", "--overwrite")
    assert diary.read_text() == "Dear diary,\n"
    assert not (tmp_path / "r.jsonl").exists()
    ended(goldleaf("import", good, *here, "--rejected", diary, "--overwrite"), 0)
    assert diary.read_text() == ""
    listing = tmp_path / "rejected.jsonl"
    bad = rows(tmp_path / "bad.jsonl", GOOD, "{broken")
    for _ in range(2):
        ended(goldleaf("import", bad, *here, "--rejected", listing), 0)
        (line,) = listing.read_text().splitlines()
        assert json.loads(line)["row"] == "bad.jsonl:2"
    rejection = {"row": "a", "reason": "b", "detail": ""}
    mixed = rows(tmp_path / "mixed.jsonl", rejection, "my note")
    ended(goldleaf("import", bad, *here, "--rejected", mixed), 2, "something else")


@pytest.mark.parametrize(
    ("lines", "flags", "code"),
    [
        (["{broken", "["], [], 4),
        ([{"prompt": "", "answer_a": "x", "answer_b": "y"}], [], 4),
        ([GOOD, "{broken"], ["--strict"], 3),
    ],
)
def test_a_run_that_fails_leaves_good_records_as_they_were(
    goldleaf, tmp_path, good, lines, flags, code
):
    target = tmp_path / "records.jsonl"
    ended(goldleaf("import", good, "--records", target), 0)
    before = target.read_bytes()
    assert before
    listing = tmp_path / "rejected.jsonl"
    source = rows(tmp_path / "source.jsonl", *lines)
    done = goldleaf("import", source, "--records", target, *flags, "--rejected", listing)
    ended(done, code)
    assert target.read_bytes() == before
    if listing.exists():
        assert listing.read_text()
    assert not list(tmp_path.glob(".records*"))


def test_an_export_without_rows_leaves_a_good_one_as_it_was(goldleaf, tmp_path):
    out = tmp_path / "out"
    ended(goldleaf("export", records(tmp_path / "r.jsonl"), "--out", out), 0)
    before = content(out)
    empty = rows(tmp_path / "empty.jsonl")
    ended(goldleaf("export", empty, "--out", out), 4, "is kept", "--overwrite")
    assert content(out) == before
    ended(goldleaf("export", empty, "--out", out, "--overwrite"), 4)
    assert json.loads((out / "manifest.json").read_bytes())["answers"]["read"] == 0


def test_a_link_is_written_through(goldleaf, tmp_path, good):
    store = tmp_path / "store"
    store.mkdir()
    (tmp_path / "records.jsonl").symlink_to(store / "real.jsonl")
    ended(goldleaf("import", good, "--records", tmp_path / "records.jsonl"), 0)
    assert (tmp_path / "records.jsonl").is_symlink()
    assert (store / "real.jsonl").read_bytes()
    (tmp_path / "out").symlink_to(store / "export")
    for _ in range(2):
        ended(goldleaf("export", records(tmp_path / "r.jsonl"), "--out", tmp_path / "out"), 0)
        assert (tmp_path / "out").is_symlink()
        assert (store / "export" / "manifest.json").exists()


def test_dev_null_stays_a_device(goldleaf, tmp_path, good):
    bad = rows(tmp_path / "bad.jsonl", GOOD, "{broken")
    ended(goldleaf("import", bad, "--records", "/dev/null", "--rejected", "/dev/stderr"), 0)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    done = goldleaf("import", bad, "--records", "/dev/stdout", "--rejected", "/dev/null")
    ended(done, 0)
    assert '"record":"comparison"' in done.stdout
    ended(goldleaf("import", good, "--records", "/dev/urandom"), 2, "device")


def test_folders_of_the_user_beside_an_export_stay(goldleaf, tmp_path):
    mine = {}
    for name in (".out.before", ".out.work"):
        (tmp_path / name).mkdir()
        mine[name] = tmp_path / name / "thesis.txt"
        mine[name].write_text("mine")
    for count in (12, 13):
        source = records(tmp_path / "r.jsonl", count)
        ended(goldleaf("export", source, "--out", tmp_path / "out"), 0)
    assert all(path.read_text() == "mine" for path in mine.values())
    (tmp_path / ".out.goldleaf-work").mkdir()
    (tmp_path / ".out.goldleaf-work" / "thesis.txt").write_text("mine")
    before = content(tmp_path / "out")
    done = goldleaf("export", source, "--out", tmp_path / "out")
    ended(done, 2, "not a work folder of goldleaf")
    assert (tmp_path / ".out.goldleaf-work" / "thesis.txt").read_text() == "mine"
    assert content(tmp_path / "out") == before


def test_rows_edited_by_hand_are_not_overwritten(goldleaf, tmp_path):
    out, source = tmp_path / "out", records(tmp_path / "r.jsonl")
    ended(goldleaf("export", source, "--out", out), 0)
    (train,) = out.rglob("train.jsonl")
    train.write_text(train.read_text().replace("Answer", "A better answer"))
    before = content(out)
    ended(goldleaf("export", source, "--out", out), 2, "train.jsonl", "changed", "--overwrite")
    assert content(out) == before
    ended(goldleaf("export", source, "--out", out, "--overwrite"), 0)
    assert "A better answer" not in train.read_text()
    (out / "notes.txt").symlink_to(source)
    ended(goldleaf("export", source, "--out", out), 2, "notes.txt", "did not write")


def test_overwrite_takes_no_folder_that_is_no_export(goldleaf, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("mine")
    source = records(tmp_path / "r.jsonl")
    ended(goldleaf("export", source, "--out", home, "--overwrite"), 2, "not an export")
    assert content(home) == {"thesis.txt": b"mine"}


def test_a_chart_replaces_only_a_chart(goldleaf, tmp_path):
    source = records(tmp_path / "r.jsonl")
    drawing = rows(tmp_path / "drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg"></svg>')
    ended(goldleaf("plan", source, "--model", "8B", "--chart", drawing), 2, "something else")
    assert "gl-chart" not in drawing.read_text()
    for _ in range(2):
        ended(goldleaf("plan", source, "--model", "8B", "--chart", tmp_path / "mix.svg"), 0)


@pytest.mark.parametrize("mode", [0o1777, 0o750, 0o755])
def test_a_data_directory_keeps_its_permissions_and_secrets_are_private(
    goldleaf, tmp_path, good, mode
):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    done = goldleaf(
        *("import", good, "--records", tmp_path / "r.jsonl", "--source", "expert"),
        *("--annotator", "ann@example.org", "--data-dir", shared),
    )
    ended(done, 0)
    assert stat.S_IMODE(shared.stat().st_mode) == mode
    (secret,) = shared.glob("*.secret.json")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_what_a_killed_import_left_is_removed_by_the_next(goldleaf, tmp_path, good):
    many = rows(tmp_path / "many.jsonl", *[GOOD | {"prompt": f"Say {n}."} for n in range(200_000)])
    target = tmp_path / "records.jsonl"
    ended(goldleaf("import", good, "--records", target), 0)
    before = target.read_bytes()
    command = Path(sys.executable).with_name("goldleaf")
    running = subprocess.Popen(
        [str(command), "import", str(many), "--records", str(target)],
        env={**os.environ, "GOLDLEAF_DATA_DIR": str(tmp_path / "state")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".records.jsonl.*")):
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.01)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert list(tmp_path.glob(".records.jsonl.*.goldleaf-tmp"))
    assert target.read_bytes() == before
    ended(goldleaf("import", good, "--records", target), 0)
    assert not list(tmp_path.glob(".records.jsonl.*"))


@pytest.mark.parametrize("place", ["pipe", "/dev/zero"])
def test_a_pipe_or_a_device_is_refused_and_nothing_waits(goldleaf, tmp_path, place):
    path = tmp_path / place
    if place == "pipe":
        os.mkfifo(path)
    (tmp_path / "source.jsonl").symlink_to(path)
    source, out = tmp_path / "source.jsonl", tmp_path / "out"
    real = records(tmp_path / "r.jsonl")
    for arguments in (
        ("import", source, "--records", tmp_path / "new.jsonl"),
        ("export", source, "--out", out),
        ("plan", source),
        ("export", real, "--out", out, "--recipe", source),
        ("kinds", "--lint", source),
    ):
        ended(goldleaf(*arguments, timeout=60), 2, "pipe or a device")
    assert not out.exists()
