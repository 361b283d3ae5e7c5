"""The loop through a fault proxy before the real Label Studio: nothing lost, nothing twice.

One short loop by default; GOLDLEAF_FAULTS says how many faults at least (`make faults`: 500).
"""

from __future__ import annotations

import json
import os
import time
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fault_proxy import AFTER, BEFORE, Fault, FaultProxy, until_done
from typer.testing import CliRunner

from goldleaf.cli.main import app
from goldleaf.core.errors import GoldleafError
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import (
    client,
    prediction_import,
    projects,
    submit,
    task_import,
    task_pagination,
)
from goldleaf.studio.accounts import create_account, invitation
from goldleaf.studio.annotation_stream import count_annotations, stream_tasks
from goldleaf.studio.backend_link import (
    backend_rows,
    connect_backend,
    disconnect_backend,
    webhooks,
)
from goldleaf.studio.client import Studio
from goldleaf.studio.doctor_backend_checks import may_call
from goldleaf.studio.doctor_checks import run_checks
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.login import personal_token
from goldleaf.studio.prediction_import import DraftStore
from goldleaf.studio.projects import get_project, list_projects
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_identity import task_hash
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows import demo_annotator

pytestmark = pytest.mark.label_studio
FAULTS = int(os.environ.get("GOLDLEAF_FAULTS", "10"))
RATE = 0.3
ROWS = 60 if FAULTS >= 100 else 20
Data = dict[str, Any]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short pauses, and chunks so small that an import is many requests."""
    for module in (client, task_import, prediction_import, submit, projects):
        monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.02))
    monkeypatch.setattr(task_pagination, "_ONCE_MORE", (0.01,))
    monkeypatch.setattr(task_pagination, "_TO_BE_SURE", (0.01,) * 5)
    monkeypatch.setattr(task_import, "MAX_TASKS", 10)
    monkeypatch.setattr("goldleaf.workflows.prelabel.CHUNK", 10)


def command(*arguments: object) -> Data:
    """Run a command in this process and return what it tells with --json."""
    done = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if isinstance(done.exception, GoldleafError):
        raise done.exception
    assert done.exception is None, repr(done.exception)
    return json.loads(done.stdout)


def direct(studio: Studio, project: int) -> list[Data]:
    """Ask Label Studio itself, without goldleaf's paging."""
    return studio.get(
        f"/api/projects/{project}/export", {"exportType": "JSON", "download_all_tasks": "true"}
    )


def exported(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()
    }


def rows(file: Path) -> Path:
    with file.open("w", encoding="utf-8") as lines:
        for number in range(ROWS):
            row = {
                "prompt": f"Name {number} rivers of Asia. 亚洲",
                "chosen": f"Here are {number}: Amur, Ob, Lena and others that are long.",
                "rejected": "I cannot help with that." if number % 2 else f"{number}? The Lena.",
            }
            lines.write(json.dumps(row) + "\n")
    return file


@pytest.fixture
def through(monkeypatch: pytest.MonkeyPatch, label_studio: EmbeddedStudio, tmp_path: Path):
    """Make the settings' Label Studio the one at an address."""

    def use(url: str) -> None:
        monkeypatch.setenv("GOLDLEAF_URL", url)
        monkeypatch.setenv("GOLDLEAF_TOKEN", label_studio.token)
        monkeypatch.setenv("GOLDLEAF_DATA_DIR", str(tmp_path / "state"))

    return use


