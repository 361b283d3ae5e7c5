"""Big files are read by several processes: the same bytes, the same places, and a clean end."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from command import group_ends
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.input_results import InputResult
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest import ingest
from goldleaf.exporters.ingest.build_examples import IngestConfig
from goldleaf.exporters.ingest.parallel_read import ParallelRead, read_all
from goldleaf.exporters.ingest.record_sources import SourceList, records_file
from goldleaf.exporters.publishing.ledger import read_ledger
from goldleaf.formats import jsonl_chunks, read_rows
from goldleaf.recipes.recipe import Recipe

BAD = [
    b"{not json",
    b"\xff\xfe no UTF-8",
    b"",
    b"   ",
    b"[1, 2]",
    b'{"record": "demonstration", "record": "judgement"}',
    b'{"record": "other"}',
    '{"a": "line\u2028separator"}'.encode(),
]


@pytest.fixture(scope="module")
def files(made, tmp_path_factory):
    """Two files of one name: records of all kinds, some in both and twice, bad lines between."""
    records = [record for reading in made.many(60) for record in reading.records]
    records += [made.demonstration(n, ("refusal",)[n % 9 :]) for n in range(60)]
    records += [made.judgement(n) for n in range(30)]
    records += [made.tool_demonstration(n) for n in range(20)]
    records += records[:40]
    lines = [to_line(record) for record in records]
    found = []
    for number, start in enumerate((b"\xef\xbb\xbf", b"\n")):
        folder = tmp_path_factory.mktemp("parts")
        some = lines[number * 50 :]
        for place, bad in enumerate(BAD):
            some.insert(place * 17 + 3, bad)
        file = folder / "records.jsonl"
        file.write_bytes(start + b"\n".join(some) + (b"" if number else b'\n{"cut": '))
        found.append(file)
    return found


@pytest.fixture
def cutting(monkeypatch):
    """Return a function that says how files are cut, however small they are."""

    def cut(processes, part):
        small = partial(ParallelRead, processes=processes, least=0, part=part)
        monkeypatch.setattr(ingest, "ParallelRead", small)

    return cut


def children():
    """Return the workers that this process has started; a Label Studio of other tests is none."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
            ours = (
                parent == os.getpid()
                and b"ingest.read_process" in (stat.parent / "cmdline").read_bytes()
            )
        except OSError:
            continue
        if ours:
            found.append(pid)
    return found


@given(
    st.lists(st.sampled_from([*BAD, b'{"a":1}', b'{"long":"' + b"x" * 90 + b'"}', b"\r"])),
    st.booleans(),
    st.integers(1, 300),
)
def test_parts_have_the_rows_of_the_whole(tmp_path_factory, lines, ended, size):
    file = tmp_path_factory.mktemp("cut") / "rows.jsonl"
    file.write_bytes(b"\n".join([b"{}", *lines]) + b"\n" * ended)
    parts = jsonl_chunks.cut(file, size)
    assert [part.offset for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert parts[-1].end == file.stat().st_size
    assert [row for part in parts for row in jsonl_chunks.rows(part)] == list(read_rows.rows(file))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.jsonl", b'[{"a": 1},\n{"a": 2}]\n'),
        ("rows.jsonl", "{}\n{}\n".encode("utf-16")),
        ("rows.jsonl.gz", b"{}\n{}\n"),
        ("rows.csv", b"a,b\n1,2\n"),
        ("rows.jsonl", b""),
    ],
)
def test_other_files_are_not_cut(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert jsonl_chunks.cut(tmp_path / name, 1) == []


@pytest.mark.parametrize(("processes", "part"), [(2, 1), (2, 5_000), (3, 1_500), (4, 10**6)])
def test_the_same_bytes_however_many_read(
    made, files, tmp_path, bytes_of, cutting, processes, part
):
    """A source that is no file, and two files of one name: all keys, places and reasons as ever."""
    live = [*made.many(20), InputResult("f:1", (made.demonstration(3), made.comparison()))]
    sources = [records_file(files[0]), live, records_file(files[1])]
    seen = {"one": [], "several": []}
    for name, how in (("one", (1, 1)), ("several", (processes, part))):
        cutting(*how)
        told = seen[name]
        export(
            SourceList(sources),
            Recipe(),
            tmp_path / name,
            formats=("trl", "alpaca"),
            progress=lambda stage, done, told=told: told.append(done) if stage == "read" else None,
        )
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "several")
    assert seen["one"][-1] == seen["several"][-1] == len(seen["one"])
    assert seen["several"] == sorted(seen["several"])
    bad = [line for line in read_ledger(tmp_path / "several") if "detail" in line]
    assert len(bad) == 2 * (len(BAD) - 2) + 1 + 2
    assert children() == []


def test_a_dry_run_is_the_same(files, cutting):
    found = []
    for how in ((1, 1), (3, 900)):
        cutting(*how)
        found.append(dry_run(records_file(files[0]), Recipe()))
    assert found[0] == found[1]


def test_a_file_that_cannot_be_cut_is_read_whole(made, tmp_path, bytes_of, cutting):
    lines = [to_line(made.demonstration(n)) for n in range(20)]
    (tmp_path / "r.jsonl").write_bytes(b"[" + b",\n".join(lines) + b"]")
    for processes in (1, 2):
        cutting(processes, 100)
        export(records_file(tmp_path / "r.jsonl"), Recipe(), tmp_path / f"out{processes}")
    assert bytes_of(tmp_path / "out1") == bytes_of(tmp_path / "out2")


