"""The backend as the real Label Studio calls it: connect, draft, and hear of an annotation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from goldleaf.backend.credentials import Credentials
from goldleaf.backend.event_store import Event
from goldleaf.backend.server import RunningBackend
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.backend_link import connect_backend, disconnect_backend
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.task_import import import_tasks

from .conftest import LOGIN, WEBHOOK_SECRET

pytestmark = pytest.mark.label_studio
KIND = kind_named("preference")
REFUSES = "I'm sorry, but I can't help with that."


def comparison(prompt: str, *answers: str) -> dict[str, Any]:
    candidates = tuple(Candidate((Turn("assistant", answer),)) for answer in answers)
    return KIND.codec.to_task(Comparison(context=(Turn("user", prompt),), candidates=candidates))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_project_lives_with_the_backend(label_studio: EmbeddedStudio, tmp_path: Path, lang: str):
    studio = label_studio.studio
    project = create_project(studio, KIND, lang=lang)
    noticed, silent = import_tasks(
        studio,
        project,
        [
            comparison("How do I bake bread?", REFUSES, "Mix flour, water, salt and yeast."),
            comparison("How do I boil rice?", "Rinse it first.", "Use twice as much water."),
        ],
    ).task_ids
    credentials = Credentials(*LOGIN, WEBHOOK_SECRET)
    with RunningBackend(tmp_path / "events.sqlite", credentials=credentials) as backend:
        link = connect_backend(
            studio,
            project,
            backend.url,
            user=LOGIN[0],
            password=LOGIN[1],
            webhook_secret=WEBHOOK_SECRET,
            delivered=lambda: backend.seen("PROJECT_UPDATED") > 0,
        )
        assert (link.predicted, link.delivered) == (True, True)
        assert link.model_version == "preference/1:rules/8"

        (draft,) = studio.get(f"/api/tasks/{noticed}")["predictions"]
        (region,) = draft["result"]
        assert region["from_name"] == "noticed"
        assert region["value"]["choices"][0] in ("a_refuses", "b_refuses")
        assert (draft["model_version"], draft["score"]) == (link.model_version, 0.2)
        assert studio.get(f"/api/tasks/{silent}")["predictions"] == [], "declined, not emptied"

        everything = {"selectedItems": {"all": True, "excluded": []}}
        action = f"/api/dm/actions?id=retrieve_tasks_predictions&project={project}"
        assert studio.post(action, everything)["processed_items"] == 2
        assert len(studio.get(f"/api/tasks/{noticed}")["predictions"]) == 1, "no second draft"

        before = backend.backend.events.pending
        annotation = studio.post(f"/api/tasks/{silent}/annotations/", {"result": []})
        studio.delete(f"/api/annotations/{annotation['id']}/")
        studio.post(f"/api/ml/{link.ml_id}/train", {})
        stored = backend.backend.events.waiting()[before:]
        assert [event.hint.action for event in stored] == [
            "ANNOTATION_CREATED",
            "ANNOTATIONS_DELETED",
            "START_TRAINING",
        ]
        assert [named(event) for event in stored] == [annotation["id"], annotation["id"], None]
        assert stored[0].hint.updated_at == annotation["updated_at"]
        assert stored[0].hint.project == stored[2].hint.project == project
        disconnect_backend(studio, project, backend.url)
    studio.delete(f"/api/projects/{project}/")


def named(event: Event) -> int | None:
    return event.hint.annotation
