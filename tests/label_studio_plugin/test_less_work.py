"""What Label Studio leaves undone with the plug-in, and that nothing else follows from it."""

from __future__ import annotations

from typing import Any

import pytest
from stand_in_backend import StandInBackend

from goldleaf.label_studio_plugin.data_types import wrap_data_types
from goldleaf.studio.backend_link import connect_backend
from goldleaf.studio.client import RequestRejected
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks


class Listener(StandInBackend):
    """Keeps what it was sent."""

    def __init__(self, **options: str) -> None:
        self.bodies: list[dict[str, Any]] = []
        super().__init__(**options)

    def answer(self, path: str, headers: Any, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path.startswith("/webhook"):
            self.bodies.append(body)
        return super().answer(path, headers, body)


def test_a_labeling_config_is_parsed_once_and_each_project_has_its_own():
    parsed: list[str] = []

    def original(label_config: str) -> dict[str, str]:
        parsed.append(label_config)
        if label_config == "broken":
            raise ValueError
        return {"text": label_config}

    wrapped = wrap_data_types(original)
    wrapped("one")["more"] = "of the first alone"
    assert (wrapped("one"), wrapped("two")) == ({"text": "one"}, {"text": "two"})
    assert parsed == ["one", "two"]
    for _ in range(2):
        with pytest.raises(ValueError):
            wrapped("broken")


@pytest.mark.label_studio
def test_our_backend_hears_ids_and_the_summary_is_right(label_studio: EmbeddedStudio):
    studio = label_studio.studio
    config = '<View><Text name="t" value="$text"/><TextArea name="a" toName="t"/></View>'
    made = studio.post("/api/projects/", {"title": "Less work", "label_config": config})
    project = int(made["id"])
    ours, other, foreign = Listener(secret="secret"), Listener(), Listener(secret="secret")
    try:
        secret = "secret"
        connect_backend(
            *(studio, project, ours.url), webhook_secret=secret, delivered=lambda: bool(ours.bodies)
        )
        # As `connect_known` does with a label-studio-ml server, whose `/health` counts no events.
        connect_backend(studio, project, foreign.url, webhook_secret=secret)
        hook = {"url": f"{other.url}/webhook", "project": project, "send_for_all_actions": True}
        studio.post("/api/webhooks/", hook)
        rows = [{"text": f"number {number}", "more": "x"} for number in range(3)]
        task = import_tasks(studio, project, rows).task_ids[0]
        assert task
        for listener in (ours, other, foreign):
            listener.bodies.clear()
        given = submit_annotation(studio, task, [])
        answered = studio.get(f"/api/annotations/{given}/")
        (body,) = ours.bodies
        assert body == {
            "action": "ANNOTATION_CREATED",
            "project": {"id": project},
            "annotation": [{"id": given, "updated_at": answered["updated_at"]}],
        }
        (whole,) = other.bodies
        assert foreign.bodies == [whole]
        assert whole["task"]["data"] == rows[0] and whole["annotation"]["id"] == given
        assert whole["annotation"]["updated_at"] == body["annotation"][0]["updated_at"]
        assert whole["project"]["label_config"]
        shown = studio.get(f"/api/projects/{project}/summary/")["all_data_columns"]
        assert shown == {"text": 3, "more": 3}
        studio.patch(f"/api/tasks/{task}/", {"data": {"text": "changed"}})
        submit_annotation(studio, task, [])
        shown = studio.get(f"/api/projects/{project}/summary/")["all_data_columns"]
        assert shown == {"text": 3, "more": 2}
    finally:
        studio.delete(f"/api/projects/{project}/")
        ours.close()
        other.close()
        foreign.close()


@pytest.mark.label_studio
def test_a_changed_task_is_answered_as_without_the_plug_in(label_studio: EmbeddedStudio):
    studio = label_studio.studio
    config = '<View><Text name="t" value="$text"/><TextArea name="a" toName="t"/></View>'
    made = [
        studio.post("/api/projects/", {"title": f"Changed {number}", "label_config": config})["id"]
        for number in range(2)
    ]
    project, other = made
    try:
        task = import_tasks(studio, project, [{"text": "one", "more": "x"}]).task_ids[0]
        assert task
        path = f"/api/tasks/{task}/"
        submit_annotation(studio, task, [])
        submit_annotation(studio, task, [], skipped=True)
        draft = {"task": task, "result": [], "score": 0.5, "model_version": "v1"}
        studio.post(f"/api/projects/{project}/import/predictions", [draft])
        # A request that names the project goes the way of Label Studio's own.
        whole = studio.patch(f"{path}?project={project}", {"data": {"text": "two"}})
        ours = studio.patch(path, {"data": {"text": "two"}})
        assert len(ours["annotations"]) == 2 and len(ours["predictions"]) == 1
        assert {**ours, "updated_at": ""} == {**whole, "updated_at": ""}
        assert list(ours) == list(whole)
        assert studio.patch(path, {"meta": {"k": 1}})["data"] == {"text": "two"}
        assert studio.get(path)["meta"] == {"k": 1}
        for body, query in (({"project": other}, ""), ({}, f"?project={other}")):
            with pytest.raises(RequestRejected, match="No Task matches"):
                studio.patch(path + query, {"data": {"text": "three"}, **body})
        with pytest.raises(RequestRejected, match="No Task matches"):
            studio.patch(f"/api/tasks/{task + 1000}/", {"data": {"text": "three"}})
        assert studio.get(path)["data"] == {"text": "two"}
    finally:
        for number in made:
            studio.delete(f"/api/projects/{number}/")
