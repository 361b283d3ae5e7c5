"""`goldleaf model`: kept versions, an earlier one again, messages without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.core.records import Demonstration, Turn
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.prediction_import import store_predictions
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

REFUSAL = kind_named("refusal")
VERSION = "refusal/1:auto/9+test"


def _stored(folder: Path) -> list[str]:
    store = ModelStore(folder / "models")
    models = [
        Model("refusal/1", f"{count}", count, {}, np.zeros(0, np.float32), (), ())
        for count in (40, 60)
    ]
    return [store.publish("3.1795363614", *to_bytes(model)) for model in models]


def test_versions_are_listed_and_an_earlier_one_is_served_again(inside: Any, tmp_path: Path):
    first, second = _stored(tmp_path)
    here = ("--data-dir", str(tmp_path))
    listed = inside("model", "list", *here)
    assert listed.returncode == 0
    assert f"{second} *" in listed.stdout
    back = inside("model", "rollback", "3", *here)
    assert back.returncode == 0
    assert first in back.stdout
    shown = json.loads(inside("model", "show", "3", *here, "--json").stdout)
    assert (shown["version"], shown["served"], shown["learned_from"]) == (first, True, 40)
    none = inside("model", "rollback", "3", *here)
    assert none.returncode == 2
    assert "There is no earlier version" in none.stderr
    unknown = inside("model", "show", "3", "9-x", *here)
    assert unknown.returncode == 2
    assert "no version 9-x" in unknown.stderr


def test_without_a_model_the_message_says_how_to_get_one(inside: Any, tmp_path: Path):
    done = inside("model", "list", "7", "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert "No model was learned from project 7 yet." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def project(label_studio: EmbeddedStudio) -> Iterator[int]:
    """A project whose five tasks have a draft each: four from the bulk import, one alone."""
    studio = label_studio.studio
    made = create_project(studio, REFUSAL)
    shown = [
        Demonstration((Turn("user", f"Question {n}?"),), (Turn("assistant", "An answer."),))
        for n in range(5)
    ]
    import_tasks(studio, made, [REFUSAL.codec.to_task(record) for record in shown])
    *most, last = [
        {
            "task": task["id"],
            "result": to_regions(
                {"did": ("comply",), "risk": ("none",)}, REFUSAL.screen, {"did": 0.91 + n / 100}
            ),
            "score": 0.1,
            "model_version": VERSION,
        }
        for n, task in enumerate(stream_tasks(studio, made))
    ]
    assert store_predictions(studio, made, most).stored == 4
    studio.post("/api/predictions/", last)
    yield made
    studio.delete(f"/api/projects/{made}/")


def _answer(studio: Any, task: Any, did: Any, *, draft: bool, seconds: float) -> None:
    said = REFUSAL.to_annotation(codec.Answer("benign_comply", did, "none"))
    (prediction,) = task["predictions"]
    made = submit_annotation(
        *(studio, task["id"], to_regions(said, REFUSAL.screen)),
        parent_prediction=prediction["id"] if draft else None,
    )
    studio.patch(f"/api/annotations/{made}/", {"lead_time": seconds})


@pytest.mark.label_studio
def test_what_became_of_drafts_is_reported(
    label_studio: EmbeddedStudio,
    project: int,
    inside: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    studio = label_studio.studio

    monkeypatch.setenv("LABEL_STUDIO_API_KEY", label_studio.token)

    def report(number: int, *more: str) -> Any:
        return inside("model", "report", number, "--url", label_studio.url, *more)

    empty = report(project)
    assert (empty.returncode, empty.stdout) == (2, "")
    assert f"Project {project} has no annotations yet." in empty.stderr
    missing = report(999_999)
    assert missing.returncode == 2
    assert "999999" in missing.stderr
    assert "Traceback" not in missing.stderr

    tasks = list(stream_tasks(studio, project))
    sure = [
        {region["from_name"]: region.get("score") for region in task["predictions"][0]["result"]}
        for task in tasks
    ]
    assert [each["did"] for each in sure] == [0.91, 0.92, 0.93, 0.94, 0.95]
    assert {each["risk"] for each in sure} == {None}
    assert {task["predictions"][0]["score"] for task in tasks} == {0.1}, "the queue's place"
    for task in tasks[:3]:
        _answer(studio, task, "comply", draft=True, seconds=20)
    _answer(studio, tasks[4], "full_refusal", draft=True, seconds=20)
    _answer(studio, tasks[3], "comply", draft=False, seconds=80)

    found = json.loads(report(project, "--json").stdout)
    assert (found["answers"], found["unreadable"], found["minutes_saved"]) == (5, 0, 4.0)
    did, risk = found["controls"]
    assert (did["control"], did["version"]) == ("did", VERSION)
    assert (did["accepted"], did["edited"], did["overruled"]) == (3, 0, 1)
    assert (did["coverage"], risk["accepted"]) == (0.8, 4)
    bins = [(b["from"], b["drafts"], b["right"]) for b in found["calibration"].pop("did")]
    assert bins == [(0.9, 3, 3), (0.95, 1, 0)]
    assert not found["calibration"]

    shown = report(project, "--lang", "zh").stdout
    assert "原样接受" in shown
    assert "90–95 %" in shown
    page = tmp_path / "drafts.html"
    written = report(project, "--out", str(page))
    assert (written.returncode, written.stdout) == (0, "")
    assert "gl-chart" in page.read_text("utf-8")
    assert report(project, "--out", str(page)).returncode == 0, "its own page may be replaced"
    page.write_text("mine", "utf-8")
    kept = report(project, "--out", str(page))
    assert kept.returncode == 2
    assert page.read_text("utf-8") == "mine"
