"""Kiln's task runs: an input, the output with its rating, and perhaps a repaired one.

    {"model_type": "task_run", "input": "Sky?", "output": {"output": "No.",
     "rating": {"type": "five_star", "value": 2.0}}, "repaired_output": {"output": "Blue."}}

Each run is a file of its own in a Kiln project: `cat runs/*/task_run.kiln > runs.json` makes one of
them. Shape: kiln-ai 1.2.0, `datamodel/task_run.py`, `datamodel/task_output.py`. What Kiln exports
to train on is in the formats `messages` and `llamafactory`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import is_object, list_or_none, object_or_empty
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Record,
    Tags,
    Turn,
)
from goldleaf.core.text_comparison import same_text
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, read_turns
from goldleaf.formats.text_columns import answer_turn

NAME = "kiln"
TITLE = "Kiln's task runs with ratings and repairs"

_MIDDLE = 3


def recognises(row: Row) -> bool:
    """Return whether a row fits: `model_type` is `task_run`, or an `input` with such an output."""
    output = row.get("output")
    return is_object(output) and "input" in row and "output" in object_or_empty(output)


def read(row: Row) -> tuple[Record, ...]:
    """Return the run: a repair as a demonstration above the output, else the output as rated.

    An output of less than three stars, or one that failed, is a judgement and not taught; any other
    is a demonstration, five stars being its quality.

    Raises:
        BadRow: `no_prompt`, `empty_response`, `bad_rating`, or what `read_turns` raises.
    """
    context = _context(row)
    output = object_or_empty(row.get("output"))
    answer = answer_turn(output.get("output"), "output.output")
    good, tags = _rating(object_or_empty(output.get("rating")), row)
    drafted_by = _model(output)
    repaired = object_or_empty(row.get("repaired_output")).get("output")
    if isinstance(repaired, str) and not same_text(repaired, answer.content):
        better = answer_turn(repaired, "repaired_output.output")
        best = Candidate((better,), rank=1, acceptable=True, origin="edited")
        worse = Candidate((answer,), rank=2, acceptable=good, drafted_by=drafted_by)
        return (
            Demonstration(context, (better,)),
            Comparison(context, (best, worse), tags=Tags(note=tags.note)),
        )
    if good is False:
        return (Judgement(context, (answer,), good=False, tags=tags),)
    return (Demonstration(context, (answer,), tags=tags),)


def _context(row: Row) -> tuple[Turn, ...]:
    """Return what was asked, with the system prompt and the calls of the trace where there is one.

    The trace ends with the output, which is not part of what was asked.
    """
    trace = list_or_none(row.get("trace"))
    if trace:
        turns = read_turns(trace, "trace")
        if turns[-1].role == "assistant" and len(turns) > 1:
            turns = turns[:-1]
            check_context(turns)
            return turns
    asked = row.get("input")
    if not isinstance(asked, str) or not asked.strip():
        raise BadRow("no_prompt", "the input is empty")
    context = read_turns([{"role": "user", "content": asked}], "input")
    check_context(context)
    return context


def _rating(rating: Mapping[str, Any], row: Row) -> tuple[bool | None, Tags]:
    value, kind = rating.get("value"), rating.get("type", "five_star")
    note = row.get("repair_instructions")
    tags = Tags(note=note if isinstance(note, str) else "")
    if value is None:
        return None, tags
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRow("bad_rating", f"the rating is {value!r}"[:120])
    if kind == "five_star":
        if not 1 <= value <= 5:
            raise BadRow("bad_rating", f"{value} of five stars")
        rated = Tags(quality=round(value), signals={"rating": float(value)}, note=tags.note)
        return (None if value == _MIDDLE else value > _MIDDLE), rated
    if kind in ("pass_fail", "pass_fail_critical"):
        return value > 0, Tags(signals={"rating": float(value)}, note=tags.note)
    return None, Tags(signals={"rating": float(value)}, note=tags.note)


def _model(output: Mapping[str, Any]) -> str:
    source = object_or_empty(output.get("source"))
    name = object_or_empty(source.get("properties")).get("model_name")
    return name if isinstance(name, str) else ""
