"""Killed anywhere, or out of disk: the old export or the new one, never half of it."""

import json
import signal
import subprocess
import sys
import textwrap

import pytest

from goldleaf.audit.check import check
from goldleaf.core.errors import GoldleafError
from goldleaf.core.folders import start_work
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.record_sources import records_file
from goldleaf.recipes.recipe import Recipe

CHILD = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from goldleaf.exporters.export import export
    from goldleaf.exporters.ingest.record_sources import records_file
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.formats.format_registry import formats
    import polars, jinja2, yaml

    source, out, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    formats()
    seen = 0

    def count(event, arguments):
        global seen
        if event in ("open", "os.rename", "os.mkdir", "os.remove", "shutil.rmtree", "os.rmdir"):
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    def tick(stage, done):
        global seen
        if done % 50 == 0:
            count("open", None)

    sys.addaudithook(count)
    export(records_file(source), Recipe(), out, progress=tick)
    total = seen
    print(total)
    """
)


@pytest.fixture(scope="module")
def sources(made, tmp_path_factory):
    """Two files of records: what is exported first, and what replaces it."""
    from goldleaf.core.records_jsonl import to_line

    folder = tmp_path_factory.mktemp("sources")
    for name, count in (("old", 30), ("new", 300)):
        lines = [to_line(r) for reading in made.many(count) for r in reading.records]
        (folder / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    return folder


def run(source, out, last):
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(source), str(out), str(last)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_killed_anywhere_it_is_old_or_new_and_runs_again_to_the_same_bytes(
    sources, tmp_path, bytes_of
):
    old, new = sources / "old.jsonl", sources / "new.jsonl"
    undisturbed = run(new, tmp_path / "undisturbed", 0)
    assert undisturbed.returncode == 0, undisturbed.stderr
    total = int(undisturbed.stdout)
    wanted = bytes_of(tmp_path / "undisturbed")
    export(records_file(old), Recipe(), tmp_path / "old")
    before = bytes_of(tmp_path / "old")
    # spread over the run, and every one of the last steps, where publishing happens
    points = sorted({2, total // 4, total // 2, *range(total - 12, total + 1, 2)})
    for point in points:
        out = tmp_path / f"out{point}"
        export(records_file(old), Recipe(), out)
        killed = run(new, out, point)
        assert killed.returncode == -signal.SIGKILL, (point, killed.stderr)
        assert check(out) == []
        assert bytes_of(out) in (before, wanted)
        export(records_file(new), Recipe(), out)
        assert bytes_of(out) == wanted
        left = {path.name for path in tmp_path.iterdir() if f"out{point}" in path.name}
        assert left == {f"out{point}"}


def test_a_full_disk_is_said_and_spoils_nothing(made, small_disk, bytes_of):
    out = small_disk / "out"
    export(made.many(20), Recipe(), out)
    before = bytes_of(out)
    with pytest.raises(GoldleafError, match="disk is full") as full:
        export(made.many(3_000), Recipe(), out)
    assert full.value.exit_code == 1
    assert "nothing was half-published" in str(full.value)
    assert bytes_of(out) == before
    assert check(out) == []
    assert sorted(path.name for path in small_disk.iterdir()) == ["out"]
    export(made.many(40), Recipe(), out)
    assert json.loads((out / "manifest.json").read_text("utf-8"))["answers"]["read"] == 40


def test_what_a_kill_put_aside_comes_back_even_if_the_next_run_fails(made, tmp_path, bytes_of):
    out = tmp_path / "out"
    export(made.many(20), Recipe(), out)
    before = bytes_of(out)
    work = tmp_path / ".out.goldleaf-work"
    start_work(work)
    out.rename(work / "before")  # where a kill leaves it if folders cannot be exchanged

    def failing():
        yield from made.many(2)
        raise GoldleafError("Label Studio went away.")

    with pytest.raises(GoldleafError, match="went away"):
        export(failing(), Recipe(), out)
    assert bytes_of(out) == before
