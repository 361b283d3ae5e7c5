"""Every text of a record with its field, as a trainer's template may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from goldleaf.core.records import Comparison, Judgement, Record, Turn


def record_texts(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (field, text) of turns, calls and declared tools: `response[0].content`, `tools[2]`.

    A turn's content is yielded even if empty, its reasoning and name only where there are some. Of
    call arguments and tools every key and every text is yielded; ids and numbers are not. Tags and
    provenance are left out.
    """
    yield from _turn_texts("context", record.context)
    if isinstance(record, Comparison):
        for number, candidate in enumerate(record.candidates):
            yield from _turn_texts(f"candidates[{number}].turns", candidate.turns)
    else:
        yield from _turn_texts("response", record.response)
    if isinstance(record, Judgement):
        for number, step in enumerate(record.steps):
            yield f"steps[{number}]", step.content
    for number, tool in enumerate(record.tools):
        for text in _strings(tool):
            yield f"tools[{number}]", text


def _turn_texts(name: str, turns: Sequence[Turn]) -> Iterator[tuple[str, str]]:
    for number, turn in enumerate(turns):
        yield f"{name}[{number}].content", turn.content
        if turn.reasoning:
            yield f"{name}[{number}].reasoning", turn.reasoning
        if turn.name:
            yield f"{name}[{number}].name", turn.name
        for place, call in enumerate(turn.tool_calls):
            for text in (call.name, *_strings(call.arguments)):
                yield f"{name}[{number}].tool_calls[{place}]", text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in cast("Mapping[Any, Any]", value).items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in cast("Sequence[Any]", value):
            yield from _strings(inner)
