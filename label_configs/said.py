"""What controls say, narrowed: one text, one choice, stars, choices in their known order."""

from __future__ import annotations

from typing import TypeVar

from goldleaf.core.errors import BadRow
from goldleaf.label_configs.regions import Values

Choice = TypeVar("Choice", bound=str)


def one_text(values: Values, control: str) -> str:
    """Return the text of a box, "" where it is empty.

    Raises:
        BadRow: `ambiguous_textarea`, the box holds several texts.
    """
    texts = values.get(control, ())
    if len(texts) > 1:
        raise BadRow("ambiguous_textarea", f"{control} holds {len(texts)} texts")
    return texts[0] if texts else ""


def one_choice(values: Values, control: str) -> str:
    """Return the choice of a control that allows one, "" where there is none.

    Raises:
        BadRow: `ambiguous_choice`, several are chosen.
    """
    chosen = values.get(control, ())
    if len(chosen) > 1:
        raise BadRow("ambiguous_choice", f"{control} says {', '.join(chosen)}")
    return chosen[0] if chosen else ""


def known_choice(values: Values, control: str, known: tuple[Choice, ...]) -> Choice | None:
    """Return the one choice of a control as one of those known, None where there is none.

    Raises:
        BadRow: `ambiguous_choice`, or `unknown_choice`.
    """
    chosen = one_choice(values, control)
    if not chosen:
        return None
    for choice in known:
        if choice == chosen:
            return choice
    raise BadRow("unknown_choice", f"{control} says {chosen!r}")


def in_order(values: Values, control: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the choices of a control in the order of `known`; a project's own choices follow."""
    chosen = values.get(control, ())
    own = tuple(dict.fromkeys(choice for choice in chosen if choice not in known))
    return tuple(choice for choice in known if choice in chosen) + own


def rating(values: Values, control: str, highest: int) -> int | None:
    """Return the stars given, 1 to `highest`, None where there are none.

    Raises:
        BadRow: `bad_rating`, not a whole number in that range.
    """
    said = one_choice(values, control)
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or not 1 <= int(said) <= highest:
        raise BadRow("bad_rating", f"{control} says {said!r}, not 1 to {highest}")
    return int(said)


def said(**controls: str | int | tuple[str, ...] | None) -> Values:
    """Return the values of controls given by name, without those that say nothing."""
    values: dict[str, tuple[str, ...]] = {}
    for control, value in controls.items():
        parts = value if isinstance(value, tuple) else (str(value),) if value else ()
        if parts:
            values[control] = parts
    return values
