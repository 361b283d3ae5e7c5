"""Refuses labeling configs that the free Label Studio cannot show or gets wrong without a word.

Label Studio's own validation accepts every rule broken here; each was seen on 1.23.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from goldleaf.core.errors import BadRow
from goldleaf.label_configs.screen import INDEX, parse

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

OBJECTS = frozenset(
    "Audio HyperText Image List Markdown Paragraphs Pdf Table Text TimeSeries Video".split()
)
CONTROLS = frozenset(
    "Brush Choices DateTime Ellipse HyperTextLabels KeyPoint Labels Number Pairwise "
    "ParagraphLabels Polygon Ranker Rating Rectangle RectangleLabels Relations Taxonomy TextArea "
    "TimelineLabels".split()
)
PARTS = frozenset(
    "Bucket Channel Choice Collapse Column Filter Header Label Panel Relation Repeater Shortcut "
    "Style View".split()
)
"""The tags of the free edition's editor bundle; Chat and ReactCode are accepted but not in it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: its code, the tag or file it concerns, and what happens if it stays."""

    rule: str
    where: str
    what: str


def lint(config: str) -> list[Finding]:
    """Return every broken rule of a labeling config; an empty list means it is fit for use.

    A config that cannot be read gives one finding (`config_not_xml`, `config_too_large`), no error.
    """
    from defusedxml.ElementTree import fromstring

    try:
        parse(config)
    except BadRow as bad:
        return [Finding(bad.reason, "", bad.detail)]
    return list(_findings(fromstring(config)))


def _findings(root: Element) -> Iterator[Finding]:
    names = [e.get("name", "") for e in root.iter() if e.tag in OBJECTS | CONTROLS]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield Finding("duplicate_name", name, "two tags of one name overwrite each other")
    objects = {e.get("name") for e in root.iter() if e.tag in OBJECTS}
    repeated = {
        id(inner): outer.get("indexFlag", INDEX)
        for outer in root.iter("Repeater")
        for inner in outer.iter()
    }
    hotkeys: dict[str, str] = {}
    for element in root.iter():
        if id(element) in repeated and element.get("choice") == "single-radio":
            name = f"{element.tag} {element.get('name', '')}"
            yield Finding("radio_in_repeater", name, "a choice in one turn clears another turn's")
        where = f"{element.tag} {element.get('name') or element.get('value') or ''}".strip()
        yield from _tag(element, where)
        if element.tag in CONTROLS and element.tag != "Relations":
            yield from _control(element, where, objects)
        if hotkey := element.get("hotkey"):
            # With the number of its turn in it, a key is of one turn.
            if repeated.get(id(element), hotkey) not in hotkey:
                yield Finding("hotkey_in_repeater", where, "one key would set every turn at once")
            elif hotkey in hotkeys:
                yield Finding("duplicate_hotkey", where, f"{hotkeys[hotkey]} has that key too")
            hotkeys.setdefault(hotkey, where)


def _tag(element: Element, where: str) -> Iterator[Finding]:
    if element.tag not in OBJECTS | CONTROLS | PARTS:
        yield Finding("unknown_tag", where, "the editor shows an error, and Submit saves nothing")
    if element.tag == "Pairwise":
        yield Finding("pairwise", where, "a second click un-selects and is saved as no answer")
    if element.tag == "Markdown" and (element.get("value") or "").startswith("$"):
        yield Finding("markdown_of_data", where, "raw HTML and images in the data are obeyed")


def _control(element: Element, where: str, objects: set[str | None]) -> Iterator[Finding]:
    target = element.get("toName")
    if not element.get("name"):
        yield Finding("missing_name", where, "its answers are not stored")
    if not target:
        yield Finding("missing_to_name", where, "the project looks as if it were not set up")
    elif "," in target:
        yield Finding("to_name_list", where, "predictions for it are dropped")
    elif target not in objects:
        yield Finding("unknown_to_name", where, f"there is no object {target!r}")
    if element.tag == "TextArea" and element.get("editable") != "true":
        yield Finding("not_editable", where, "a drafted text can be deleted but not edited")
    if element.get("layout") == "select" and any(
        not choice.get("hotkey") for choice in element.iter("Choice")
    ):
        yield Finding("hidden_hotkey", where, "a letter that is shown nowhere changes the answer")
    choices = [c.get("alias") or c.get("value") for c in element.iter("Choice")]
    if len(set(choices)) < len(choices):
        yield Finding("duplicate_choice", where, "two choices are stored as the same answer")
