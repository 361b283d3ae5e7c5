"""What annotators answered, control by control: a narrow table that measures and pages are made of.

A row for each control of each annotation; skipped, empty and unreadable annotations have one row
without a control, so that nobody's work is missing from a count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson
import polars as pl
import xxhash

from goldleaf.agreement.newest_states import current_votes
from goldleaf.agreement.votes import stamp_of
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in
from goldleaf.core.record_hash import candidate_id, record_id
from goldleaf.core.records import Comparison
from goldleaf.core.records_jsonl import from_plain
from goldleaf.label_configs.read_annotations import (
    AnnotationControls,
    answer_state,
    plain_annotator,
)

if TYPE_CHECKING:
    from goldleaf.label_configs.read_annotations import AnswerReader

SUBMITTED, SKIPPED, EMPTY, REJECTED = "submitted", "skipped", "empty", "rejected"
"""States of an annotation; the result of a rejected one cannot be read."""

NOBODY = ("", "unknown")
"""Pseudonyms of annotators that are not named."""

SINGLE = -1
"""The place of a control outside a Repeater."""


def control_answer_schema() -> dict[str, Any]:
    """Return the columns of the table.

    `project`, `task`, `annotation`: Label Studio's numbers, null where an export file has none;
    `task_hash`: the same for tasks that show the same, in whatever project; `annotator`: pseudonym,
    `unknown` where nobody is named; `kind`: with its version, "" of an unreadable task; `control`:
    its name in the config (`verdict_{{idx}}` inside a Repeater), "" in the one row of an annotation
    that says nothing; `place`: the element of the Repeater, `SINGLE` outside one; `scale`:
    `nominal`, `ordinal` or `text`; `value`: choices sorted and joined by `|`, numbers, texts;
    `rank`: higher is better, null unless the scale is ordinal and the value has a place in it;
    `seconds`: Label Studio's `lead_time` of the whole annotation; `change`: `accepted` (what was
    shown was left), `edited`, `written` (nothing was shown) or `none` (unknown, or nothing said);
    `model`: who drafted the control, "" where no prediction filled it; `stamp`: microseconds since
    1970 of the state; `state`: see `SUBMITTED`; `reason`: why it is rejected, a stable code.
    """
    return {
        **{"project": pl.Int64, "task": pl.Int64, "task_hash": pl.UInt64, "annotation": pl.Int64},
        **{"annotator": pl.String, "kind": pl.String, "control": pl.String, "place": pl.Int32},
        **{"scale": pl.String, "value": pl.String, "rank": pl.Float64, "seconds": pl.Float64},
        **{"change": pl.String, "model": pl.String, "stamp": pl.Int64, "state": pl.String},
        "reason": pl.String,
    }


def control_answers(rows: Iterable[tuple[object, ...]]) -> pl.DataFrame:
    """Return rows of `answers_of` as a table, sorted, so that the order of inputs plays no part."""
    schema = control_answer_schema()
    table = pl.DataFrame(list(rows), schema=schema, orient="row")
    return table.unique().sort(*schema, nulls_last=True)


def answers_of(
    task: Mapping[str, Any],
    reader: AnswerReader | None,
    annotator: Callable[[Any], str] = plain_annotator,
) -> Iterator[tuple[object, ...]]:
    """Yield the rows of a task with its annotations.

    Args:
        task: a task of the tasks API (`fields=all`) or of a JSON export.
        reader: who reads its project's answers; None where nobody can: all are rejected.
        annotator: without a reader, what turns `completed_by` into a pseudonym.
    """
    if not list_or_empty(task.get("annotations")):
        return
    hashed = task_hash(task)
    for annotation in objects_in(task.get("annotations")):
        if reader is None:
            who = annotator(annotation.get("completed_by"))
            known, state, reason = AnnotationControls("", who, "", ()), REJECTED, "bad_task"
        else:
            known, state, reason = _read(task, annotation, reader)
        parent = answer_state(task, annotation)
        before = (parent.project, parent.task, hashed, parent.annotation, known.annotator)
        seconds, stamp = _seconds(annotation), stamp_of(parent.updated_at)
        if state != SUBMITTED:
            said = ("", SINGLE, "nominal", "", None, seconds, "none", known.drafted_by)
            yield (*before, known.kind, *said, stamp, state, reason)
            continue
        for each in known.values:
            place = SINGLE if each.place is None else each.place
            said = (each.control, place, each.scale, each.value, each.rank)
            model = known.drafted_by if each.drafted else ""
            made = (seconds, each.change, model, stamp, state, reason)
            yield (*before, known.kind, *said, *made)


def _read(
    task: Mapping[str, Any], annotation: Mapping[str, Any], reader: AnswerReader
) -> tuple[AnnotationControls, str, str]:
    """Return what an annotation says, its state and why it is rejected."""
    empty = not annotation.get("result")
    state = SKIPPED if annotation.get("was_cancelled") else EMPTY if empty else SUBMITTED
    try:
        known = reader.controls(task, annotation)
    except BadRow as bad:
        known = reader.controls(task, {**annotation, "result": []})
        return (known, REJECTED, bad.reason) if state == SUBMITTED else (known, state, "")
    return known, EMPTY if state == SUBMITTED and not known.values else state, ""


def task_hash(task: Mapping[str, Any]) -> int:
    """Return the hash of what a task shows: 64 bits, the same in every project.

    Of a task that goldleaf made: kind, record and the answers in the order shown, whatever file the
    record came from. Of any other: its data.
    """
    data = object_or_empty(task.get("data"))
    ours = object_or_empty(data.get("goldleaf"))
    name = str(ours.get("kind", "")).partition("/")[0]
    try:
        record = from_plain(ours.get("record"))
        order = ours.get("order") or ()
        shown = [record_id(record)]
        if isinstance(record, Comparison):
            shown += [candidate_id(record.candidates[int(place)]) for place in order]
        return _hash(name, *shown)
    except (BadRow, TypeError, ValueError, IndexError):
        return _hash(orjson.dumps(data, default=str, option=_SORTED).decode("utf-8", "replace"))


_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def _hash(*parts: str) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(parts).encode("utf-8", "replace"))


def _seconds(annotation: Mapping[str, Any]) -> float | None:
    taken = annotation.get("lead_time")
    return float(taken) if isinstance(taken, int | float) and 0 <= taken < 1e9 else None


def current_answers(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that count, by the rules that an export follows.

    Of an annotation in several states the newest; of an annotator's submitted annotations of a task
    the newest. Annotators that share an annotation have one name.
    """
    columns = list(control_answer_schema())
    state = ["project", "task", "task_hash", "annotation", "annotator", "stamp", "state"]
    states = table.select(state).unique().sort(state, nulls_last=True).with_row_index("number")
    named = ~pl.col("annotator").is_in(NOBODY)
    places = ["project", "task", "task_hash", "annotation"]
    votes = states.with_columns(
        key=pl.col("number").min().over(places).cast(pl.UInt64) + 1,
        who=pl.col("annotator").rank("dense").cast(pl.UInt64),
    ).with_columns(
        voter=pl.when(named).then("who").otherwise(_UNNAMED + pl.col("key")),
        annotation=pl.when(pl.col("annotation").is_null()).then(0).otherwise("key"),
        task=pl.when(pl.col("state") == SUBMITTED).then("task_hash").otherwise(0),
    )
    names = votes.filter(named).select("voter", name="annotator").unique()
    none = votes.select("annotation", "stamp").clear()
    counted = current_votes(votes, none).join(names, on="voter", how="left")
    kept = counted.select("number", "name").join(states, on="number")
    return (
        table.join(kept, on=state, nulls_equal=True)
        .with_columns(annotator=pl.coalesce("name", "annotator"))
        .select(columns)
        .unique()
        .sort(columns, nulls_last=True)
    )


_UNNAMED = 1 << 32
"""Above the numbers of named annotators: whoever is not named is one person an annotation."""
