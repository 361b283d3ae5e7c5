"""Records as the data frames that screens read (`goldleaf.curation.screens.screen`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import polars as pl

from goldleaf.core.record_texts import record_texts
from goldleaf.core.records import PERSON, Comparison, Demonstration, Record, Turn
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.screens.screen import RECORDS, TEXTS
from goldleaf.curation.texts.structured_output import is_structured


def record_frames(records: Iterable[tuple[str, Record]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the frames `RECORDS` and `TEXTS` of some records, numbered from 0 in their order.

    Args:
        records: (id, record).
    """
    rows: list[tuple[Any, ...]] = []
    texts: list[tuple[int, str, str, str]] = []
    for row, (identity, record) in enumerate(records):
        rows.append((row, identity, *_columns(record), None))
        texts.extend((row, *text) for text in _texts(record))
    return (
        pl.DataFrame(rows, schema=RECORDS, orient="row"),
        pl.DataFrame(texts, schema=TEXTS, orient="row"),
    )


def taught_turns(record: Record) -> Sequence[Turn]:
    """Return the answer that a record teaches: the best of a comparison; empty for a bad one."""
    if isinstance(record, Comparison):
        ranked = [each for each in record.candidates if each.rank is not None]
        best = min(ranked, key=lambda each: each.rank or 0, default=None)
        chosen = best or next(iter(record.candidates), None)
        return chosen.turns if chosen is not None and chosen.acceptable is not False else ()
    if isinstance(record, Demonstration):
        return record.response
    return () if record.good is False else record.response


def _columns(record: Record) -> tuple[Any, ...]:
    tags, taught = record.tags, taught_turns(record)
    answer = "\n".join(filter(None, map(_spoken, taught)))
    question = next((t.content for t in reversed(record.context) if t.role == "user"), "")
    calls = any(turn.tool_calls for turn in (*record.context, *taught))
    structured = bool(record.tools) or calls or is_structured(answer)
    others, levels = _others(record, taught)
    return (
        type(record).__name__.lower(),
        "\n".join(filter(None, map(_spoken, record.context))),
        question,
        answer,
        "\n".join(others),
        levels,
        [len(text) for text in others] if levels else [],
        _json(record.tools) if record.tools else "",
        tags.language,
        record.parents[0].source if record.parents else "",
        tags.quality if tags.quality is None else max(-128, min(tags.quality, 127)),
        structured,
        list(tags.behaviours),
        tags.prototype,
        any(parent.annotator.startswith(PERSON) for parent in record.parents),
        refuses(answer),
    )


def _spoken(turn: Turn) -> str:
    """Return what a turn says, its calls as JSON."""
    if not turn.tool_calls:
        return turn.content
    calls = [{"name": call.name, "arguments": call.arguments} for call in turn.tool_calls]
    text = _json(calls)
    return f"{turn.content}\n{text}" if turn.content else text


def _others(record: Record, taught: Sequence[Turn]) -> tuple[list[str], list[int]]:
    """Return the answers that a record does not teach, of a comparison or a bad one; its order.

    The order is the level of each answer of a comparison, the taught one first, as `RECORDS` has it
    in `levels`.
    """
    if isinstance(record, Comparison):
        best = [each for each in record.candidates if each.turns is taught][:1]
        rest = [each for each in record.candidates if each.turns is not taught]
        ranks = [each.rank for each in (*best, *rest)]
        ranked = sorted({rank for rank in ranks if rank is not None})
        # What has no rank is below what has one, all of it on one level.
        levels = [len(ranked) if rank is None else ranked.index(rank) for rank in ranks]
        return ["\n".join(map(_spoken, each.turns)) for each in rest], levels
    return ([] if taught else ["\n".join(map(_spoken, record.response))]), []


def _json(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()


def _texts(record: Record) -> Iterator[tuple[str, str, str]]:
    """Yield (field, role, text) of every text that is not empty."""
    for field, text in record_texts(record):
        if text:
            yield field, _role(record, field), text


def _role(record: Record, field: str) -> str:
    name, _, rest = field.partition("[")
    number = int(rest.partition("]")[0])
    if name == "context":
        return record.context[number].role
    if name == "tools":
        return "tool"
    if name == "response" and not isinstance(record, Comparison):
        return record.response[number].role
    return "assistant"
