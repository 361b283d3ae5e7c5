"""Texts and conversations of a foreign task, by the sources that a reading names."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from goldleaf.adoption.config import ConfigTag, ProjectConfig
from goldleaf.adoption.held_values import Held
from goldleaf.adoption.reading import Reading
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import (
    is_json_messages,
    is_object,
    list_or_none,
    object_or_empty,
    object_or_none,
)
from goldleaf.core.records import Candidate, Turn
from goldleaf.formats.read_messages import check_context, read_turns, text_of, tools_of
from goldleaf.formats.strict_json import parse_inside

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_ITEM_TEXTS = ("body", "text", "content", "response", "answer", "value", "title")
_SPEAKER, _SPOKEN = ("author", "role", "from"), ("text", "content", "value")


@dataclass(frozen=True, slots=True)
class Item:
    """One answer shown: `key` is its id in a Ranker's result, else its place from 1."""

    key: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class TaskTexts:
    """The task data of one task, with what the controls of one annotation hold.

    Every method raises BadRow where the data has no such text: `missing_field`, `not_text`,
    `bad_unicode`, `control_chars`, or what `read_turns` raises.
    """

    data: Mapping[str, Any]
    held: Mapping[str, Held]
    config: ProjectConfig
    reading: Reading

    def said(self, control: str | None) -> tuple[str, ...]:
        """Return what a control says, () where it says nothing."""
        held = self.held.get(control or "")
        return held.texts if held else ()

    def alias(self, control: str, name: str) -> str:
        """Return what a result says for a choice, which may be named by its value."""
        tag = self.config.find(control)
        return tag.choices.get(name, name) if tag else name

    def context(self) -> tuple[Turn, ...]:
        """Return what an answer replies to: system prompt, conversation, prompt.

        Raises:
            BadRow: `no_prompt` or `role_order`, beside those of the class.
        """
        turns = self._history()
        check_context(turns, self.tools())
        return turns

    def tools(self) -> tuple[Mapping[str, Any], ...]:
        """Return the tools that were declared; BadRow `tools_json` where they cannot be read."""
        return tools_of(self._value(self.reading.tools)) if self.reading.tools else ()

    def conversation(self) -> tuple[Turn, ...]:
        """Return the conversation with its answers, the system prompt before it."""
        return self._history()

    def _history(self) -> tuple[Turn, ...]:
        reading = self.reading
        turns: list[Turn] = []
        if reading.turns:
            value = self._value(reading.turns)
            turns += self._turns(value, reading.turns) if value not in (None, "", []) else []
        if reading.prompt:
            turns += self._prompt(reading.prompt)
        if reading.system and (text := self.text(reading.system)).strip():
            turns = [Turn("system", text), *(turn for turn in turns if turn.role != "system")]
        return tuple(turns)

    def _prompt(self, sources: str | list[str]) -> list[Turn]:
        several = [sources] if isinstance(sources, str) else sources
        value = self._value(several[0])
        if value is None or (isinstance(value, str) and not value.strip()):
            raise BadRow("no_prompt", f"{several[0]} is not there")
        if len(several) == 1 and _is_messages(value):
            return list(self._turns(value, several[0]))
        texts = [self.text(source) for source in several]
        return [Turn("user", "\n\n".join(text for text in texts if text.strip()))]

    def text(self, source: str) -> str:
        """Return the text of a source; paragraphs are joined by an empty line, "" for none."""
        value = self._value(source)
        if value is None:
            return ""
        if isinstance(value, bool | int | float):
            return str(value)
        if (parts := list_or_none(value)) is not None:
            return "\n\n".join(text_of(part, source) for part in parts)
        return text_of(value, source)

    def items(self) -> list[Item]:
        """Return the answers shown, in their order."""
        answers = self.reading.answers
        if isinstance(answers, list):
            return [
                _item(str(place), self._answer(source), source)
                for place, source in enumerate(answers, 1)
            ]
        if answers is None:
            return []
        value = self._value(answers)
        listed = list_or_none(value)
        if listed is None:
            return [] if value in (None, "") else [_item("1", value, answers)]
        found: list[Item] = []
        for place, each in enumerate(listed, 1):
            item = object_or_none(each)
            key = str(item["id"]) if item and item.get("id") is not None else str(place)
            found.append(_item(key, each if item is None else _item_text(item), answers))
        return found

    def _answer(self, source: str) -> Any:
        value = self._value(source)
        if value is None:
            raise BadRow("missing_field", f"{source} is not there")
        return value

    def _value(self, source: str) -> Any:
        """Return what a source holds: a value of the data, or what a control says."""
        if source.startswith("$"):
            return at_path(self.data, source[1:])
        if held := self.held.get(source):
            if held.messages:
                return self._chat(source, held)
            if len(held.texts) > 1:
                raise BadRow("ambiguous_textarea", f"{source} holds {len(held.texts)} texts")
            return "".join(held.texts)
        tag = self.config.find(source)
        if tag is None or (tag.tag == "TextArea" and not tag.shows):
            return None
        return at_path(self.data, tag.shows[1:]) if tag.shows.startswith("$") else tag.shows

    def _chat(self, source: str, held: Held) -> list[dict[str, Any]]:
        """Return a Chat's messages: those of the task, and those added to them.

        Where the result repeats the task's messages, they are there once.
        """
        tag = self.config.find(source)
        given = at_path(self.data, tag.shows[1:]) if tag and tag.shows.startswith("$") else None
        before = [dict(object_or_empty(message)) for message in list_or_none(given) or []]
        added = [{"role": role, "content": text} for _, role, text in held.messages]
        shown = [(message.get("role"), message.get("content")) for message in before]
        start = [(message["role"], message["content"]) for message in added[: len(before)]]
        return added if start == shown else [*before, *added]

    def _turns(self, value: Any, source: str) -> Sequence[Turn]:
        if is_json_messages(value):
            value = parse_inside(value, source, "bad_messages")
        tag = self.config.find(source)
        messages = [_message(each, tag, self.reading) for each in list_or_none(value) or []]
        return read_turns(messages, source)


