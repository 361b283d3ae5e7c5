"""What the controls of an annotation hold, read from its regions with the config where known.

Readers key on `from_name` alone: a Pairwise that a person clicked writes its own name into
`to_name`. Label Studio's `origin` is never read: it says `prediction` of a Pairwise that the
annotator overruled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from goldleaf.adoption.config import REGION_TYPES, ConfigTag, ProjectConfig
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import is_object, list_or_empty, object_or_empty, one_or_many

_TAG_OF = {kind: tag for tag, kind in REGION_TYPES.items()}
LIST = "_"
"""The bucket in which Label Studio stores the items that were placed in none."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one control holds.

    Attributes:
        kind: the type of its regions, such as `choices`.
        texts: choices as results say them, texts, numbers as text; of a Pairwise `left`, `right`.
        buckets: bucket -> ids of its items in their order, of a Ranker; without buckets it has
            one, by the Ranker's own name.
        messages: (region id, role, content) of a Chat, in the order of the result.
        by_region: region id -> texts, for a control that belongs to a region.
    """

    kind: str
    texts: tuple[str, ...] = ()
    buckets: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    messages: tuple[tuple[str, str, str], ...] = ()
    by_region: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def read_result(
    result: Sequence[Any], config: ProjectConfig | None, used: Iterable[str]
) -> dict[str, Held]:
    """Read the `result` of an annotation or a prediction.

    Args:
        result: the regions.
        config: the project's config; None where only the results are known, as in an export file:
            then every control counts as known and every choice as valid.
        used: the controls that are to be read; regions of others are passed over.

    Returns:
        Control -> what it holds; without those that hold nothing, and those that the config hides
        under the choices made.

    Raises:
        BadRow: `unknown_control`, `unknown_choice`, `type_mismatch` or `bad_region`.
    """
    if not isinstance(cast("object", result), list | tuple):
        raise BadRow("bad_region", "the result must be a list of regions")
    wanted, held = set(used), dict[str, Held]()
    for name in list(wanted):
        tag = config.find(name) if config else None
        wanted |= {control for control, _ in tag.visible_when} if tag else set()
    for item in result:
        region = object_or_empty(item)
        if region.get("type") == "relation":
            continue
        if not is_object(region.get("value")):
            raise BadRow("bad_region", "a region must be an object with a value")
        name = str(region.get("from_name"))
        tag = config.find(name) if config else None
        if config and tag is None:
            raise BadRow("unknown_control", f"{name!r} is not a control of this screen")
        if name not in wanted:
            continue
        found = _held(region, name, tag)
        held[name] = _joined(held[name], found) if name in held else found
    seen = {name: each for name, each in held.items() if _holds(each)}
    return {name: each for name, each in seen.items() if _is_shown(name, seen, config)}


def _held(region: Mapping[str, Any], name: str, tag: ConfigTag | None) -> Held:
    kind = str(region.get("type"))
    expected = REGION_TYPES.get(tag.tag) if tag else kind
    if kind != expected or kind not in _TAG_OF:
        raise BadRow("type_mismatch", f"{name} is a {expected or (tag and tag.tag)} control")
    value = object_or_empty(region["value"])
    key = {"textarea": "text", "pairwise": "selected"}.get(kind, kind)
    if key not in value:
        raise BadRow("type_mismatch", f"{name} is a {kind} control")
    if kind == "ranker":
        return Held(kind, buckets=_buckets(value[key], name, tag))
    if kind == "chatmessage":
        message = object_or_empty(value[key])
        identity = str(region.get("id") or "")
        spoken = (identity, str(message.get("role")), str(message.get("content") or ""))
        return Held(kind, messages=(spoken,))
    parts = [_text(part) for part in one_or_many(value[key]) if part is not None]
    if kind in ("choices", "taxonomy") and tag and not tag.open_choices:
        parts = [_choice(part, tag) for part in parts]
    if kind == "pairwise" and any(part not in ("left", "right") for part in parts):
        raise BadRow("unknown_choice", f"{name} has no choice {parts[0]!r}")
    # An emptied box says that there is no answer; a control without a choice says nothing.
    texts = tuple(parts or [""]) if kind == "textarea" else tuple(part for part in parts if part)
    if tag and tag.per_region:
        return Held(kind, texts, by_region={str(region.get("id") or ""): texts})
    return Held(kind, texts)


def _text(part: object) -> str:
    """Return a value as text; a path of nested choices by its last step."""
    if isinstance(part, list):
        path = list_or_empty(cast("object", part))
        return _text(path[-1]) if path else ""
    if isinstance(part, float) and part.is_integer():
        return str(int(part))
    return str(part)


def _choice(said: str, tag: ConfigTag) -> str:
    found = tag.choices.get(said)
    if found is None:
        raise BadRow("unknown_choice", f"{tag.name} has no choice {said!r}")
    return found


def _buckets(value: Any, name: str, tag: ConfigTag | None) -> dict[str, tuple[str, ...]]:
    if not is_object(value):
        raise BadRow("bad_region", f"{name} must hold its items by bucket")
    known = {*tag.buckets, LIST} if tag and tag.buckets else {name, LIST}
    found: dict[str, tuple[str, ...]] = {}
    for bucket, items in object_or_empty(value).items():
        if tag and bucket not in known:
            raise BadRow("unknown_choice", f"{name} has no choice {bucket!r}")
        found[bucket] = tuple(str(item) for item in list_or_empty(items))
    return found


def _joined(one: Held, other: Held) -> Held:
    if one.kind != other.kind:
        raise BadRow("type_mismatch", f"a {one.kind} control holds a {other.kind}")
    regions = dict(one.by_region)
    for region, texts in other.by_region.items():
        regions[region] = regions.get(region, ()) + texts
    return Held(
        one.kind,
        one.texts + other.texts,
        {**one.buckets, **other.buckets},
        one.messages + other.messages,
        regions,
    )


def _holds(held: Held) -> bool:
    return bool(held.texts or held.messages or any(held.buckets.values()))


def _is_shown(name: str, held: Mapping[str, Held], config: ProjectConfig | None) -> bool:
    """Return whether a control is visible under the choices made."""
    tag = config.find(name) if config else None
    for control, choices in tag.visible_when if tag else ():
        asked = config.find(control) if config else None
        if asked is None:  # Label Studio then shows it
            continue
        said = set(held[control].texts) if control in held else set[str]()
        if not said or (choices and not said & {asked.choices.get(c, c) for c in choices}):
            return False
    return True
