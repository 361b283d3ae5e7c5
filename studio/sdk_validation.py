"""The second judge of configs, tasks and drafts: `LabelInterface` of label-studio-sdk.

Label Studio's server judges with the same class. The first judge is `label_configs/linter.py`,
which knows what that class lets pass.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from goldleaf.core.json_values import object_or_empty

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_CHARS = 300
"""What is shown of a reason: the SDK's may list every choice of a screen."""
MOST_ELEMENTS = 200
"""Elements of a Repeater that are judged; the rest are copies of the same controls."""
_PATH = re.compile(r"\$(\w+(?:\[\d+\]|\.\w+)+)\Z")
_STEP = re.compile(r"\w+")
_PLAIN = re.compile(r"\W+")


def sdk_installed() -> bool:
    """Return whether label-studio-sdk is installed; nothing is imported."""
    return find_spec("label_studio_sdk") is not None


class SdkValidator:
    """One labeling config, judged by label-studio-sdk.

    The import takes most of a second and 70 MB (measured: benchmarks/sdk_import.py), so only
    checks and tests make one. What the SDK raises, of any class, is a reason, not an error.

    Args:
        config: the XML; one that `label_configs.screen.parse` reads, as the SDK's own parser is not
            made for hostile files.
    """

    def __init__(self, config: str) -> None:
        self._config = config

    def config_errors(self) -> list[str]:
        """Return why the SDK refuses the config; [] if it takes it."""
        from label_studio_sdk.label_interface.interface import LabelInterface

        try:
            LabelInterface(self._config).validate()
        except Exception as error:
            return [_short(error)]
        return []

    def errors(
        self, data: Mapping[str, Any], prediction: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Return why the SDK refuses a task, and its prediction where one is given.

        A Repeater is written out first, an element of the task's list at a time, because the SDK
        knows the controls of the pattern (`verdict_{{idx}}`) alone.
        """
        from label_studio_sdk.label_interface.interface import LabelInterface

        try:
            config, fields = written_out(self._config, data)
            interface: Any = LabelInterface(config)
            found: list[str] = []
            if not interface.validate_task({"data": fields}):
                missing = [
                    each.value_name
                    for each in interface.objects
                    if each.value_is_variable and fields.get(each.value_name) is None
                ]
                found.append(f"the task lacks {', '.join(missing) or 'a field'}")
            if prediction is not None:
                reasons = interface.validate_prediction(dict(prediction), return_errors=True)
                found += [_short(reason) for reason in reasons]
        except Exception as error:
            return [_short(error)]
        return found


def written_out(config: str, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a config without Repeaters, and the task data that fits it.

    Each Repeater becomes its content, once an element of the list that it repeats on. A field that
    is reached by a path (`$replies[0].text`) gets a name of its own.

    >>> written_out('<View><Repeater on="$a"><Text name="t_{{idx}}" value="$a[{{idx}}].b"/>'
    ...             '</Repeater></View>', {"a": [{"b": "hello"}]})
    ('<View><Text name="t_0" value="$a_0_b" /></View>', {'a': [{'b': 'hello'}], 'a_0_b': 'hello'})
    """
    from xml.etree.ElementTree import tostring

    from defusedxml.ElementTree import fromstring

    root: Element = fromstring(config, forbid_dtd=True)
    _write_out(root, data)
    fields = dict(data)
    for element in root.iter():
        for name, value in element.attrib.items():
            if path := _PATH.match(value):
                plain = _PLAIN.sub("_", path[1]).strip("_")
                element.set(name, f"${plain}")
                fields[plain] = _at(data, path[1])
    return tostring(root, encoding="unicode"), fields


def _write_out(parent: Element, data: Mapping[str, Any]) -> None:
    """Replace each Repeater below an element by copies of its content, inner ones too."""
    children = list(parent)
    for child in children:
        parent.remove(child)
    for child in children:
        for each in _copies(child, data) if child.tag == "Repeater" else [child]:
            _write_out(each, data)
            parent.append(each)


def _copies(repeater: Element, data: Mapping[str, Any]) -> Iterator[Element]:
    held = _at(data, repeater.get("on", "").removeprefix("$"))
    index = repeater.get("indexFlag", "{{idx}}")
    for place, _ in enumerate(held[:MOST_ELEMENTS] if isinstance(held, list) else ()):
        for inner in repeater:
            made = copy.deepcopy(inner)
            for element in made.iter():
                for name, value in element.attrib.items():
                    element.set(name, value.replace(index, str(place)))
            if made.tag == "Repeater":  # below another element it is written out in its turn
                around = made.makeelement("View", {})
                around.append(made)
                made = around
            yield made


def _at(data: Any, path: str) -> Any:
    """Return what a task's data holds at a path such as `replies[0].text`, None where nothing."""
    for step in _STEP.findall(path):
        if isinstance(data, list):
            place = int(step) if step.isdigit() else len(data)
            data = data[place] if place < len(data) else None
        else:
            data = object_or_empty(data).get(step)
    return data


def _short(reason: object) -> str:
    text = " ".join(str(reason).split()) or type(reason).__name__
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + "..."
