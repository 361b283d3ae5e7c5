"""A foreign labeling config as data: every named tag, what it shows and what it may hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from goldleaf.label_configs.screen import INDEX, pattern_of, read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

REGION_TYPES = {
    "Choices": "choices",
    "TextArea": "textarea",
    "Rating": "rating",
    "Number": "number",
    "Pairwise": "pairwise",
    "Ranker": "ranker",
    "Taxonomy": "taxonomy",
    "DateTime": "datetime",
    "Chat": "chatmessage",
}
"""Tag -> the `type` of its regions, for the controls whose answers are read."""
_STARS = 5
"""What Label Studio shows where a Rating names no other `maxRating`."""
Conditions = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ConfigTag:
    """One named tag: an object that shows task data, or a control that an annotator sets.

    Attributes:
        name: its name; inside a Repeater with `{{idx}}` for the place.
        tag: such as `Text`, `Pairwise`.
        shows: its `value`: `$field`, or the text itself; "" for none.
        to_names: the objects that a control is about; () for an object.
        choices: alias and value of each choice -> what a result says (the alias where there is
            one).
        open_choices: choices come from the task's data, so none can be checked.
        multiple: several choices may be set.
        highest: the most stars of a rating.
        buckets: the names of a Ranker's buckets, in their order.
        visible_when: (control, its choices) under which it is shown.
        per_region: it belongs to a region, not to the task.
        name_key: key of the speaker in a dialogue's messages.
        text_key: key of the text in a dialogue's messages.
    """

    name: str
    tag: str
    shows: str = ""
    to_names: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict[str, str])
    open_choices: bool = False
    multiple: bool = False
    highest: int = 0
    buckets: tuple[str, ...] = ()
    visible_when: Conditions = ()
    per_region: bool = False
    name_key: str = ""
    text_key: str = ""

    @property
    def is_control(self) -> bool:
        """Whether an annotator sets it; a Chat is both."""
        return bool(self.to_names) or self.tag in ("Chat", "Rating", "TextArea")


@dataclass(frozen=True, slots=True)
class ProjectConfig:
    """The named tags of a labeling config, in their order."""

    tags: Mapping[str, ConfigTag]

    def find(self, name: str) -> ConfigTag | None:
        """Return the tag that a result calls by this name, one of a Repeater by its place."""
        return self.tags.get(name) or self.tags.get(pattern_of(name))

    @property
    def controls(self) -> list[ConfigTag]:
        """The controls, in their order."""
        return [tag for tag in self.tags.values() if tag.is_control]


@lru_cache(maxsize=64)
def parse_config(config: str) -> ProjectConfig:
    """Read a labeling config of any kind; cached, because every task asks.

    Raises:
        BadRow: `config_too_large` (over 256 KB) or `config_not_xml`, also if it declares entities.
    """
    tags: dict[str, ConfigTag] = {}
    for tag in _tags(read_xml(config)):
        tags.setdefault(tag.name, tag)
    return ProjectConfig(MappingProxyType(tags))


@dataclass(frozen=True, slots=True)
class _Around:
    conditions: Conditions = ()
    index: str = INDEX


def _tags(root: Element) -> Iterator[ConfigTag]:
    """Yield every named tag in the order of the config; a loop, because configs may nest deeply."""
    waiting = [(root, _Around())]
    while waiting:
        element, around = waiting.pop()
        if element.get("visibleWhen") == "choice-selected":
            choices = tuple(c.strip() for c in element.get("whenChoiceValue", "").split(",") if c)
            condition = (element.get("whenTagName", ""), choices)
            around = replace(around, conditions=(*around.conditions, condition))
        if element.tag == "Repeater":
            around = replace(around, index=element.get("indexFlag", INDEX))
        # Buckets and choices have names or values of their own and are part of their control.
        if element.get("name") and element.tag not in ("Bucket", "Choice", "Label"):
            yield _tag(element, around)
        waiting += [(inner, around) for inner in reversed(element)]


def _tag(element: Element, around: _Around) -> ConfigTag:
    value = element.get("value", "").strip()
    to_names = element.get("toName", "").replace(around.index, INDEX)
    stars = element.get("maxRating", "")
    return ConfigTag(
        name=element.attrib["name"].replace(around.index, INDEX),
        tag=element.tag,
        shows=value,
        to_names=tuple(name.strip() for name in to_names.split(",") if name.strip()),
        choices=_choices(element),
        open_choices=element.tag in ("Choices", "Taxonomy") and value.startswith("$"),
        multiple=element.get("choice") == "multiple",
        highest=(int(stars) if stars.isascii() and stars.isdigit() else _STARS)
        if element.tag == "Rating"
        else 0,
        buckets=tuple(bucket.get("name", "") for bucket in element.iter("Bucket")),
        visible_when=around.conditions,
        per_region=element.get("perRegion") == "true",
        name_key=element.get("nameKey", ""),
        text_key=element.get("textKey", ""),
    )


def _choices(element: Element) -> dict[str, str]:
    """Return alias and value of each choice -> what a result says of it.

    An alias that is another choice's value names the choice with the alias.
    """
    found: dict[str, str] = {}
    for choice in element.iter("Choice"):
        value = choice.get("value", "")
        found.setdefault(value, choice.get("alias") or value)
    found |= {alias: alias for choice in element.iter("Choice") if (alias := choice.get("alias"))}
    return found
