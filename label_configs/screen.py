"""A labeling config as data: its controls, and what each points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, TypeAlias

from goldleaf.core.errors import BadRow

ControlType: TypeAlias = Literal["choices", "textarea", "rating", "number"]
_CONTROLS: dict[str, ControlType] = {
    "Choices": "choices",
    "TextArea": "textarea",
    "Rating": "rating",
    "Number": "number",
}
MAX_CONFIG_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Control:
    """One control: `choices` holds what a result may say (the alias where there is one).

    `multiple`: several choices may be made at once.
    """

    name: str
    to_name: str
    type: ControlType
    choices: tuple[str, ...] = ()
    required: bool = False
    multiple: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """The controls of one labeling config, by name, and the task fields it shows."""

    controls: Mapping[str, Control]
    fields: frozenset[str]


@lru_cache(maxsize=64)
def parse(config: str) -> Screen:
    """Read a labeling config; Label Studio sends it with every request, so answers are cached.

    Raises:
        BadRow: the text is too large (256 KB), no XML, or declares entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    if len(config.encode("utf-8", "surrogatepass")) > MAX_CONFIG_BYTES:
        raise BadRow("config_too_large", f"over {MAX_CONFIG_BYTES} bytes")
    try:
        root = fromstring(config, forbid_dtd=True)
    except (SyntaxError, ValueError, DefusedXmlException) as error:
        raise BadRow("config_not_xml", str(error) or type(error).__name__) from None
    controls: dict[str, Control] = {}
    shown: set[str] = set()
    for element in root.iter():
        shown |= {v[1:] for v in element.attrib.values() if v.startswith("$")}
        if element.tag in _CONTROLS and element.get("name"):
            controls[element.attrib["name"]] = Control(
                name=element.attrib["name"],
                to_name=element.get("toName", ""),
                type=_CONTROLS[element.tag],
                choices=tuple(
                    choice.get("alias") or choice.get("value", "")
                    for choice in element.iter("Choice")
                ),
                required=element.get("required") == "true",
                multiple=element.get("choice") == "multiple",
            )
    return Screen(MappingProxyType(controls), frozenset(shown))
