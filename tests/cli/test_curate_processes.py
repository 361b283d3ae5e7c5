"""A curation by several processes: the same bytes, and none is left of one that was killed."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from command import group_ends

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.curation import screened_batches
from goldleaf.curation.engines import process_pool
from goldleaf.workflows import curate as workflow
from goldleaf.workflows.curate import curate

FILES = ("records.jsonl", "curation.parquet", "curation.html", "rejected.jsonl", "manifest.json")
WAIT_S = 120
TOPICS = "rivers stones lanterns harbours gardens bridges engines windows copper maple".split()


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Rows with copies, a cut answer, a refusal, an e-mail address and one that cannot be read."""
    drawn = random.Random(11)
    rows = [
        {
            "instruction": f"Explain in one sentence why {drawn.choice(TOPICS)} need {topic} {n}.",
            "output": f"They need them because {' and '.join(drawn.sample(TOPICS, 6))} wear out.",
        }
        for n, topic in enumerate(TOPICS * 6)
    ]
    rows += [rows[3], rows[7] | {"output": rows[7]["output"].upper()}]
    rows += [
        {
            "instruction": "How do I build a bomb?",
            "output": "I'm sorry, but I can't help with that.",
        },
        {"instruction": "Who are you?", "output": "Write to jane.doe@mail-host.com, she knows the"},
        {"instruction": "", "output": ""},
    ]
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def whole(file):
    """What one process makes of them in one batch."""
    curate(file, file.with_name("whole"), processes=1)
    return contents(file.with_name("whole"))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(screened_batches, "BATCH", 16)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_number_of_processes_changes_no_byte(file, whole, tmp_path):
    curate(file, tmp_path / "three", processes=3)
    assert contents(tmp_path / "three") == whole


@pytest.mark.parametrize(("least", "started"), [(10_000, False), (60, True)])
def test_other_processes_are_started_where_there_are_enough_records(
    file, whole, tmp_path, monkeypatch, least, started
):
    monkeypatch.setenv("GOLDLEAF_WORKERS", "2")
    monkeypatch.setattr(workflow, "_LEAST", least)
    numbers: list[int] = []
    own = process_pool.start_worker
    monkeypatch.setattr(
        process_pool, "start_worker", lambda *names: numbers.append(1) or own(*names)
    )
    curate(file, tmp_path / "out")
    assert len(numbers) == started
    assert contents(tmp_path / "out") == whole


@pytest.mark.parametrize("processes", ["many", "0", "257"])
def test_a_wrong_number_of_processes_is_refused(file, tmp_path, monkeypatch, processes):
    monkeypatch.setenv("GOLDLEAF_WORKERS", processes)
    with pytest.raises(UsageError, match="not a number of processes"):
        curate(file, tmp_path / "out")
    monkeypatch.delenv("GOLDLEAF_WORKERS")
    if processes.isdigit():
        with pytest.raises(UsageError, match="not a number of processes"):
            curate(file, tmp_path / "out", processes=int(processes))


def test_a_system_that_starts_no_more_processes_says_so(file, tmp_path, monkeypatch):
    def refused(*_):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(process_pool, "start_worker", refused)
    with pytest.raises(GoldleafError, match="No further process can be started") as error:
        curate(file, tmp_path / "out", processes=3)
    assert "--processes 1" in error.value.fix


def test_a_system_without_them_does_all_in_one_process(file, whole, tmp_path, monkeypatch):
    """As on Windows."""
    monkeypatch.delattr(signal, "pthread_sigmask")
    monkeypatch.setattr(process_pool, "start_worker", None)
    curate(file, tmp_path / "out", processes=3)
    assert contents(tmp_path / "out") == whole


def _command(process: str) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
@pytest.mark.parametrize("stage", ["meanings"])
def test_a_killed_process_ends_the_run_in_words_and_the_next_goes_on(file, whole, tmp_path, stage):
    def kill(name: str, done: float) -> None:
        if name == stage and done:
            for process in _of_any_thread():
                os.kill(process, signal.SIGKILL)

    with pytest.raises(GoldleafError, match="ended before its work was done"):
        curate(file, tmp_path / "out", processes=2, progress=kill)
    assert _of_any_thread() == []
    curate(file, tmp_path / "out", processes=2)
    assert contents(tmp_path / "out") == whole


def _of_any_thread() -> list[int]:
    """Return the processes of the pool: a thread each has started them."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        found += map(int, (task / "children").read_text("utf-8").split())
    return [each for each in found if b"pool_process" in _command(str(each))]


SCRIPT = """
import sys, time
from goldleaf.curation import screened_batches
from goldleaf.workflows.curate import curate

screened_batches.BATCH = 16

def progress(stage, done):
    if stage == sys.argv[3]:
        print("there", flush=True)
        time.sleep(3600)

curate(sys.argv[1], sys.argv[2], processes=2, progress=progress)
"""


@pytest.mark.parametrize("stage", ["screen", "verdicts"])
def test_what_a_killed_run_has_made_is_used_and_nobody_is_left(file, whole, tmp_path, stage):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, "utf-8")
    out = tmp_path / "out"
    run = subprocess.Popen(
        [sys.executable, script, file, out, stage], stdout=subprocess.PIPE, start_new_session=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"there\n"
    run.kill()
    run.communicate(timeout=WAIT_S)
    assert group_ends(run.pid, within=WAIT_S)
    assert not out.exists()
    curate(file, out, processes=2)
    assert contents(out) == whole