def at_path(data: Any, path: str) -> Any:
    """Return the value of task data at a path as configs write it: `a`, `a.b`, `a[0].b`.

    A field whose own name has dots or brackets comes first. None where there is nothing.
    """
    fields = object_or_empty(data)
    if path in fields:
        return fields[path]
    value: Any = data
    for name, place in _STEP.findall(path):
        if place:
            listed = list_or_none(value) or []
            value = listed[int(place)] if int(place) < len(listed) else None
        else:
            value = object_or_empty(value).get(name)
    return value


def _is_messages(value: Any) -> bool:
    listed = list_or_none(value)
    return is_json_messages(value) or bool(listed and all(is_object(each) for each in listed))


def _message(value: Any, tag: ConfigTag | None, reading: Reading) -> Any:
    """Return a message of a dialogue with the keys that `read_turns` reads."""
    message = object_or_none(value)
    if message is None:
        return value
    speakers = (tag.name_key,) if tag and tag.name_key else _SPEAKER
    spoken = (tag.text_key,) if tag and tag.text_key else _SPOKEN
    speaker = next((message[key] for key in speakers if key in message), message.get("role"))
    rest = {key: each for key, each in message.items() if key not in (*_SPEAKER, *_SPOKEN)}
    content = next((message[key] for key in spoken if key in message), message.get("content"))
    named = reading.roles.get(speaker, speaker) if isinstance(speaker, str) else speaker
    return rest | {"role": named, "content": content}


def _item_text(item: Mapping[str, Any]) -> Any:
    found = next((item[key] for key in _ITEM_TEXTS if isinstance(item.get(key), str)), None)
    if found is None:
        what = "HTML alone" if item.get("html") else json.dumps(sorted(item))[:60]
        raise BadRow("not_text", f"an item of the list holds {what}")
    return found


def _item(key: str, value: Any, source: str) -> Item:
    if isinstance(value, list):
        value = "\n\n".join(text_of(part, source) for part in cast("list[Any]", value))
    text = text_of(value, source)
    if not text.strip():
        raise BadRow("empty_response", f"{source} is empty")
    return Item(key, Candidate((Turn("assistant", text),)))
