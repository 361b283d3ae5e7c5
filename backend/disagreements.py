"""The tab of disagreements in a project's data manager, brought up to date after answers came."""

from __future__ import annotations

from goldleaf.agreement.differing_answers import answers_differ
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.client import Studio
from goldleaf.studio.data_manager_views import list_disagreements
from goldleaf.studio.projects import Project
from goldleaf.studio.task_pagination import UnreadableTask


def refresh_disagreements(
    studio: Studio, described: Project, kind: Kind
) -> tuple[int, list[UnreadableTask]]:
    """List the tasks whose answers differ in the project's tab; read are those answered twice.

    Args:
        studio: where.
        described: the project as `goldleaf.studio.projects.get_project` returns it.
        kind: its kind.

    Returns:
        How many tasks there are, and those with two answers that Label Studio cannot give.
    """
    number = int(described["id"])
    project = AnsweredProject(kind, described["label_config"])
    unreadable: list[UnreadableTask] = []
    several = stream_tasks(
        *(studio, number),
        only_submitted=True,
        answers=2,
        described=described,
        unreadable=unreadable.append,
    )
    differing = [
        int(task["annotations"][0]["id"])
        for task in several
        if answers_differ(read_task(task, project))
    ]
    list_disagreements(studio, number, differing)
    return len(differing), unreadable
