"""Convert the values of labeling controls to a kind's `Answer` dataclass, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty
from goldleaf.label_configs.control_types import (
    DeclaredControl,
    DeclaredRepeater,
    declarations,
)
from goldleaf.label_configs.regions import Values

Answer = TypeVar("Answer")


def parse_annotation(
    answer: type[Answer], values: Values, task: Mapping[str, Any], suffix: str = ""
) -> Answer:
    """Return the kind's `Answer` for the values of the labeling controls.

    A control without a value leaves its field empty ("", () or None), even where it is required:
    the kind's codec refuses that.

    Args:
        answer: the kind's class.
        values: what each control holds; names that the class does not declare are ignored.
        task: the task's data; a Repeater has one answer for each element of its list there.
        suffix: what the names of the controls end in, such as `_3` inside a Repeater.

    Raises:
        BadRow: `ambiguous_textarea`, `ambiguous_choice`, `unknown_choice` or `bad_rating`.
    """
    given: dict[str, Any] = {}
    for declared in declarations(answer):
        if isinstance(declared, DeclaredRepeater):
            given[declared.name] = tuple(
                parse_annotation(declared.answer, values, task, f"_{place}")
                for place, _ in enumerate(list_or_empty(task.get(declared.over)))
            )
        else:
            given[declared.name] = _value(declared, values, declared.name + suffix)
    return answer(**given)


def to_annotation(answer: Any, suffix: str = "") -> Values:
    """Return the values of the labeling controls for an answer; empty controls are left out.

    The inverse of `parse_annotation`: numbers become texts, controls inside a Repeater end in their
    place (`verdict_0`).
    """
    values: dict[str, tuple[str, ...]] = {}
    made_of = cast("type[Any]", type(answer))
    for declared in declarations(made_of):
        value = getattr(answer, declared.name)
        if isinstance(declared, DeclaredRepeater):
            for place, inner in enumerate(value):
                values |= to_annotation(inner, f"_{place}")
        elif value:
            held: tuple[str, ...] = value if declared.multiple else (str(value),)
            values[declared.name + suffix] = held
    return values


def _value(declared: DeclaredControl, values: Values, name: str) -> Any:
    """Return what one control holds, as the type that its declaration promises."""
    held = values.get(name, ())
    if declared.type == "textarea":
        if len(held) > 1:
            raise BadRow("ambiguous_textarea", f"{name} holds {len(held)} texts")
        return held[0] if held else ""
    if declared.multiple:
        # A project's own choices follow those that the kind declares, in the order chosen.
        own = tuple(dict.fromkeys(choice for choice in held if choice not in declared.choices))
        return tuple(choice for choice in declared.choices if choice in held) + own
    if len(held) > 1:
        raise BadRow("ambiguous_choice", f"{name} says {', '.join(held)}")
    if declared.type == "rating":
        return _stars(held[0], declared.highest, name) if held else None
    if declared.extensible:
        return held[0] if held else ""
    if held and held[0] not in declared.choices:
        raise BadRow("unknown_choice", f"{name} says {held[0]!r}")
    return held[0] if held else None


def _stars(held: str, highest: int, name: str) -> int:
    if not held.isascii() or not held.isdigit() or not 1 <= int(held) <= highest:
        raise BadRow("bad_rating", f"{name} says {held!r}, not 1 to {highest}")
    return int(held)
