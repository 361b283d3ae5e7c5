"""The screen of an adjudicator: a kind's own screen, with the answers that contradict each other.

Made from the labeling config of the project whose answers are settled, so that its language and its
added choices stay. The answers stand side by side; one key takes one. Only for an answer of the
adjudicator's own are the kind's controls shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, object_or_empty
from goldleaf.core.text_comparison import same_text
from goldleaf.core.translations import Translations
from goldleaf.label_configs.regions import Values
from goldleaf.label_configs.safe_html import to_safe_html
from goldleaf.label_configs.screen import Screen, parse, pattern_of, read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CONTROL, OWN = "adjudicated", "own"
"""The control that an adjudicator answers, and its choice for an answer of their own."""
PLACES = ("first", "second", "third", "fourth")
"""Its choices for the answers shown, in their order."""
SHOWN = "shown_adjudicated"
"""The field of the task data that holds the answers as HTML."""
_CONTROLS = {"Choices", "TextArea", "Rating", "Number"}
_OBJECTS = {"HyperText", "Text", "Paragraphs", "Markdown"}
_KEY_HINT = re.compile(r"\s*\[[^\]]{1,3}\]\Z")
_STYLE = """
.gl-case { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 12px; }
.gl-case-answer { border: 1px solid var(--gl-line); border-radius: 6px; padding: 4px 12px; }
.gl-case-answer { max-height: 45vh; overflow: auto; }
.gl-case-title { font-weight: 700; }
.gl-case-row { margin: 2px 0; }
.gl-take { position: static !important; }
.gl-take .lsf-choices { margin-top: 8px !important; }
.gl-ranking .gl-given::before { font-weight: 700; }
.gl-case-label { color: var(--gl-strong); font-size: 13px; }
"""


def is_adjudication(config: str) -> bool:
    """Return whether a labeling config is one that `adjudication_config` made.

    Raises:
        BadRow: it is no readable XML.
    """
    control = parse(config).controls.get(CONTROL)
    return control is not None and OWN in control.choices


def adjudication_config(config: str, words: Translations, answers: int = 2) -> str:
    """Return the labeling config for an adjudicator.

    Args:
        config: of the project whose answers are settled.
        words: in whose language the adjudicator is asked.
        answers: how many answers a task shows at most, 2 to 4.

    Raises:
        BadRow: the config is no readable XML, or has no control.
    """
    from xml.etree.ElementTree import SubElement, tostring

    root = read_xml(config)
    style = root.find("Style")
    if style is None:
        style = SubElement(root, "Style")
    letters = (f'.gl-entry-{n} .gl-given::before {{ content: "{chr(65 + n)}"; }}' for n in range(8))
    style.text = "\n".join([style.text or "", _STYLE, *(f".gl-ranking {each}" for each in letters)])
    for element in root.iter():
        # A chord keeps Label Studio from giving a letter to what shows none.
        if "+" not in element.get("hotkey", "+"):
            del element.attrib["hotkey"]
    place = _hide_controls(root)
    root.insert(place, _panel(words, answers))
    return tostring(root, encoding="unicode")


def _panel(words: Translations, answers: int) -> Element:
    from xml.etree.ElementTree import Element, SubElement

    around = Element("View", {"className": "gl-decide gl-take"})
    SubElement(around, "HyperText", {"name": SHOWN, "value": f"${SHOWN}", "inline": "true"})
    choices = SubElement(
        around,
        "Choices",
        {
            **{"name": CONTROL, "toName": SHOWN, "choice": "single-radio", "showInline": "true"},
            **{"required": "true", "requiredMessage": words("adjudicate.required")},
        },
    )
    for number, alias in enumerate(PLACES[: max(2, answers)], 1):
        title = words("adjudicate.take", number=number)
        SubElement(choices, "Choice", {"alias": alias, "value": title, "hotkey": str(number)})
    own = {"alias": OWN, "value": words("adjudicate.own"), "hotkey": "0"}
    SubElement(choices, "Choice", own)
    return around


def _hide_controls(root: Element) -> int:
    """Show the controls for an own answer only; return where the panel goes among the children.

    Hidden is the largest part that shows nothing of the task. A required control gets the condition
    itself as well: Label Studio looks no further than the part right around it.
    """
    place = 0
    for number, child in enumerate(list(root)):
        if child.tag == "Style":
            continue
        if _holds(child, _OBJECTS):
            _hide_within(child)
            place = max(place, number + 1)
        elif _holds(child, _CONTROLS):
            root[number] = _hidden(child)
    for control in root.iter():
        if control.tag in _CONTROLS and control.get("required") == "true":
            control.attrib.update(_CONDITION)
    return place


def _hide_within(element: Element) -> None:
    for number, child in enumerate(list(element)):
        if not _holds(child, _CONTROLS):
            continue
        if _holds(child, _OBJECTS):
            _hide_within(child)
        else:
            element[number] = _hidden(child)


_CONDITION = {"visibleWhen": "choice-selected", "whenTagName": CONTROL, "whenChoiceValue": OWN}


def _hidden(element: Element) -> Element:
    from xml.etree.ElementTree import Element

    around = Element("View", dict(_CONDITION))
    around.append(element)
    return around


def _holds(element: Element, tags: set[str]) -> bool:
    return any(each.tag in tags for each in element.iter())


def answers_html(
    config: str, answers: Sequence[Values], data: Mapping[str, Any], words: Translations
) -> str:
    """Return answers side by side as safe HTML: what each says, under the titles of the screen.

    A text that was left as it was shown is left out.

    Args:
        config: of the project that was answered.
        answers: what the controls hold in each (`goldleaf.label_configs.regions.to_values`).
        data: the task's data.
        words: in whose language the answers are numbered.

    Raises:
        BadRow: the config is no readable XML.
    """
    titles, screen = _titles(read_xml(config)), parse(config)
    shown = list(_texts(data))
    cards = [
        f'<div class="gl-case-answer"><div class="gl-case-title">'
        f"{escape(words('adjudicate.answer', number=number))}</div>"
        f"{''.join(_rows(values, titles, screen, shown))}</div>"
        for number, values in enumerate(answers, 1)
    ]
    return f'<div class="gl-case">{"".join(cards)}</div>'


def _rows(
    values: Values,
    titles: Mapping[str, tuple[str, Mapping[str, str]]],
    screen: Screen,
    shown: list[str],
) -> Iterator[str]:
    order = {name: number for number, name in enumerate(titles)}
    for name in sorted(values, key=lambda name: (order.get(pattern_of(name), len(order)), name)):
        held, control = values[name], screen.control(name)
        title, choices = titles.get(name) or titles.get(pattern_of(name)) or ("", {})
        place = re.search(r"_([0-9]{1,4})\Z", name)
        if place and name not in screen.controls:
            title = f"{chr(65 + int(place[1]) % 26)} {title}".strip()
        label = f'<span class="gl-case-label">{escape(title)}</span> ' if title else ""
        if control is not None and control.type == "textarea":
            texts = [text for text in held if not any(same_text(text, each) for each in shown)]
            for text in texts:
                yield f'<div class="gl-case-row">{label}{to_safe_html(text)}</div>'
        elif held:
            said = ", ".join(choices.get(each, each) for each in held)
            yield f'<div class="gl-case-row">{label}{escape(said)}</div>'


def _titles(root: Element) -> dict[str, tuple[str, Mapping[str, str]]]:
    """Return for each control, by its name, its title and its choices' titles.

    The title is the header right before it, else what stands in an empty box, else "".
    """
    found: dict[str, tuple[str, Mapping[str, str]]] = {}
    for parent in root.iter():
        header = ""
        for child in parent:
            if child.tag == "Header":
                header = _KEY_HINT.sub("", child.get("value", ""))
            elif child.tag in _CONTROLS and child.get("name"):
                choices = {
                    each.get("alias") or each.get("value", ""): each.get("value", "")
                    for each in child.iter("Choice")
                }
                title = header or child.get("placeholder", "")
                found[child.get("name", "")] = (title, choices)
                header = ""
    return found


def _texts(value: object) -> Iterator[str]:
    """Yield the texts that a task's data hold, but not what goldleaf keeps in it."""
    if isinstance(value, str):
        yield value
    for each in list_or_empty(value):
        yield from _texts(each)
    for name, each in object_or_empty(value).items():
        if name != "goldleaf":
            yield from _texts(each)


def chosen(result: object) -> str:
    """Return which answer an annotation's result takes: one of `PLACES`, `OWN`.

    Raises:
        BadRow: `no_decision`, it takes none.
    """
    for region in list_or_empty(result):
        given = object_or_empty(region)
        if given.get("from_name") == CONTROL:
            found = list_or_empty(object_or_empty(given.get("value")).get("choices"))
            if found:
                return str(found[0])
    raise BadRow("no_decision", "nothing was chosen")
