"""A labeling config as data: its controls, and what each points at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from goldleaf.core.errors import BadRow

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ControlType: TypeAlias = Literal["choices", "textarea", "rating", "number"]
_CONTROLS: dict[str, ControlType] = {
    "Choices": "choices",
    "TextArea": "textarea",
    "Rating": "rating",
    "Number": "number",
}
MAX_CONFIG_BYTES = 256 * 1024
INDEX = "{{idx}}"
"""Stands in a name inside a Repeater for the place of the element: `verdict_{{idx}}`."""
_FIELD = re.compile(r"\$(\w+)")
_PLACE = re.compile(r"_([0-9]{1,4})\Z")
_STARS = 5
"""What Label Studio shows where a Rating says no other `maxRating`."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: `choices` holds what a result may say (the alias where there is one).

    Attributes:
        name: its name; inside a Repeater it ends in `_{{idx}}`.
        to_name: the object it belongs to.
        type: Label Studio's type of region.
        choices: what may be chosen.
        required: Submit asks for it.
        multiple: several choices may be made at once.
        highest: the most stars of a rating, 0 for other types.
        visible_when: (control, its choices) under which it is shown, each condition around it.
        repeated: the field of the task that its Repeater repeats on, "" outside one.
        prefill: what the box of a TextArea holds when a task is opened: `$field`, or
            `$turns[{{idx}}].text`; "" for nothing.
    """

    name: str
    to_name: str
    type: ControlType
    choices: tuple[str, ...] = ()
    required: bool = False
    multiple: bool = False
    highest: int = 0
    visible_when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    repeated: str = ""
    prefill: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """The controls of one labeling config, by name, and the task fields it shows (without `$`).

    `objects` are the names of all other elements: what a control may belong to.
    """

    controls: Mapping[str, Control]
    fields: frozenset[str]
    objects: frozenset[str] = frozenset()

    def dangling(self) -> list[Control]:
        """Return the controls that belong to no object of the config: `toName` names none."""
        return [
            control
            for control in self.controls.values()
            if not {name.strip() for name in control.to_name.split(",")} <= self.objects
        ]

    def control(self, name: str) -> Control | None:
        """Return the control that an annotation calls by this name: `verdict`, or `verdict_3`.

        A numbered name is found only inside a Repeater; the control returned then has that name and
        the number in its `to_name`. None where there is no such control.
        """
        if found := self.controls.get(name):
            return found
        place = _PLACE.search(name)
        if place is None:
            return None
        pattern = self.controls.get(pattern_of(name))
        if pattern is None or not pattern.repeated:
            return None
        return replace(
            pattern,
            name=name,
            to_name=pattern.to_name.replace(INDEX, place[1]),
            prefill=pattern.prefill.replace(INDEX, place[1]),
        )


def place_of(name: str) -> int | None:
    """Return the number that the name of a control inside a Repeater ends in: 3 of `verdict_3`."""
    found = _PLACE.search(name)
    return int(found[1]) if found else None


def pattern_of(name: str) -> str:
    """Return what a control inside a Repeater is called in the config: `verdict_{{idx}}`.

    A name that does not end in `_` and a number of up to four digits is returned as it is.
    """
    return _PLACE.sub(f"_{INDEX}", name)


def read_xml(config: str) -> Element:
    """Return the root of a labeling config, read without entities.

    Raises:
        BadRow: `config_too_large` (over 256 KB) or `config_not_xml`, also if it declares entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(config.encode("utf-8", "surrogatepass")) > MAX_CONFIG_BYTES:
        raise BadRow("config_too_large", f"over {MAX_CONFIG_BYTES} bytes")
    try:
        return fromstring(config, forbid_dtd=True)
    except (SyntaxError, ValueError, DefusedXmlException) as error:
        raise BadRow("config_not_xml", str(error) or type(error).__name__) from None


@lru_cache(maxsize=64)
def parse(config: str) -> Screen:
    """Read a labeling config; Label Studio sends it with every request, so results are cached.

    Only `Choices`, `TextArea`, `Rating` and `Number` with a name are controls; other tags are
    ignored.

    Raises:
        BadRow: `config_too_large` (over 256 KB) or `config_not_xml`, also if it declares entities.
    """
    root = read_xml(config)
    shown: set[str] = set()
    for element in root.iter():
        for value in element.attrib.values():
            if found := _FIELD.match(value):
                shown.add(found[1])
    controls: dict[str, Control] = {}
    objects: set[str] = set()
    for element, around in _elements(root):
        if name := element.get("name"):
            if element.tag in _CONTROLS:
                control = _control(element, around)
                controls[control.name] = control
            else:
                objects.add(name.replace(around.index, INDEX))
    return Screen(MappingProxyType(controls), frozenset(shown), frozenset(objects))


@dataclass(frozen=True, slots=True)
class _Around:
    """What is around an element: conditions, and the Repeater with the sign of its place."""

    visible_when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    repeated: str = ""
    index: str = INDEX


def _elements(root: Element) -> Iterator[tuple[Element, _Around]]:
    """Yield the elements of a config in its order; a loop, because configs may nest deeply."""
    waiting = [(root, _Around())]
    while waiting:
        element, around = waiting.pop()
        if element.get("visibleWhen") == "choice-selected":
            choices = tuple(element.get("whenChoiceValue", "").split(","))
            decider = element.get("whenTagName", "").replace(around.index, INDEX)
            condition = (decider, choices)
            around = replace(around, visible_when=(*around.visible_when, condition))
        if element.tag == "Repeater":
            over = element.get("on", "").removeprefix("$")
            around = replace(around, repeated=over, index=element.get("indexFlag", INDEX))
        yield element, around
        waiting += [(inner, around) for inner in reversed(element)]


def _control(element: Element, around: _Around) -> Control:
    return Control(
        name=element.attrib["name"].replace(around.index, INDEX),
        to_name=element.get("toName", "").replace(around.index, INDEX),
        type=_CONTROLS[element.tag],
        choices=tuple(
            choice.get("alias") or choice.get("value", "") for choice in element.iter("Choice")
        ),
        required=element.get("required") == "true",
        multiple=element.get("choice") == "multiple",
        highest=_highest(element) if element.tag == "Rating" else 0,
        visible_when=around.visible_when,
        repeated=around.repeated,
        prefill=element.get("value", "").replace(around.index, INDEX)
        if element.tag == "TextArea"
        else "",
    )


def _highest(element: Element) -> int:
    stars = element.get("maxRating", "")
    return int(stars) if stars.isascii() and stars.isdigit() else _STARS