def test_small_files_start_nobody(made, tmp_path, files):
    seen = []
    export(
        records_file(files[0]),
        Recipe(),
        tmp_path / "out",
        progress=lambda stage, done: seen.extend(children()),
    )
    assert seen == []


def test_a_killed_worker_ends_the_export_and_publishes_nothing(files, tmp_path, cutting):
    cutting(3, 500)

    def kill(stage, done):
        if running := children():
            os.kill(running[0], signal.SIGKILL)

    with pytest.raises(GoldleafError, match=r"ended before its work was done \(SIGKILL\)"):
        export(records_file(files[0]), Recipe(), tmp_path / "out", progress=kill)
    assert [path.name for path in tmp_path.iterdir()] == []
    assert children() == []


def test_what_is_wrong_in_a_worker_is_told_here(files, tmp_path):
    (tmp_path / "trl.2.spill").mkdir()
    with pytest.raises(IsADirectoryError):
        read_all(
            records_file(files[0]),
            IngestConfig(Recipe(), ("trl",), tmp_path),
            lambda more: None,
            ParallelRead(processes=3, least=0, part=500),
        )
    assert children() == []


def test_an_interruption_leaves_nobody(files, tmp_path, cutting):
    cutting(3, 500)

    def stop(stage, done):
        assert len(children()) == 2
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export(records_file(files[0]), Recipe(), tmp_path / "out", progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == []
    assert children() == []


def test_a_system_that_cannot_say_which_cores_are_ours_has_all_of_them(monkeypatch):
    """As on macOS and Windows."""
    monkeypatch.delenv("GOLDLEAF_WORKERS", raising=False)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert ParallelRead().processes == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert ParallelRead().processes == 1


@pytest.mark.parametrize("said", ["0", "many", "-1", "²"])
def test_a_wrong_number_of_processes_is_refused(monkeypatch, said):
    monkeypatch.setenv("GOLDLEAF_WORKERS", said)
    with pytest.raises(UsageError, match="not a number of processes"):
        ParallelRead()


SCRIPT = """
import sys, time
from functools import partial
from pathlib import Path
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest import ingest
from goldleaf.exporters.ingest.parallel_read import ParallelRead
from goldleaf.exporters.ingest.record_sources import records_file
from goldleaf.recipes.recipe import Recipe

print("started")
ingest.ParallelRead = partial(ParallelRead, processes=3, least=0, part=500)

def progress(stage, done):
    if len(sys.argv) > 3 and done == 100:
        print("reading", flush=True)
        time.sleep(60)

export(records_file(Path(sys.argv[1])), Recipe(), Path(sys.argv[2]), progress=progress)
"""


def test_a_plain_script_needs_no_guard(files, tmp_path, bytes_of, cutting):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, "utf-8")
    out = tmp_path / "out"
    run = subprocess.run([sys.executable, script, files[0], out], capture_output=True, text=True)
    assert (run.stdout, run.stderr, run.returncode) == ("started\n", "", 0)
    cutting(1, 1)
    export(records_file(files[0]), Recipe(), tmp_path / "one")
    assert bytes_of(out) == bytes_of(tmp_path / "one")


@pytest.mark.parametrize("deadly", [signal.SIGINT, signal.SIGKILL])
def test_ctrl_c_and_a_killed_parent_leave_no_process(files, tmp_path, deadly):
    """Ctrl-C reaches the whole group, but only one process speaks; SIGKILL the parent alone."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, "utf-8")
    run = subprocess.Popen(
        [sys.executable, script, files[0], tmp_path / "out", "slow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert run.stdout is not None
    assert [run.stdout.readline(), run.stdout.readline()] == ["started\n", "reading\n"]
    if deadly == signal.SIGINT:
        os.killpg(run.pid, deadly)
    else:
        run.kill()
    _, said = run.communicate(timeout=60)  # returns when the last holder of the pipes is gone
    assert said.count("Traceback") == said.count("KeyboardInterrupt") == (deadly == signal.SIGINT)
    assert group_ends(run.pid, within=60)
    assert not (tmp_path / "out").exists()


def test_the_command_reads_a_big_file_with_several(made, tmp_path, bytes_of):
    big = tmp_path / "records.jsonl"
    answers = (f"{n} {'word ' * 3_000}" for n in range(2_000))
    lines = (to_line(made.demonstration(n, answer=said)) for n, said in enumerate(answers))
    big.write_bytes(b"".join(line + b"\n" for line in lines))
    assert big.stat().st_size > ParallelRead().least
    for processes in ("1", "3"):
        run = subprocess.run(
            [
                *(Path(sys.executable).with_name("goldleaf"), "export", big),
                *("--out", tmp_path / processes, "--data-dir", tmp_path / "data"),
            ],
            env=os.environ | {"GOLDLEAF_WORKERS": processes},
            capture_output=True,
            text=True,
        )
        assert (run.returncode, run.stderr) == (0, "")
    assert bytes_of(tmp_path / "1") == bytes_of(tmp_path / "3")
