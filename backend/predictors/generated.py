"""Texts drafted by a model that writes, beside what another predictor drafts.

Only the text that an annotator is asked to write (`drafting_prompts.CONTROLS`): a decision is never
a generating model's. Its text goes before one that rules tidied up, because the user named it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.backend.drafting_prompts import (
    CONTROLS,
    drafting_request,
    prompts_version,
    read_draft,
)
from goldleaf.backend.predictors.predictor import (
    Draft,
    Predictor,
    for_project,
    learned_from,
    priorities,
    undrafted,
)
from goldleaf.backend.text_asker import TextAsker, reason_of
from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind


class Generated:
    """Drafts of another predictor, and texts of a model.

    Args:
        other: who drafts the choices, such as `auto`.
        asker: the model.
    """

    NAME = "generated"
    QUICK = False

    def __init__(self, other: Predictor, asker: TextAsker) -> None:
        self._other, self._asker = other, asker
        self.VERSION = f"{other.VERSION}:{asker.generator.name}:{prompts_version()}"

    @property
    def learned_from(self) -> int | None:
        """How many annotations the other predictor knows; None if it never learns."""
        return learned_from(self._other)

    def for_project(self, project: str) -> Predictor:
        """Return the same with what the other predictor learned for one project."""
        return self.for_config(project, "")

    def for_config(self, project: str, config: str) -> Predictor:
        """Return the same for one project with this labeling config (XML, "" for unknown)."""
        return Generated(for_project(self._other, project, config), self._asker)

    def drafts(
        self, kind: Kind, tasks: Sequence[Mapping[str, Any]]
    ) -> Sequence[Draft | BadRow | None]:
        """Return one draft a task; a text that does not come in time is not in it.

        Raises:
            BadRow: as the other predictor, or a task has no prompt.
        """
        found = list(self._other.drafts(kind, tasks))
        if kind.name not in CONTROLS:
            return found
        asked = {
            place: request
            for place, task in enumerate(tasks)
            if (request := drafting_request(kind.name, task)) is not None
        }
        answers = self._asker.ask(list(asked.values()))
        for place, answer in zip(asked, answers, strict=True):
            if answer is None or answer.outcome != "answered":
                continue
            written = read_draft(kind.name, answer.text, tasks[place])
            if not written.reason:
                draft = found[place]
                seen = draft if isinstance(draft, Draft) else None
                found[place] = _joined(kind, seen, written.text)
        return found

    def priorities(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Return the other predictor's place in the queue for each task."""
        return priorities(self._other, kind, tasks)

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why nothing was drafted: why the model wrote no text, where it was asked.

        Raises:
            BadRow: the task has no prompt.
        """
        request = drafting_request(kind.name, task) if kind.name in CONTROLS else None
        if request is None:
            return undrafted(self._other, kind, {"data": task})
        answer = self._asker.known(request)
        if answer is not None and answer.outcome == "answered":
            return read_draft(kind.name, answer.text, task).reason or "nothing_to_say"
        return reason_of(answer)


def _joined(kind: Kind, draft: Draft | None, text: str) -> Draft:
    """Return a draft with the text of the model in its control."""
    values = kind.to_annotation(kind.codec.Answer(**{CONTROLS[kind.name]: text}))
    if draft is None:
        return Draft(values)
    return Draft({**draft.values, **values}, draft.score, draft.confidence)
