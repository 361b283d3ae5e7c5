"""An export file of Label Studio without its config: what the answers in it show of one.

JSON holds every state of an answer. JSON-MIN holds the submitted answers alone, their values beside
the task's fields: no drafts, no skipped tasks, no predictions, and a control that is called like a
field hides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from goldleaf.adoption.config import REGION_TYPES, ConfigTag, ProjectConfig
from goldleaf.adoption.reading import Reading
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_empty, object_or_none, objects_in

_TAG_OF = {kind: tag for tag, kind in REGION_TYPES.items()}
_MIN_KEYS = ("annotation_id", "annotator", "lead_time")
"""What JSON-MIN writes beside the data and the values of every answer (label_studio_sdk 2.1.2)."""


def is_ours(task: Mapping[str, Any]) -> bool:
    """Return whether a task was imported by goldleaf, so that it names its kind itself."""
    return bool(object_or_empty(object_or_empty(task.get("data")).get("goldleaf")))


def is_min(row: Mapping[str, Any]) -> bool:
    """Return whether a row is an answer of a JSON-MIN export."""
    return "annotations" not in row and all(key in row for key in _MIN_KEYS)


def observed_config(tasks: Iterable[Mapping[str, Any]]) -> tuple[ProjectConfig, set[str]]:
    """Return the controls that the answers of some tasks use, and the fields of the tasks.

    Choices are those that were made, so others cannot be checked; a rating has the most stars that
    were given, five at least.
    """
    tags: dict[str, ConfigTag] = {}
    fields: set[str] = set()
    for task in tasks:
        fields |= {str(field) for field in object_or_empty(task.get("data"))}
        for annotation in objects_in(task.get("annotations")):
            for region in objects_in(annotation.get("result")):
                tag = _observed(region)
                if tag and tag.name in tags:
                    tag = _wider(tags[tag.name], tag)
                if tag:
                    tags[tag.name] = tag
    return ProjectConfig(tags), fields


def _observed(region: Mapping[str, Any]) -> ConfigTag | None:
    name, kind = region.get("from_name"), str(region.get("type"))
    if not isinstance(name, str) or kind not in _TAG_OF:
        return None
    value = object_or_empty(region.get("value")).get(kind)
    buckets = tuple(str(key) for key in object_or_empty(value)) if kind == "ranker" else ()
    chosen = list_or_none(value) if kind == "choices" else None
    stars = value if kind == "rating" and type(value) is int else 0
    return ConfigTag(
        name,
        _TAG_OF[kind],
        to_names=(str(region.get("to_name")),),
        choices={each: each for each in chosen or () if isinstance(each, str)},
        open_choices=True,
        highest=max(5, stars) if kind == "rating" else 0,
        buckets=tuple(bucket for bucket in buckets if bucket not in (name, "_")),
    )


def _wider(one: ConfigTag, other: ConfigTag) -> ConfigTag:
    """Return what two answers show of one control; of different types the first counts."""
    if one.tag != other.tag:
        return one
    return ConfigTag(
        one.name,
        one.tag,
        to_names=one.to_names,
        choices={**one.choices, **other.choices},
        open_choices=True,
        highest=max(one.highest, other.highest),
        buckets=tuple(dict.fromkeys((*one.buckets, *other.buckets))),
    )


def from_min(row: Mapping[str, Any], controls: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of JSON-MIN as the task that it was made from, with its one annotation.

    Args:
        row: the answer.
        controls: name -> tag of the controls whose values are among the row's fields.

    Raises:
        BadRow: `bad_region`, a value is not what such a control has.
    """
    written = {*_MIN_KEYS, "created_at", "updated_at", "agreement", "id"}
    regions: list[dict[str, Any]] = []
    for name, tag in controls.items():
        if name in row:
            regions += _regions(name, REGION_TYPES[tag], row[name])
    data = {key: value for key, value in row.items() if key not in written | set(controls)}
    annotation = {
        "id": row.get("annotation_id"),
        "completed_by": row.get("annotator"),
        "updated_at": row.get("updated_at"),
        "result": regions,
    }
    return {"id": row.get("id"), "data": data, "annotations": [annotation]}


def min_controls(reading: Reading, rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return name -> tag of the controls that a reading names and rows of JSON-MIN hold."""
    given = list(rows)
    tags = {"rank": "Ranker", "edited": "TextArea", "note": "TextArea"}
    named = {name: tags.get(path, "") for path, name in reading.controls.items()}
    named |= {name: "TextArea" for name in reading.sources.values() if not name.startswith("$")}
    found: dict[str, str] = {}
    for name, tag in named.items():
        values = [row[name] for row in given if name in row]
        if values:
            found[name] = tag or next((t for v in values if (t := _tag_by_value(v))), "Choices")
    return found


def _tag_by_value(value: Any) -> str:
    first = object_or_empty((list_or_none(value) or [value])[0])
    keys = {"selected": "Pairwise", "rating": "Rating", "number": "Number", "taxonomy": "Taxonomy"}
    return next((tag for key, tag in keys.items() if key in first), "")


def _regions(name: str, kind: str, value: Any) -> list[dict[str, Any]]:
    """Return the regions of one control: a lone choice or text comes bare, all else in a list."""
    listed = list_or_none(value)
    parts: list[Any] = [value] if listed is None else listed
    if kind == "chatmessage":
        held: list[Any] = [{"chatmessage": message} for message in parts]
    elif kind == "choices":
        held = [{"choices": [part]} if isinstance(part, str) else part for part in parts]
    elif kind == "textarea":
        held = [{"text": part} if isinstance(part, str) else part for part in parts]
    else:
        held = parts
    if any(object_or_none(part) is None for part in held):
        raise BadRow("bad_region", f"{name} does not hold what a {kind} control has")
    return [{"from_name": name, "type": kind, "value": part} for part in held]
