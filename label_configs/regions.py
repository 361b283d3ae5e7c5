"""Label Studio's regions into `{control: values}` and back; the one place that knows their shape.

Readers key on `from_name` alone, because some tags write their own name into `to_name`; a text may
arrive as one string instead of a list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in, one_or_many
from goldleaf.label_configs.screen import Control, Screen, pattern_of

Values: TypeAlias = Mapping[str, tuple[str, ...]]
"""What the controls of a screen say: choices by alias, texts, numbers as text; no empty entries."""


def to_values(result: Sequence[Any], screen: Screen) -> dict[str, tuple[str, ...]]:
    """Read the `result` of an annotation or a prediction.

    Returns:
        Control -> its values as texts, choices by alias. Several regions of one control are joined;
            a control without a region, or with an empty one, is left out.

    Raises:
        BadRow: `unknown_control`, `unknown_choice`, `type_mismatch` or `bad_region`.
    """
    values: dict[str, tuple[str, ...]] = {}
    if not isinstance(cast("object", result), list | tuple):
        raise BadRow("bad_region", "the result must be a list of regions")
    for item in result:
        region = object_or_empty(item)
        if not isinstance(region.get("value"), dict):
            raise BadRow("bad_region", "a region must be an object with a value")
        control = screen.control(str(region.get("from_name")))
        if control is None:
            name = region.get("from_name")
            raise BadRow("unknown_control", f"{name!r} is not a control of this screen")
        held = _values_of(region, control)
        if held:
            values[control.name] = values.get(control.name, ()) + held
    return values


def _values_of(region: Mapping[str, Any], control: Control) -> tuple[str, ...]:
    key = "text" if control.type == "textarea" else control.type
    if region.get("type") != control.type or key not in region["value"]:
        raise BadRow("type_mismatch", f"{control.name} is a {control.type} control")
    value: Any = region["value"][key]
    held = tuple(str(part) for part in one_or_many(value))
    if control.type == "choices":
        for choice in held:
            if choice not in control.choices:
                raise BadRow("unknown_choice", f"{control.name} has no choice {choice!r}")
    return held


def to_confidence(result: object) -> dict[str, float]:
    """Return control -> confidence of a prediction's regions, 0 to 1, of those that have one."""
    return {
        str(region.get("from_name")): float(score)
        for region in objects_in(result)
        if isinstance(score := region.get("score"), int | float) and 0 <= score <= 1
    }


def to_regions(
    values: Values, screen: Screen, confidence: Mapping[str, float] | None = None
) -> list[dict[str, Any]]:
    """Return values as Label Studio regions, in the order of the screen's controls.

    Controls with an empty tuple are left out; of ratings and numbers the first value is taken.

    Args:
        values: what the controls say.
        screen: the project's own screen.
        confidence: control -> how sure a model is of its value, 0 to 1; it becomes the region's
            `score`, which Label Studio keeps with a prediction.

    Raises:
        BadRow: `unknown_control` or `unknown_choice`.
        ValueError: the value of a rating or a number is no number.
    """
    order = {name: place for place, name in enumerate(screen.controls)}
    found: list[Control] = []
    for name in values:
        control = screen.control(name)
        if control is None:
            raise BadRow("unknown_control", f"{name!r} is not a control of this screen")
        found.append(control)
    # Those of a Repeater keep the order of their elements, because sorting keeps that of equals.
    found.sort(key=lambda control: order.get(control.name, order.get(pattern_of(control.name), 0)))
    regions: list[dict[str, Any]] = []
    for control in found:
        held = values[control.name]
        if not held:
            continue
        region: dict[str, Any] = {
            "id": _region_id(control.name),
            "from_name": control.name,
            "to_name": control.to_name,
            "type": control.type,
            "value": _wire(held, control),
        }
        if confidence and control.name in confidence:
            region["score"] = round(confidence[control.name], 4)
        regions.append(region)
    return regions


@lru_cache(maxsize=256)
def _region_id(control: str) -> str:
    return hashlib.sha256(control.encode()).hexdigest()[:10]


def _wire(held: tuple[str, ...], control: Control) -> dict[str, Any]:
    match control.type:
        case "choices":
            for choice in held:
                if choice not in control.choices:
                    raise BadRow("unknown_choice", f"{control.name} has no choice {choice!r}")
            return {"choices": list(held)}
        case "textarea":
            return {"text": list(held)}
        case "rating":
            return {"rating": int(held[0])}
        case "number":
            return {"number": float(held[0])}
