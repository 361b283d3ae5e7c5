"""The counters of tasks after drafts were stored in bulk, as Label Studio itself counts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.label_configs.registry import kind_named
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.empty_database import database_of
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks

COUNTERS = ("total_annotations", "cancelled_annotations", "total_predictions")


@pytest.mark.label_studio
def test_all_three_counters_of_all_tasks_of_the_project(label_studio: EmbeddedStudio):
    studio, kind = label_studio.studio, kind_named("preference")
    project = create_project(studio, kind)
    answers = tuple(Candidate((Turn("assistant", text),)) for text in ("One, two.", "Two, one."))
    asked = [(Turn("user", f"Count to {number}."),) for number in range(5)]
    rows = [kind.codec.to_task(Comparison(context=each, candidates=answers)) for each in asked]
    tasks = [task for task in import_tasks(studio, project, rows).task_ids if task]
    answered, skipped, twice, plain, old = tasks
    for task, cancelled in ((answered, False), (answered, False), (skipped, True)):
        submit_annotation(studio, task, [], skipped=cancelled)
    draft = {"result": [], "score": 0.5}
    for version in ("v1", "v2"):
        given = [{**draft, "task": task, "model_version": version} for task in (twice, answered)]
        studio.post(f"/api/projects/{project}/import/predictions", given[: 1 + (version == "v1")])
    database = database_of(label_studio.data.label_studio)
    with closing(sqlite3.connect(database, timeout=30)) as opened, opened:
        opened.execute(
            f"UPDATE task SET {'=7, '.join(COUNTERS)}=7 WHERE id IN (?, ?)", (plain, old)
        )
    given = [{**draft, "task": old, "model_version": "v3"}]
    assert studio.post(f"/api/projects/{project}/import/predictions", given)["created"] == 1

    fields = {"project": project, "fields": "all", "include": ",".join(("id", *COUNTERS))}
    listed = studio.get("/api/tasks", fields)["tasks"]
    assert {each["id"]: tuple(each[name] for name in COUNTERS) for each in listed} == {
        answered: (2, 0, 1),
        skipped: (0, 1, 0),
        twice: (0, 0, 2),
        plain: (0, 0, 0),
        old: (0, 0, 1),
    }
    studio.delete(f"/api/projects/{project}/")
