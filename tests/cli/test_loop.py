"""The loop as a user runs it: commands against a real Label Studio, and the demo itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from goldleaf.label_configs.registry import kinds

pytestmark = pytest.mark.label_studio


def ours(folder):
    """Return the processes that work in or with a folder."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in seen:
                found.append(int(process.name))
    return found


def test_rows_in_drafts_on_answers_out(goldleaf, label_studio, tmp_path):
    where = {"GOLDLEAF_URL": label_studio.url, "GOLDLEAF_TOKEN": label_studio.token}
    rows = tmp_path / "rows.jsonl"
    sample = kinds()["preference"].sample_tasks()
    rows.write_text("\n".join(json.dumps(row) for row in sample))
    made = goldleaf(
        "project", "new", "preference", "--lang", "zh", "--title", "Loop", "--json", **where
    )
    project = json.loads(made.stdout)["project"]
    assert "Loop" in goldleaf("project", "list", **where).stdout

    def imported():
        done = goldleaf(
            "import",
            rows,
            "-p",
            project,
            "--kind",
            "preference",
            "--source",
            "feedback",
            "--licence",
            "Apache-2.0",
            "--consent",
            "own",
            "--json",
            **where,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    count = len(sample)
    assert imported() == {
        "rows": count,
        "created": count,
        "already_there": 0,
        "rejected": 0,
        "reasons": {},
        "whole": True,
        "flagged": {},
        "flagged_places": [],
    }
    assert imported()["already_there"] == count
    first = json.loads(goldleaf("prelabel", project, "--json", **where).stdout)
    again = json.loads(goldleaf("prelabel", project, "--json", **where).stdout)
    assert first["tasks"] == again["tasks"] == count
    assert first["stored"] == again["already_there"] > 0
    assert first["stored"] + first["nothing_to_say"] == count
    answer(label_studio, project)
    told = json.loads(goldleaf("project", "progress", project, "--json", **where).stdout)
    (person,) = told.pop("annotators")
    assert (person["submitted"], person["skipped"]) == (1, 1)
    assert told["tasks"] == count and told["finished"] >= 1 and told["drafted"] == first["stored"]
    assert goldleaf("project", "invite", **where).stdout.startswith(label_studio.url)
    out = tmp_path / "out"
    done = goldleaf("export", f"project:{project}", "--out", out, "--lang", "en", "--json", **where)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answers"]["read"] == 2 and told["answers"]["rejected"] == 1
    assert told["reasons"]["rejected"] == {"cancelled": 1}
    assert goldleaf("check", out).returncode == 0
    strict = goldleaf("export", f"project:{project}", "--out", out, "--strict", **where)
    assert strict.returncode == 3
    # The same answers through Label Studio's own export menu give the same rows.
    exported = label_studio.studio.get(
        f"/api/projects/{project}/export", {"exportType": "JSON", "download_all_tasks": "true"}
    )
    (tmp_path / "menu.json").write_text(json.dumps(exported))
    done = goldleaf("export", tmp_path / "menu.json", "--out", tmp_path / "menu", **where)
    assert done.returncode == 0, done.stderr
    for name in ("train", "test"):
        one, other = (
            folder / "trl" / "dpo" / f"{name}.jsonl" for folder in (out, tmp_path / "menu")
        )
        assert one.exists() == other.exists()
        if one.exists():
            assert one.read_bytes() == other.read_bytes()
    doctor = goldleaf("doctor", "-p", project, "--json", **where)
    checks = {check["name"]: check["ok"] for check in json.loads(doctor.stdout)}
    assert checks["reachable"] and checks["version"] and checks["token"] and checks["project"]


def answer(label_studio, project):
    from goldleaf.label_configs.answers import to_annotation
    from goldleaf.label_configs.preference.codec import Answer
    from goldleaf.label_configs.regions import to_regions
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.submit import submit_annotation

    tasks = list(stream_tasks(label_studio.studio, project))
    regions = to_regions(to_annotation(Answer("a")), kinds()["preference"].screen)
    submit_annotation(label_studio.studio, tasks[0]["id"], regions)
    submit_annotation(label_studio.studio, tasks[1]["id"], regions, skipped=True)


def exported_bytes(out):
    return {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}


@pytest.mark.timeout(1500)
def test_the_demo_runs_twice_and_up_goes_on_from_there(goldleaf, state, tmp_path):
    out = tmp_path / "demo"
    out.mkdir()
    state.path.rename(out / "state")  # a first start takes a minute, and `migrated` was one
    first = goldleaf("demo", "--out", out, timeout=600)
    assert first.returncode == 0, first.stderr
    assert "answered twice by a model of the demo's own" in first.stdout, first.stderr
    manifest = json.loads((out / "export" / "manifest.json").read_text())
    answers = manifest["answers"]
    assert answers["read"] == sum(n for fate, n in answers.items() if fate != "read")
    assert answers["used"] > 50
    assert manifest["reasons"]["rejected"] == {"cancelled": 26}
    assert {"disagreement", "tie"} <= manifest["reasons"]["dropped"].keys()
    assert {"sft", "sft_tools", "dpo", "kto", "stepwise"} <= {
        table["table"] for table in manifest["tables"]
    }
    assert set(manifest["facts"]["annotator"]) == {"script"}
    train = (out / "export" / "trl" / "dpo" / "train.jsonl").read_text("utf-8")
    assert '"chosen_origin":"edited"' in train and '"chosen_origin":"human"' in train
    assert ours(out) == []
    before = exported_bytes(out / "export")
    second = goldleaf("demo", "--out", out, "--lang", "en", timeout=600)
    assert second.returncode == 0, second.stderr
    assert exported_bytes(out / "export") == before
    assert ours(out) == []
    _up_and_down(out / "state")


def _up_and_down(state):
    command = Path(sys.executable).with_name("goldleaf")
    up = subprocess.Popen(
        [str(command), "up", "--data-dir", str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a script has Ctrl-C switched off, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        lines = []
        assert up.stdout is not None
        for line in up.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        told = "".join(lines)
        assert "log in as" in told and "/projects/1/data" in told
        assert len(ours(state)) >= 2
    finally:
        up.send_signal(signal.SIGINT)
        _, errors = up.communicate(timeout=60)
    assert up.returncode == 130 and "Traceback" not in errors
    time.sleep(0.5)
    assert ours(state) == []
