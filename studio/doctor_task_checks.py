"""Tasks that do not fit their project's kind: they got in past `goldleaf import`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.label_configs.adjudication import adjudicates
from goldleaf.label_configs.display_check import check_shown, imported_record
from goldleaf.label_configs.kind import Kind
from goldleaf.studio.client import Studio
from goldleaf.studio.doctor_findings import Check, Finder
from goldleaf.studio.task_pagination import iterate_tasks

_NAMED = 10
"""Tasks that a finding names; of the others it says how many there are."""


def check_tasks(studio: Studio, project_id: int, kind: Kind, find: Finder) -> Check:
    """Return a finding: which tasks annotators may answer in vain, each with its reason."""
    wrong = list(_misfits(studio, project_id, kind, find))
    if not wrong:
        return find.good("tasks", "tasks_fit", kind=kind.id)
    named = find.words("doctor.screen_and").join(wrong[:_NAMED])
    more = len(wrong) - _NAMED
    found = "tasks_misfit_more" if more > 0 else "tasks_misfit"
    return find.bad("tasks", found, "tasks_fix", named=named, count=len(wrong), more=more)


def _misfits(studio: Studio, project_id: int, kind: Kind, find: Finder) -> Iterator[str]:
    words = find.words
    for task in iterate_tasks(studio, project_id, include=("id", "data")):
        data = object_or_empty(task.get("data"))
        try:
            _check(data, kind)
        except BadRow as bad:
            why = words.known(f"reason.{bad.reason}") or bad.reason
            yield words("doctor.task", number=task["id"], reason=bad.reason, why=why)


def _check(data: Mapping[str, Any], kind: Kind) -> None:
    """Raise BadRow if a task does not show a record of the kind, as its answers would be read."""
    if adjudicates({"data": data}):
        return
    record = imported_record(data)
    check_shown(data, record, kind.id, lambda: kind.codec.to_task(record))
