"""What an annotation says control by control, and what became of the text or choice it began from.

The records of an annotation say what is learnt from it; these say what the annotator did, so that
the answers of several people can be compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.control_types import DeclaredControl, Scale
from goldleaf.label_configs.regions import Values
from goldleaf.label_configs.screen import INDEX, Control, Screen, pattern_of, place_of

Change: TypeAlias = Literal["accepted", "edited", "written", "none"]
"""What was shown was left; was changed; there was nothing; it is unknown, or nothing was said."""

SEPARATOR = "|"
"""Between the choices of one control, sorted."""

_FIELD = re.compile(r"\$(\w+)(?:\[(\d+)\]\.(\w+))?\Z")


@dataclass(frozen=True, slots=True)
class ControlValue:
    """What one control of an annotation says.

    Attributes:
        control: its name in the config; inside a Repeater it ends in `_{{idx}}`.
        place: which element of the Repeater's list, None outside one.
        scale: how it is compared with another annotator's.
        value: the choice, the choices sorted and joined by `SEPARATOR`, the number or the text.
        rank: its place in the order of the control, higher is better; None where it has none.
        change: what became of what the control showed at first.
        drafted: whether a prediction filled it.
    """

    control: str
    place: int | None
    scale: Scale
    value: str
    rank: float | None = None
    change: Change = "written"
    drafted: bool = False


def control_values(
    declared: Mapping[str, DeclaredControl],
    screen: Screen,
    values: Values,
    draft: Values | None,
    data: Mapping[str, Any],
) -> tuple[ControlValue, ...]:
    """Return what the controls of a screen say, in its order.

    Left out are hidden controls and empty ones, but for a control of several choices (nothing
    chosen is an answer, value "") and one whose draft the annotator emptied.

    Args:
        declared: the kind's controls, by name in the config.
        screen: the project's.
        values: of the annotation.
        draft: what it began from, None where that cannot be read.
        data: the task's.
    """
    found: list[ControlValue] = []
    for control in screen.controls.values():
        for each in _places(control, screen, data):
            if _is_visible(each, screen, values):
                own = declared.get(control.name)
                said = _value(each, own or _undeclared(each), values, draft, data)
                found += [said] if said else []
    return tuple(found)


def _places(control: Control, screen: Screen, data: Mapping[str, Any]) -> Iterator[Control]:
    """Yield a control, or, of one in a Repeater, each that it stands for."""
    if not control.repeated:
        yield control
        return
    for place, _ in enumerate(list_or_empty(data.get(control.repeated))):
        if numbered := screen.control(control.name.replace(INDEX, str(place))):
            yield numbered


def _is_visible(control: Control, screen: Screen, values: Values) -> bool:
    place = place_of(control.name) if control.repeated else None
    for decider, choices in control.visible_when:
        name = decider if place is None else decider.replace(INDEX, str(place))
        if screen.control(name) and not set(values.get(name, ())).intersection(choices):
            return False
    return True


def _undeclared(control: Control) -> DeclaredControl:
    return DeclaredControl(control.name, control.type, multiple=control.multiple)


def _value(
    control: Control,
    declared: DeclaredControl,
    values: Values,
    draft: Values | None,
    data: Mapping[str, Any],
) -> ControlValue | None:
    held = values.get(control.name, ())
    drafted = (draft or {}).get(control.name, ())
    shown = drafted or _prefilled(control, data)
    if not held and not drafted and (not declared.multiple or declared.retired):
        return None
    value = _text(held, control.type)
    before = _text(shown, control.type)
    if draft is None:
        change: Change = "none"
    elif not shown:
        change = "written"
    else:
        change = "accepted" if same_text(value, before) else "edited"
    repeated = bool(control.repeated)
    return ControlValue(
        control=pattern_of(control.name) if repeated else control.name,
        place=place_of(control.name) if repeated else None,
        scale=declared.scale,
        value=value,
        rank=declared.rank_of(value),
        change=change,
        drafted=bool(drafted),
    )


def _text(held: tuple[str, ...], control_type: str) -> str:
    if control_type == "textarea":
        return "\n".join(held).strip()
    return joined_choices(held)


def joined_choices(held: tuple[str, ...]) -> str:
    """Return the choices of a control as one value, whatever the order they were made in."""
    return SEPARATOR.join(sorted(set(held)))


def _prefilled(control: Control, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the text that a box shows when the task is opened, () for none."""
    found = _FIELD.match(control.prefill)
    if not found:
        return ()
    field, place, key = found.groups()
    value: object = data.get(field)
    if place is not None:
        elements = list_or_empty(value)
        inside = int(place) < len(elements)
        value = object_or_empty(elements[int(place)]).get(key) if inside else None
    return (value,) if isinstance(value, str) and value.strip() else ()
