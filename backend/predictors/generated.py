"""Texts drafted by a model that writes, beside what another predictor drafts.

Only texts that an annotator is asked to write (`text_drafts/`): a decision is never a generating
model's. Its text goes before one that rules tidied up, because the user named it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from goldleaf.backend.drafting_prompts import prompts_version, text_requests
from goldleaf.backend.predictors.predictor import (
    Draft,
    Predictor,
    for_project,
    learned_from,
    priorities,
    undrafted,
)
from goldleaf.backend.text_asker import FINAL, TextAsker, reason_of
from goldleaf.backend.text_drafts.text_request import TextRequest
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
        """Return one draft a task; a text that fails or does not come in time is not in it.

        Raises:
            BadRow: as the other predictor, or a task has no prompt.
        """
        found = list(self._other.drafts(kind, tasks))
        asked = [
            (place, each)
            for place, task in enumerate(tasks)
            for each in text_requests(kind.name, task)
        ]
        answers = self._asker.ask([each.request for _, each in asked])
        for (place, each), answer in zip(asked, answers, strict=True):
            if answer is not None and answer.outcome == "answered":
                draft = found[place]
                seen = draft if isinstance(draft, Draft) else None
                found[place] = _joined(seen, each.read(answer).texts)
        return found

    def priorities(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[float | None]:
        """Return the other predictor's place in the queue for each task."""
        return priorities(self._other, kind, tasks)

    def undrafted(self, kind: Kind, task: Mapping[str, Any]) -> str:
        """Return why nothing was drafted: why the model wrote no text, where it was asked.

        Of several texts it is the first that failed; `model_kept` where all may stay as they are.

        Raises:
            BadRow: the task has no prompt.
        """
        requests = text_requests(kind.name, task)
        if not requests:
            return undrafted(self._other, kind, {"data": task})
        reasons = [self._why(each) for each in requests]
        return next((why for why in reasons if why != "model_kept"), "model_kept")

    def unfinished(self, kind: Kind, task: Mapping[str, Any]) -> bool:
        """Return whether a text is still to come, or failed in a way that need not happen again.

        Raises:
            BadRow: the task has no prompt.
        """
        answers = [self._asker.known(each.request) for each in text_requests(kind.name, task)]
        return any(answer is None or answer.outcome not in FINAL for answer in answers)

    def _why(self, asked: TextRequest) -> str:
        """Return why one text is no draft."""
        answer = self._asker.known(asked.request)
        if answer is not None and answer.outcome == "answered":
            return asked.read(answer).reason or "nothing_to_say"
        return reason_of(answer)


def _joined(draft: Draft | None, texts: Mapping[str, str]) -> Draft | None:
    """Return a draft with the texts of the model in their controls."""
    if not texts:
        return draft
    values = {control: (text,) for control, text in texts.items()}
    if draft is None:
        return Draft(values)
    return Draft({**draft.values, **values}, draft.score, draft.confidence)
