"""The types of control a kind's `Answer` is declared with: one field, one control, declared once.

    @dataclass(frozen=True, slots=True)
    class Answer:
        verdict: Verdict | None = single_choice(get_args(Verdict), required=True)
        flags: tuple[str, ...] = choice_list(FLAGS, draftable=True, extensible=True)
        better: str = text_box(draftable=True, visible_when=("verdict", ("bad",)))

From this follow how an annotation is read and written (`answers.py`), what may be drafted, what the
linter expects of the config (`kind_linter.py`), and the test data of the laws that kinds must obey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Literal, TypeAlias

from goldleaf.label_configs.screen import INDEX, ControlType

Scale: TypeAlias = Literal["nominal", "ordinal", "text"]
"""Of an answer: equal or not; near or far in an order; texts, by how much of them is equal."""
VisibleWhen: TypeAlias = tuple[str, tuple[str, ...]]
"""A control of single choice, and the choices of it under which this one is shown."""


@dataclass(frozen=True, slots=True)
class DeclaredControl:
    """What a field of an answer says of its control.

    Attributes:
        name: the field's name, and the control's in the config; in a Repeater `name_{{idx}}`.
        type: Label Studio's type of region.
        choices: what may be chosen, in the order of the screen.
        multiple: several may be chosen at once.
        required: Submit asks for it.
        draftable: rules and models may draft it. Everything else is the annotator's own word.
        rules_draft: the choices that a rule may draft: what can be seen without judging. A model
            may draft any.
        extensible: a project may add choices or leave some out, and is still of this kind.
        added: the screen got it later; one that lacks it is still of this kind.
        retired: the screen asks no longer; answers of older screens are read.
        retired_choices: choices that the screen offers no longer; stored ones are read.
        highest: the most stars of a rating.
        ordered: its choices from best to worst; those not in it stand outside the order.
        visible_when: under which choice of which control it is shown; None for always.
    """

    name: str
    type: ControlType
    choices: tuple[str, ...] = ()
    multiple: bool = False
    required: bool = False
    draftable: bool = False
    rules_draft: tuple[str, ...] = ()
    extensible: bool = False
    added: bool = False
    retired: bool = False
    retired_choices: tuple[str, ...] = ()
    highest: int = 0
    ordered: tuple[str, ...] = ()
    visible_when: VisibleWhen | None = None

    @property
    def scale(self) -> Scale:
        """How answers of two people are compared."""
        if self.type == "textarea":
            return "text"
        return "nominal" if self.type == "choices" and not self.ordered else "ordinal"

    def rank_of(self, value: str) -> float | None:
        """Return where a value stands in the order, lowest first; None where it has no place."""
        if self.type in ("rating", "number"):
            return number_or_none(value)
        return float(-self.ordered.index(value)) if value in self.ordered else None


@dataclass(frozen=True, slots=True)
class DeclaredRepeater:
    """A field that holds one inner answer for each element of a list in the task's data.

    Attributes:
        name: the field's name.
        answer: the class of an inner answer, its fields declared like those of any answer.
        over: the field of the task's data that the config's Repeater repeats `on`.
    """

    name: str
    answer: type[Any]
    over: str


_KEY = "control"


def single_choice(
    choices: Sequence[str],
    *,
    required: bool = False,
    draftable: bool = False,
    rules_draft: Sequence[str] | None = None,
    extensible: bool = False,
    added: bool = False,
    ordered: Sequence[str] = (),
    visible_when: VisibleWhen | None = None,
) -> Any:
    """Declare `<Choices>` of which one is made, as the default of a field of an `Answer`.

    The field's type is `Literal[...] | None`, or where the list is extensible `str`, "" for none.
    The arguments are those of `DeclaredControl`; `rules_draft` None means every choice if
    draftable.
    """
    return _declared(
        "" if extensible else None,
        type="choices",
        choices=tuple(choices),
        required=required,
        draftable=draftable,
        rules_draft=_by_rules(choices, draftable, rules_draft),
        extensible=extensible,
        added=added,
        ordered=tuple(ordered),
        visible_when=visible_when,
    )


def choice_list(
    choices: Sequence[str],
    *,
    required: bool = False,
    draftable: bool = False,
    rules_draft: Sequence[str] | None = None,
    extensible: bool = False,
    added: bool = False,
    retired: bool = False,
    retired_choices: Sequence[str] = (),
    visible_when: VisibleWhen | None = None,
) -> Any:
    """Declare `<Choices choice="multiple">`; the field's type is `tuple[str, ...]`, () for none.

    The arguments are those of `single_choice`; `added` and
    what is retired as in `DeclaredControl`.
    """
    return _declared(
        (),
        type="choices",
        choices=tuple(choices),
        multiple=True,
        required=required,
        draftable=draftable,
        rules_draft=_by_rules(choices, draftable, rules_draft),
        extensible=extensible,
        added=added,
        retired=retired,
        retired_choices=tuple(retired_choices),
        visible_when=visible_when,
    )


def text_box(
    *,
    required: bool = False,
    draftable: bool = False,
    visible_when: VisibleWhen | None = None,
) -> Any:
    """Declare `<TextArea>`; the field's type is `str`, "" for an empty box.

    The arguments are those of `single_choice`.
    """
    return _declared(
        "", type="textarea", required=required, draftable=draftable, visible_when=visible_when
    )


def stars(
    highest: int,
    *,
    required: bool = False,
    draftable: bool = False,
    visible_when: VisibleWhen | None = None,
) -> Any:
    """Declare `<Rating>` of 1 to `highest` stars; the field's type is `int | None`.

    None is no rating; the other arguments are those of `single_choice`.
    """
    return _declared(
        None,
        type="rating",
        highest=highest,
        required=required,
        draftable=draftable,
        visible_when=visible_when,
    )


def repeated(answer: type[Any], *, over: str) -> Any:
    """Declare a `<Repeater on="$over" indexFlag="{{idx}}">`, such as one group of controls a turn.

    The field's type is `tuple[answer, ...]`, one for each element of the list `over`. A control of
    an inner field `verdict` is called `verdict_{{idx}}` in the config.
    """
    return field(default=(), metadata={_KEY: (DeclaredRepeater, {"answer": answer, "over": over})})


@cache
def declarations(answer: type[Any]) -> tuple[DeclaredControl | DeclaredRepeater, ...]:
    """Return what each field of an answer's class declares, in the order of the fields.

    Raises:
        TypeError: a field declares no control.
    """
    found: list[DeclaredControl | DeclaredRepeater] = []
    for each in fields(answer):
        if _KEY not in each.metadata:
            raise TypeError(f"{answer.__module__}.{answer.__name__}.{each.name} has no control")
        declared, settings = each.metadata[_KEY]
        found.append(declared(name=each.name, **settings))
    return tuple(found)


@cache
def controls(answer: type[Any]) -> dict[str, DeclaredControl]:
    """Return name in the config -> control, for all that an answer's class declares.

    Those of a Repeater end in `_{{idx}}`; raises TypeError as `declarations` does.
    """
    found: dict[str, DeclaredControl] = {}
    for declared in declarations(answer):
        if isinstance(declared, DeclaredControl):
            found[declared.name] = declared
        else:
            inner = controls(declared.answer)
            found |= {f"{name}_{INDEX}": control for name, control in inner.items()}
    return found


def number_or_none(value: str) -> float | None:
    """Return a text as a finite number, None for any other text."""
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _by_rules(
    choices: Sequence[str], draftable: bool, rules_draft: Sequence[str] | None
) -> tuple[str, ...]:
    if rules_draft is None:
        return tuple(choices) if draftable else ()
    return tuple(rules_draft)


def _declared(default: object, **settings: Any) -> Any:
    return field(default=default, metadata={_KEY: (DeclaredControl, settings)})
