"""A project that goldleaf did not make, with what is known of it: reads its answers as records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.adoption.config import ProjectConfig
from goldleaf.adoption.held_values import Held, read_result
from goldleaf.adoption.reading import Reading
from goldleaf.adoption.task_texts import TaskTexts
from goldleaf.adoption.to_records import ForeignAnswer
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.record_hash import group_id
from goldleaf.core.records import Demonstration, Origin, Record
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.control_types import Scale, number_or_none
from goldleaf.label_configs.control_values import Change, ControlValue, joined_choices
from goldleaf.label_configs.read_annotations import (
    AnnotationControls,
    answer_state,
    draft_of,
    plain_annotator,
)
from goldleaf.label_configs.screen import pattern_of, place_of

Drafted = Mapping[str, Held]


@dataclass(frozen=True)
class AdoptedProject:
    """What must be known of a foreign project to read its answers; a `read_task` reader.

    Attributes:
        reading: what its answers mean.
        config: its labeling config, or what its answers show of it.
        kind: stored with every answer: of a template `label_studio_NAME/VERSION`, else
            `reading/HASH`.
        config_hash: of the labeling config's text, "" where only answers are known.
        annotator: turns Label Studio's `completed_by` into a pseudonym.
    """

    reading: Reading
    config: ProjectConfig
    kind: str
    config_hash: str = ""
    annotator: Callable[[Any], str] = plain_annotator

    def records(self, task: Mapping[str, Any], annotation: Mapping[str, Any]) -> tuple[Record, ...]:
        """Return the records of an annotation.

        Raises:
            BadRow: with the reason why it cannot be used; `nothing_said` where it says nothing that
                the reading reads, with the controls that were looked for and those there are.
        """
        held = self._read(annotation.get("result"))
        draft, drafted_by = draft_of(task, annotation, self._read)
        parent = replace(
            answer_state(task, annotation),
            annotator=self.annotator(annotation.get("completed_by")),
            kind=self.kind,
            config_hash=self.config_hash,
            drafted_by=drafted_by,
            origin=_origin(draft, held),
        )
        texts = self._texts(task, held)
        began = self._texts(task, draft) if draft else None
        made = ForeignAnswer(texts, began, parent).records()
        if not made:
            raise BadRow("nothing_said", self._nothing_read(annotation.get("result")))
        return made

    def group(self, task: Mapping[str, Any]) -> str:
        """Return the `group_id` of the prompt that a task shows, "" where it shows none."""
        try:
            context = self._texts(task, {}).context()
            return group_id(Demonstration(context, ()))
        except (BadRow, TypeError, ValueError):
            return ""

    def controls(
        self, task: Mapping[str, Any], annotation: Mapping[str, Any]
    ) -> AnnotationControls:
        """Return what an annotation says in each control that the reading names.

        Raises:
            BadRow: its result cannot be read.
        """
        held = self._read(annotation.get("result"))
        draft, drafted_by = draft_of(task, annotation, self._read)
        names = dict.fromkeys((*held, *(draft or ())))
        values = tuple(_control_value(name, held, draft) for name in names)
        annotator = self.annotator(annotation.get("completed_by"))
        return AnnotationControls(self.kind, annotator, drafted_by, values)

    def _read(self, result: Any) -> dict[str, Held]:
        return read_result(result, self.config, self.reading.used)

    def _nothing_read(self, result: Any) -> str:
        wanted = ", ".join(sorted(set(self.reading.controls.values()))) or "no control"
        there = sorted({str(region.get("from_name")) for region in objects_in(result)})
        return f"the reading looked for {wanted}; the answer holds {', '.join(there)}"

    def _texts(self, task: Mapping[str, Any], held: Drafted) -> TaskTexts:
        return TaskTexts(object_or_empty(task.get("data")), held, self.config, self.reading)


_SCALES: Mapping[str, Scale] = {
    **{"textarea": "text", "chatmessage": "text", "rating": "ordinal", "number": "ordinal"}
}


def _control_value(name: str, held: Drafted, draft: Drafted | None) -> ControlValue:
    said, began = held.get(name), (draft or {}).get(name)
    some = said or began
    scale = _SCALES.get(some.kind, "nominal") if some else "nominal"
    value = _one_text(said, scale) if said else ""
    change: Change = "written"
    if draft is None:
        change = "none"
    elif began is not None:
        change = "accepted" if said and _equal(began, said) else "edited"
    place = place_of(name)
    return ControlValue(
        control=name if place is None else pattern_of(name),
        place=place,
        scale=scale,
        value=value,
        rank=number_or_none(value) if scale == "ordinal" else None,
        change=change,
        drafted=began is not None,
    )


def _one_text(held: Held, scale: Scale) -> str:
    """Return what a control holds as one value: of a Ranker its buckets with their items."""
    if held.buckets:
        return "; ".join(
            f"{name}: {', '.join(held.buckets[name])}" for name in sorted(held.buckets)
        )
    if held.messages:
        return "\n".join(content for _, _, content in held.messages)
    return "\n".join(held.texts).strip() if scale == "text" else joined_choices(held.texts)


def _origin(draft: Drafted | None, held: Drafted) -> Origin:
    """Compare what the controls say with the draft they began from."""
    if draft is None:
        return "unknown"
    if not draft:
        return "human"
    same = all(name in held and _equal(each, held[name]) for name, each in draft.items())
    return "accepted" if same else "edited"


def _equal(one: Held, other: Held) -> bool:
    if one.kind != "textarea":
        return (set(one.texts), one.buckets) == (set(other.texts), other.buckets)
    if len(one.texts) != len(other.texts):
        return False
    return all(same_text(a, b) for a, b in zip(one.texts, other.texts, strict=True))
