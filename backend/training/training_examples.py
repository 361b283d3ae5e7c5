"""What can be learned from an annotation: the texts that were shown, and the choices made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from goldleaf.backend.training.model_file import FORMAT
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.task_features import drafter_of
from goldleaf.backend.training.vectors import installed
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.record_hash import group_id
from goldleaf.core.records_jsonl import from_plain
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import to_values
from goldleaf.label_configs.screen import Screen


@dataclass(frozen=True, slots=True)
class Example:
    """One annotation.

    Attributes:
        key: task, annotation and its state; unique in a project.
        group: examples of one prompt share it, and are never on both sides of a split.
        texts: what was shown, by field.
        choices: control -> what was chosen; a control that was left alone has none.
        drafted: controls that came with a draft. What a person says over a draft is learned from,
            but is no witness of how well a draft would have been: it may just have been accepted.
    """

    key: str
    group: str
    texts: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    drafted: frozenset[str]
    drafter: str = ""


def learnable(kind: Kind, screen: Screen) -> dict[str, bool]:
    """Return the controls a model may draft: name -> takes several choices.

    These are the choices that the kind does not declare as the annotator's own word. Those of a
    Repeater are left out: an example's texts are those of the whole task, not of one element.
    """
    return {
        name: control.multiple
        for name, control in screen.controls.items()
        if control.type == "choices" and not control.repeated and kind.may_draft(name)
    }


def examples(
    tasks: Iterable[Mapping[str, Any]], controls: Iterable[str], screen: Screen
) -> Iterator[Example]:
    """Yield the submitted annotations of whole tasks (as `stream_tasks` yields them).

    Skipped, empty and unreadable ones are passed over: the export is where they are accounted for.

    Args:
        tasks: Label Studio's task objects, with `data`, `annotations` and `predictions`.
        controls: the names of controls whose choices are wanted (`learnable`).
        screen: the project's own screen.
    """
    wanted = frozenset(controls)
    for task in tasks:
        data = object_or_empty(task.get("data"))
        group, drafter = prompt_group(data), drafter_of(data)
        for annotation in objects_in(task.get("annotations")):
            result = annotation.get("result")
            if annotation.get("was_cancelled") or not result:
                continue
            try:
                values = to_values(result, screen)
            except BadRow:
                continue
            yield Example(
                key=f"{task.get('id')}/{annotation.get('id')}@{annotation.get('updated_at')}",
                group=group,
                texts=texts_of(data),
                choices={name: choices for name, choices in values.items() if name in wanted},
                drafted=_drafted(task, annotation, wanted),
                drafter=drafter,
            )


def fingerprint(found: Iterable[Example]) -> str:
    """Return a hash of the examples, the same in any order; hex digits.

    It also changes with the way they are learned from: `FORMAT`, and whether sentence vectors are
    there.
    """
    digest = hashlib.sha256(f"{FORMAT}{'+vectors' if installed() else ''}".encode())
    for line in sorted(to_line(example) for example in found):
        digest.update(line + b"\n")
    return digest.hexdigest()


def to_line(example: Example) -> bytes:
    """Return an example as a line of JSON, without a newline; `from_line` reads it."""
    return orjson.dumps(
        {
            "key": example.key,
            "group": example.group,
            "texts": dict(example.texts),
            # Part of the fingerprint: another name would train every model anew.
            "said": {name: list(choices) for name, choices in example.choices.items()},
            "drafted": sorted(example.drafted),
            "drafter": example.drafter,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def from_line(line: bytes) -> Example:
    """Return the example that `to_line` wrote."""
    row = orjson.loads(line)
    choices = {name: tuple(choices) for name, choices in row["said"].items()}
    drafted = frozenset[str](row["drafted"])
    return Example(row["key"], row["group"], row["texts"], choices, drafted, row["drafter"])


def prompt_group(data: Mapping[str, Any]) -> str:
    """Return the prompt of a task as a hash; of data without a record, of all its texts."""
    try:
        return group_id(from_plain(object_or_empty(data.get("goldleaf")).get("record")))
    except BadRow:
        shown = orjson.dumps(texts_of(data), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(shown).hexdigest()[:32]


def _drafted(
    task: Mapping[str, Any], annotation: Mapping[str, Any], wanted: frozenset[str]
) -> frozenset[str]:
    """Return which of the wanted controls the draft behind an annotation had filled in.

    A draft that is gone may have filled in any: then none of the answer vouches for a model.
    """
    parent = annotation.get("parent_prediction")
    if parent is None:
        return frozenset()
    found = [p for p in objects_in(task.get("predictions")) if p.get("id") == parent]
    found += [p for p in [object_or_empty(annotation.get("prediction"))] if p.get("result")]
    if not found:
        return wanted
    regions = objects_in(found[0].get("result"))
    return frozenset(str(region.get("from_name")) for region in regions) & wanted
