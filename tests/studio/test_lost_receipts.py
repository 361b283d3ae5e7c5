"""What Label Studio did although its answer was lost is found, and not done again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from command import Goldleaf
from fault_proxy import AFTER, BEFORE, Fault, FaultProxy

from goldleaf.core.errors import StudioUnreachable
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio import client, projects, submit
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, list_projects
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

pytestmark = pytest.mark.label_studio
LOST: tuple[Fault, ...] = tuple(fault for fault in AFTER if fault != "delay")
MAKE = r"^POST /api/projects/$"


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (client, projects, submit):
        monkeypatch.setattr(module, "_PAUSES", (0.01, 0.02, 0.02))


@pytest.fixture
def titled(label_studio: EmbeddedStudio):
    """A title of this test's own, and a function that lists the projects of that title."""
    title = f"Lost {uuid.uuid4().hex[:8]}"
    studio = label_studio.studio

    def found() -> list[dict[str, Any]]:
        return [p for p in list_projects(studio) if p["title"] == title]

    yield title, found
    for project in found():
        studio.delete(f"/api/projects/{project['id']}/")


def test_a_project_whose_receipt_was_lost_is_made_once(
    label_studio: EmbeddedStudio, goldleaf: Goldleaf, titled: Any
):
    title, found = titled
    with FaultProxy(label_studio.url, rate=1.0, kinds=["closed after"], only=MAKE, most=1) as proxy:
        done = goldleaf(
            *("project", "new", "preference", "--title", title, "--backend", "none", "--json"),
            GOLDLEAF_URL=proxy.url,
            GOLDLEAF_TOKEN=label_studio.token,
        )
        assert done.returncode == 0, done.stderr
        assert proxy.faults == {"closed after": 1}
    assert [p["id"] for p in found()] == [json.loads(done.stdout)["project"]]
    assert not found()[0]["description"], "the mark is gone"


@pytest.mark.parametrize("fault", LOST + BEFORE)
def test_whatever_becomes_of_the_receipt_there_is_one_project(
    label_studio: EmbeddedStudio, titled: Any, fault: Fault
):
    title, found = titled
    with (
        FaultProxy(label_studio.url, rate=1.0, kinds=[fault], only=MAKE, most=2) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        made = create_project(spoiled, kind_named("refusal"), title=title)
        posts = [status for request, status in proxy.answers if request.startswith("POST /api/pro")]
    assert [p["id"] for p in found()] == [made]
    assert posts == [201], "Label Studio was asked once"


def test_a_late_twin_is_deleted(
    label_studio: EmbeddedStudio, titled: Any, monkeypatch: pytest.MonkeyPatch
):
    """A request that was given up is acted on after the first look, which is made blind here."""
    title, found = titled
    look, looks = projects.list_projects, 0

    def too_early(studio: Studio) -> list[dict[str, Any]]:
        nonlocal looks
        looks += 1
        return [] if looks == 1 else look(studio)

    monkeypatch.setattr(projects, "list_projects", too_early)
    with (
        FaultProxy(label_studio.url, rate=1.0, kinds=["cut"], only=MAKE, most=1) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        made = create_project(spoiled, kind_named("refusal"), title=title)
        assert proxy.answers.count(("POST /api/projects/", 201)) == 2
    assert [p["id"] for p in found()] == [made]


def test_where_nothing_can_be_found_out_the_message_says_so(
    label_studio: EmbeddedStudio, titled: Any
):
    title, found = titled
    with (
        FaultProxy(
            label_studio.url, rate=1.0, kinds=["closed after"], only="/api/projects"
        ) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
        pytest.raises(StudioUnreachable, match=f"called '{title}' may have been made"),
    ):
        create_project(spoiled, kind_named("refusal"), title=title)
    assert len(found()) == 1


@pytest.mark.parametrize("skipped", [False, True])
@pytest.mark.parametrize("fault", LOST)
def test_an_answer_whose_receipt_was_lost_is_given_once(
    label_studio: EmbeddedStudio,
    project: int,
    comparisons: Callable[..., list[dict[str, Any]]],
    fault: Fault,
    skipped: bool,
):
    studio = label_studio.studio
    (task,) = import_tasks(studio, project, comparisons(1)).task_ids
    assert task
    submit_annotation(studio, task, [])
    with (
        FaultProxy(
            label_studio.url, rate=1.0, kinds=[fault], only=r"^POST /api/tasks/", most=1
        ) as proxy,
        Studio(proxy.url, label_studio.token) as spoiled,
    ):
        given = submit_annotation(spoiled, task, [], skipped=skipped)
        posts = [status for request, status in proxy.answers if request.startswith("POST /api/tas")]
    assert posts == [201, 409], "Label Studio knows the second one by its unique id"
    (stored,) = [each["annotations"] for each in stream_tasks(studio, project)]
    assert len(stored) == 2
    assert max(each["id"] for each in stored) == given
    assert get_project(studio, project)["task_number"] == 1
