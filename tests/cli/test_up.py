"""`goldleaf up` with a data directory of one's own, and a second terminal beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from goldleaf.core.data_dir import DataDir
from goldleaf.label_configs.registry import kinds
from goldleaf.studio.backend_link import backend_rows, webhooks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import kept_connection
from goldleaf.workflows.local_stack import sample_titles

pytestmark = [pytest.mark.label_studio, pytest.mark.timeout(900)]
COMMAND = Path(sys.executable).with_name("goldleaf")
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@contextmanager
def up(state: DataDir, *options: object) -> Iterator[str]:
    """Run `goldleaf up` until the block ends; yields what it printed."""
    process = subprocess.Popen(
        [str(COMMAND), "up", "--data-dir", str(state.path), *map(str, options)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        # A test run in the background of a script has Ctrl-C switched off, and so would this.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        printed = ""
        assert process.stdout is not None
        for line in process.stdout:
            printed += line
            if "Ctrl-C" in line:
                break
        yield printed
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)
        assert "Traceback" not in errors, errors


def paste(command: str) -> str:
    """Run a command as it was printed, in a second terminal in another folder."""
    done = subprocess.run(
        command, shell=True, cwd="/", env=ENVIRONMENT, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def goldleaf(state: DataDir, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *map(str, arguments), "--data-dir", str(state.path)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=200)


def studio_of(state: DataDir) -> Studio:
    kept = kept_connection(state)
    assert kept is not None
    return Studio(kept.url, kept.token)


def links(state: DataDir) -> dict[int, list[str]]:
    """Return the addresses of backends and webhooks of every project that has any."""
    with studio_of(state) as studio:
        found: dict[int, list[str]] = {}
        for project in studio.get("/api/projects", {"page_size": 1000})["results"]:
            rows: list[dict[str, Any]] = [
                *backend_rows(studio, project["id"]),
                *webhooks(studio, project["id"]),
            ]
            if rows:
                found[project["id"]] = sorted(row["url"] for row in rows)
    return found


@pytest.mark.parametrize("kind", kinds().values(), ids=kinds())
def test_a_sample_project_has_a_title_that_label_studio_takes(kind):
    for title in sample_titles(kind).values():
        assert 3 <= len(title) <= 50 and title.endswith((" (samples)", "（示例）"))


def test_a_second_project_and_a_second_port(state: DataDir, tmp_path: Path):
    rows = tmp_path / "rows.jsonl"
    answers = {"prompt": "Say hello.", "answer_a": "Hello!", "answer_b": "Goodbye."}
    rows.write_text(json.dumps(answers) + "\n")
    with up(state, "--lang", "zh", "--sample") as printed:
        assert "登录" in printed and "log in" not in printed
        made = [line for line in printed.splitlines() if "goldleaf import" in line]
        (preference,) = [
            command
            for line, command in zip(printed.splitlines(), printed.splitlines()[1:], strict=False)
            if "preference" in line and command in made
        ]
        command = preference[preference.index(str(COMMAND)) :].replace("FILE", str(rows))
        assert "created 1" in paste(command)
        first = int(command.rsplit(" ", 1)[1])
        with studio_of(state) as studio:
            (mine,) = studio.get("/api/tasks", {"project": first, "fields": "all"})["tasks"]
            titles = {
                p["id"]: p for p in studio.get("/api/projects", {"page_size": 1000})["results"]
            }
        assert "Say hello." in json.dumps(mine["data"]), (
            "the user's queue holds the user's rows alone"
        )
        samples = [p for p in titles.values() if p["title"].endswith("（示例）")]
        assert len(samples) == len(kinds()) and all(p["task_number"] for p in samples)

        second = goldleaf(
            state, "project", "new", "preference", "--title", "Second", "--lang", "en"
        )
        assert second.returncode == 0, second.stderr
        assert "linked with the backend at http://127.0.0.1:" in second.stdout
        number = int(second.stdout.split("/projects/")[1].split("/")[0])
        doctor = goldleaf(state, "doctor", "--lang", "en")
        assert doctor.returncode == 0, doctor.stdout
        assert "No problems found." in doctor.stdout and ":9090" not in doctor.stdout
        before = links(state)
        assert number in before and first in before

    taken = state.secret("label-studio")["port"]  # Label Studio then goes elsewhere
    with socket.create_server(("127.0.0.1", taken)):
        refused = goldleaf(state, "up", "--backend-port", taken)
        assert refused.returncode == 2 and "--backend-port" in refused.stderr
    with up(state, "--lang", "en", "--backend-port", taken) as printed:
        assert f"project {number} is linked with the backend at its new address" in printed
        new = f"http://127.0.0.1:{taken}"
        assert links(state) == {each: [new, f"{new}/webhook"] for each in before}
        doctor = goldleaf(state, "doctor", "--lang", "en")
        assert doctor.returncode == 0, doctor.stdout