@pytest.mark.timeout(120 + 3 * FAULTS)
def test_a_whole_loop_through_faults(
    label_studio: EmbeddedStudio,
    through: Callable[[str], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
):
    seen: Counter[str] = Counter()
    requests = runs = 0
    began = time.monotonic()
    while seen.total() < FAULTS:
        runs += 1
        with FaultProxy(label_studio.url, seed=runs, rate=RATE) as proxy:
            one_loop(label_studio, proxy, through, tmp_path / str(runs))
        seen += proxy.faults
        requests += proxy.requests
    seconds = time.monotonic() - began
    text = f"{seen.total()} faults in {requests} requests, {runs} loops of {ROWS} rows"
    with capsys.disabled():
        print(f"\n{text}, {seconds:.0f} s: {dict(seen)}")  # noqa: T201
    if FAULTS >= 300:
        assert seen.keys() == {*BEFORE, *AFTER}


def one_loop(
    label_studio: EmbeddedStudio, proxy: FaultProxy, through: Callable[[str], None], folder: Path
) -> None:
    """Make, fill, draft, annotate and export a project; at each step all is there, and once."""
    folder.mkdir()
    studio, kind = label_studio.studio, kind_named("preference")
    title = f"Faults {uuid.uuid4().hex[:12]}"
    through(proxy.url)
    try:
        new = partial(command, "project", "new", kind.name, "--title", title, "--backend", "none")
        project = until_done(new)["project"]
        assert [p["id"] for p in titled(studio, title)] == [project]

        file = rows(folder / "rows.jsonl")
        done = until_done(partial(command, "import", file, "-p", project))
        assert done["created"] + done["already_there"] == ROWS
        stored = direct(studio, project)
        assert len(stored) == len({task_hash(task["data"]) for task in stored}) == ROWS

        done = until_done(partial(command, "prelabel", project))
        assert done["tasks"] == ROWS
        held = [len(task["predictions"]) for task in stream_tasks(studio, project)]
        assert held.count(1) == ROWS // 2, "every other row is one that the rules draft"
        assert held.count(0) == ROWS // 2

        script: Any = kind.demo_answers
        with Studio(proxy.url, label_studio.token) as spoiled:
            until_done(
                lambda: demo_annotator.annotate(
                    spoiled, kind, script, list(stream_tasks(spoiled, project))
                )
            )
        given = [len(task["annotations"]) for task in stream_tasks(studio, project)]
        assert given == [1] * ROWS
        assert count_annotations(studio, project).all == ROWS

        told = until_done(partial(command, "project", "progress", project))
        assert told["tasks"] == ROWS
        told = until_done(partial(command, "export", f"project:{project}", "--out", folder / "out"))
        assert told["answers"]["read"] == ROWS
        through(label_studio.url)
        command("export", f"project:{project}", "--out", folder / "direct")
        assert exported(folder / "out") == exported(folder / "direct")
    finally:
        for made in titled(studio, title):
            studio.delete(f"/api/projects/{made['id']}/")


def titled(studio: Studio, title: str) -> list[Data]:
    return [project for project in list_projects(studio) if project["title"] == title]


def test_accounts_and_a_backend_through_faults(
    label_studio: EmbeddedStudio,
    project: int,
    comparisons: Callable[..., list[Data]],
    stand_in: Callable[..., Any],
    through: Callable[[str], None],
):
    studio, backend = label_studio.studio, stand_in()
    import_tasks(studio, project, comparisons(3))
    with FaultProxy(label_studio.url, seed=5, rate=RATE) as proxy:
        through(proxy.url)
        with Studio(proxy.url, label_studio.token) as spoiled:
            for _ in range(2 if FAULTS >= 100 else 1):
                until_done(lambda: connect_backend(spoiled, project, backend.url))
                assert len(studio.get("/api/ml", {"project": project})) == 1
                assert len(studio.get("/api/webhooks/", {"project": project})) == 1
                found = CliRunner().invoke(app, ["doctor", "-p", str(project), "--json"])
                assert found.exception is None or isinstance(
                    found.exception, GoldleafError | SystemExit
                ), repr(found.exception)
                until_done(lambda: disconnect_backend(spoiled, project, backend.url))
                assert studio.get("/api/ml", {"project": project}) == []
                assert studio.get("/api/webhooks/", {"project": project}) == []
            assert until_done(lambda: invitation(spoiled)).endswith(
                invitation(studio).partition("/user/")[2]
            )
            email = "through-faults@goldleaf.invalid"
            until_done(lambda: create_account(spoiled, email, "a long password")).close()
        assert list(studio.accounts().values()).count(email) == 1
        assert proxy.faults.total() >= 3


@pytest.mark.parametrize("fault", [each for each in BEFORE + AFTER if each != "delay"])
def test_no_spoiled_answer_is_believed(
    label_studio: EmbeddedStudio, project: int, fault: Fault, monkeypatch: pytest.MonkeyPatch
):
    """Where every answer is spoiled, each call ends in one plain error, however often it tries."""
    for module in (client, task_import, prediction_import, submit):
        monkeypatch.setattr(module, "_PAUSES", (0.01,))
    monkeypatch.setattr(task_pagination, "_TO_BE_SURE", (0.01,))
    with (
        FaultProxy(label_studio.url, kinds=[fault]) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        spoiled.accounts()  # an access token is there from here on
        proxy.rate = 1.0
        calls: list[Callable[[], object]] = [
            lambda: invitation(spoiled),
            lambda: create_account(spoiled, "nobody@goldleaf.invalid", "a long password"),
            lambda: personal_token(proxy.url, label_studio.email, label_studio.password),
            lambda: get_project(spoiled, project),
            lambda: list_projects(spoiled),
            lambda: webhooks(spoiled, project),
            lambda: backend_rows(spoiled, project),
            lambda: may_call(spoiled, project, "http://127.0.0.1:9"),
            lambda: count_annotations(spoiled, project),
            lambda: DraftStore(spoiled, project),
            lambda: import_tasks(spoiled, project, []),
            lambda: next(stream_tasks(spoiled, project)),
            lambda: submit_annotation(spoiled, 999_999, []),
        ]
        for call in calls:
            with pytest.raises(GoldleafError):
                call()
        for check in run_checks(spoiled, project):
            assert check.name
