"""What can be seen of a record from its structure alone: the language of the prompt, behaviours.

| behaviour | seen where |
|---|---|
| `multi_turn` | the user spoke twice or more |
| `tool_call` | the assistant called a tool, in any turn |
| `no_tool` | tools were declared and none was called: the contrast that tool calls need (S13) |
| `structured_output` | `goldleaf.curation.texts.structured_output` |
| `reasoning_chain` | an answer has reasoning apart from what it says |

Behaviours that lie in the meaning (refusals, reflection, writing...) are for annotators and for the
detectors of `curation`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import compress

from goldleaf.core.records import Comparison, Record, Turn
from goldleaf.curation.texts.language import language
from goldleaf.curation.texts.structured_output import is_structured


def add_structural_tags(record: Record) -> Record:
    """Return the record with its language, if it has none, and the behaviours seen after its own.

    Behaviours that it has are never removed.
    """
    tags = record.tags
    seen = [name for name in structural_behaviours(record) if name not in tags.behaviours]
    spoken = tags.language or language_of(record)
    if not seen and spoken == tags.language:
        return record
    tags = replace(tags, language=spoken, behaviours=(*tags.behaviours, *seen))
    return replace(record, tags=tags)


def language_of(record: Record) -> str:
    """Return the language of the prompt: the user's last words that are in one, else the answer's.

    A code of `goldleaf.curation.texts.language`; "" where no text is in one.
    """
    asked = [turn for turn in reversed(record.context) if turn.role == "user"]
    answered = [turn for answer in _answers(record) for turn in answer]
    texts = (turn.content for turn in (*asked, *answered) if turn.role != "tool")
    return next(filter(None, map(language, texts)), "")


def structural_behaviours(record: Record) -> tuple[str, ...]:
    """Return the built-in behaviours that a record's structure shows, whatever its tags say.

    In this order: `multi_turn`, `tool_call`, `no_tool` (tools, but no call), `structured_output`,
    `reasoning_chain`. Of a comparison every answer counts.
    """
    asked, calls, structured, reasons = 0, False, False, False
    for turn in record.context:
        asked += turn.role == "user"
        calls = calls or bool(turn.tool_calls)
    for answer in _answers(record):
        for turn in answer:
            calls = calls or bool(turn.tool_calls)
            reasons = reasons or bool(turn.reasoning)
        structured = structured or bool(answer and is_structured(answer[-1].content))
    shown = (asked > 1, calls, bool(record.tools) and not calls, structured, reasons)
    return tuple(compress(_NAMES, shown)) if True in shown else ()


_NAMES = ("multi_turn", "tool_call", "no_tool", "structured_output", "reasoning_chain")


def _answers(record: Record) -> list[tuple[Turn, ...]]:
    if isinstance(record, Comparison):
        return [candidate.turns for candidate in record.candidates]
    return [record.response]
