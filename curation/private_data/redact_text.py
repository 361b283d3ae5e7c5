"""Personal data and secrets replaced by placeholders such as `[EMAIL_1]`.

Within a record equal values get equal numbers, in all its texts: who called whom stays readable. A
redacted text is a value like any other; whoever asked for it decides what becomes of the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from goldleaf.core.record_texts import record_texts
from goldleaf.core.records import Candidate, Comparison, Judgement, Record, ToolCall, Turn
from goldleaf.curation.private_data.personal_data import personal_data
from goldleaf.curation.private_data.secret_patterns import secrets
from goldleaf.curation.texts.text_spans import Span, without_overlaps

_PLACEHOLDER = re.compile(r"\[([A-Z_]{2,20})_(\d{1,6})\]")
_SIGNS = re.compile(r"[\s()\u00b7-]+")


class Placeholders:
    """The placeholders of one record: which value has which number."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Start behind the numbers that some texts already use."""
        self._last: dict[str, int] = {}
        self._of: dict[tuple[str, str], str] = {}
        for text in texts:
            for found in _PLACEHOLDER.finditer(text) if "[" in text else ():
                self._last[found[1]] = max(self._last.get(found[1], 0), int(found[2]))

    def of(self, verdict: str, value: str) -> str:
        """Return the placeholder of a value: case, spaces and dashes make no difference."""
        key = verdict, _SIGNS.sub("", value).casefold() if verdict != "secret" else value
        if key not in self._of:
            name = verdict.upper()
            self._last[name] = self._last.get(name, 0) + 1
            self._of[key] = f"[{name}_{self._last[name]}]"
        return self._of[key]


def private_spans(text: str) -> list[Span]:
    """Return what redaction takes out of a text: secrets, and personal data beside them."""
    return without_overlaps((*secrets(text), *personal_data(text)))


def redact(text: str, findings: Iterable[Span], placeholders: Placeholders | None = None) -> str:
    """Return a text with each finding replaced by a typed, numbered placeholder.

    Args:
        text: any text.
        findings: with their places in it; they do not overlap.
        placeholders: those of its record; new ones where left out.

    >>> redact("Mail ann@moor.dk", [Span(5, 16, "email", 1, "")])
    'Mail [EMAIL_1]'
    """
    numbers = placeholders or Placeholders([text])
    parts: list[str] = []
    at = 0
    for span in sorted(findings):
        parts += text[at : span.start], numbers.of(span.verdict, text[span.start : span.end])
        at = span.end
    return "".join((*parts, text[at:]))


def redacted_record(
    record: Record, find: Callable[[str], Iterable[Span]] = private_spans
) -> Record:
    """Return a record without personal data and secrets; the same object where it had none.

    Turns, arguments of calls (strings and keys, so that they stay valid JSON of the same types),
    steps and the texts of declared tools are redacted; names of tools, names of their parameters
    and provenance are not.

    Args:
        record: any record.
        find: what is taken out of a text.
    """
    numbers = Placeholders(text for _, text in record_texts(record))
    redactor = _Redactor(find, numbers)
    context, tools = redactor.turns(record.context), redactor.tools(record.tools)
    if isinstance(record, Comparison):
        candidates = tuple(map(redactor.candidate, record.candidates))
        if not redactor.changed:
            return record
        return replace(record, context=context, candidates=candidates, tools=tools)
    response = redactor.turns(record.response)
    if not isinstance(record, Judgement):
        if not redactor.changed:
            return record
        return replace(record, context=context, response=response, tools=tools)
    steps = tuple(replace(step, content=redactor.text(step.content)) for step in record.steps)
    if not redactor.changed:
        return record
    return replace(record, context=context, response=response, steps=steps, tools=tools)


class _Redactor:
    """Redacts the parts of one record and remembers whether any of them changed."""

    def __init__(self, find: Callable[[str], Iterable[Span]], numbers: Placeholders) -> None:
        self._find, self._numbers = find, numbers
        self.changed = False

    def text(self, text: str) -> str:
        """Return a text without what is found in it, in what is left of it, and so on."""
        while spans := list(self._find(text)):
            redacted = redact(text, spans, self._numbers)
            if redacted == text:
                break
            text, self.changed = redacted, True
        return text

    def turns(self, turns: Sequence[Turn]) -> tuple[Turn, ...]:
        return tuple(map(self._turn, turns))

    def tools(self, tools: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(map(self._declared, tools))

    def candidate(self, candidate: Candidate) -> Candidate:
        return replace(candidate, turns=self.turns(candidate.turns))

    def _turn(self, turn: Turn) -> Turn:
        return replace(
            turn,
            content=self.text(turn.content),
            reasoning=self.text(turn.reasoning),
            name=self.text(turn.name),
            tool_calls=tuple(map(self._call, turn.tool_calls)),
        )

    def _call(self, call: ToolCall) -> ToolCall:
        return replace(call, arguments=self._value(call.arguments))

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            inner: dict[Any, Any] = {}
            for key, each in cast("Mapping[Any, Any]", value).items():
                name = self.text(key) if isinstance(key, str) else key
                while name in inner:  # two spellings of one value would become one key
                    name = f"{name}'"
                inner[name] = self._value(each)
            return inner
        if isinstance(value, (list, tuple)):
            return [self._value(each) for each in cast("Sequence[Any]", value)]
        return value

    def _declared(self, value: Any) -> Any:
        """Return a part of a declared tool; keys and names stay, for calls refer to them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            inner = cast("Mapping[Any, Any]", value).items()
            return {
                key: each if key == "name" and isinstance(each, str) else self._declared(each)
                for key, each in inner
            }
        if isinstance(value, (list, tuple)):
            return [self._declared(each) for each in cast("Sequence[Any]", value)]
        return value
