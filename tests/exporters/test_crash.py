"""Killed at random moments: the old export or the new one, and the next run gives the same bytes.

Six kills by default; GOLDLEAF_KILLS says how many (`make crash`: forty). `test_publish.py` kills
at chosen steps; here no step is chosen, so what no audit event marks is hit as well.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest

from goldleaf.audit.check import check
from goldleaf.core.records_jsonl import to_line

KILLS = int(os.environ.get("GOLDLEAF_KILLS", "6"))
RECORDS = 3_000
STARTING = 60
"""Seconds within which an export must have begun, on a busy machine."""
TRIES = 12
"""Runs that may end before they are killed: a machine that was busy is quicker later."""


@pytest.fixture(scope="module")
def records(made, tmp_path_factory):
    """A records file of a few thousand comparisons, demonstrations and verdicts."""
    found = [record for reading in made.many(RECORDS // 3) for record in reading.records]
    found += [made.demonstration(n, ("refusal",)[n % 9 :]) for n in range(RECORDS // 3)]
    found += [made.judgement(n, good=n % 2 == 0) for n in range(RECORDS // 3)]
    file = tmp_path_factory.mktemp("crash") / "records.jsonl"
    file.write_bytes(b"".join(to_line(record) + b"\n" for record in found))
    return file


class Running:
    """A `goldleaf export` in a process group of its own, so that no child of it is left behind."""

    def __init__(self, records, out):
        self.started = time.time()
        command = [Path(sys.executable).with_name("goldleaf"), "export", records, "--out", out]
        self.work = out.parent / f".{out.name}.goldleaf-work"
        self.process = subprocess.Popen(
            [*map(str, command), "--data-dir", str(out.parent / "data")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.began = time.monotonic()

    def at_work(self):
        """Wait until its work folder is there: Python's own start is nothing worth killing."""
        # a killed run's folder may still be there: it is gone before the new one is
        while not self._new_work() and self.process.poll() is None:
            assert time.monotonic() - self.began < STARTING
            time.sleep(0.001)
        assert self.process.poll() is None, "it ended before its work folder was seen"
        self.began = time.monotonic()

    def _new_work(self):
        try:
            return self.work.stat().st_mtime > self.started
        except FileNotFoundError:
            return False

    def end(self):
        """Wait for its end; return the seconds since it began to work."""
        said, _ = self.process.communicate(timeout=STARTING)
        assert self.process.returncode == 0, said
        return time.monotonic() - self.began

    def kill(self, after):
        """Kill it some seconds after it began to work; tell whether it was still running."""
        time.sleep(max(0.0, self.began + after - time.monotonic()))
        running = self.process.poll() is None
        if running:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=STARTING)
        return running


def test_killed_at_random_it_is_old_or_new_and_runs_again_to_the_same_bytes(
    records, tmp_path, bytes_of
):
    undisturbed = tmp_path / "undisturbed"
    takes = min(_seconds(records, undisturbed) for _ in range(2))
    wanted = bytes_of(undisturbed)
    assert check(undisturbed) == []
    chance = random.Random(40)
    for number in range(KILLS):
        # one point in each of as many equal parts of the run: all of it is hit, at no chosen step
        point = (number + chance.random()) / KILLS * takes
        out = tmp_path / f"out{number}"
        for _ in range(TRIES):
            # every other one replaces an export that is there
            before = _old_export(records, out) if number % 2 else None
            if _killed(records, out, point):
                break
            takes, point = takes * 0.8, point * 0.8  # this run was faster than the one measured
            shutil.rmtree(out)
        else:
            pytest.fail(f"no run is still at work after {point:.3f} s")
        if out.exists():
            assert check(out) == [], f"killed after {point:.3f} s of {takes:.3f}"
            assert bytes_of(out) in [before, wanted]
        again = Running(records, out)
        again.end()
        assert bytes_of(out) == wanted, f"killed after {point:.3f} s of {takes:.3f}"
        left = {path.name for path in tmp_path.iterdir() if f"out{number}" in path.name}
        assert left <= {out.name, f".{out.name}.lock"}


def _seconds(records, out):
    run = Running(records, out)
    run.at_work()
    return run.end()


def _killed(records, out, point):
    run = Running(records, out)
    run.at_work()
    return run.kill(point)


def _old_export(records, out):
    """Export the first records alone to `out` and return the bytes of all files."""
    from goldleaf.exporters.export import export
    from goldleaf.exporters.ingest.record_sources import records_file
    from goldleaf.recipes.recipe import Recipe

    export(islice(records_file(records), 50), Recipe(), out)
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
