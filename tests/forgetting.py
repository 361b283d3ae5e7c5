"""What it means to lose a field: a record as it is without what a format's `LOSSY_FIELDS` names."""

from __future__ import annotations

from dataclasses import replace

from goldleaf.core.records import Comparison, Demonstration, Judgement, Tags, Turn
from goldleaf.curation.answer_checks.ground_truth import ground_truth


def each_turn(record, change):
    def all_of(turns):
        return tuple(map(change, turns))

    if isinstance(record, Comparison):
        candidates = tuple(replace(c, turns=all_of(c.turns)) for c in record.candidates)
        return replace(record, context=all_of(record.context), candidates=candidates)
    return replace(record, context=all_of(record.context), response=all_of(record.response))


def each_candidate(record, **plain):
    if not isinstance(record, Comparison):
        return record
    return replace(record, candidates=tuple(replace(c, **plain) for c in record.candidates))


def only(kind, **plain):
    return lambda record: replace(record, **plain) if isinstance(record, kind) else record


def without_ids(turn):
    return replace(turn, tool_calls=tuple(replace(call, id="") for call in turn.tool_calls))


def unsaid(record):
    """Tell whether nothing but the steps was judged."""
    return isinstance(record, Judgement) and record.good is None and bool(record.steps)


def joined(record):
    (turn,) = record.response
    text = "\n".join(step.content for step in record.steps)
    return replace(record, response=(replace(turn, content=text),))


def answered_by_truth(record):
    found = ground_truth(record.response[-1].content)
    assert found
    _, truth = found
    return replace(record, response=(Turn("assistant", truth),))


FORGET = {
    "answers": lambda r: Demonstration(r.context, (), r.tools, r.tags, r.parents),
    "response.words": answered_by_truth,
    "tags": lambda r: replace(r, tags=Tags()),
    "parents": lambda r: replace(r, parents=()),
    "candidates.rank": lambda r: r,
    "candidates.score": lambda r: each_candidate(r, score=None),
    "candidates.acceptable": lambda r: each_candidate(r, acceptable=None),
    "candidates.drafted_by": lambda r: each_candidate(r, drafted_by=""),
    "candidates.origin": lambda r: each_candidate(r, origin="imported"),
    "strength": only(Comparison, strength="unknown"),
    "steps.beside_verdict": lambda r: r if unsaid(r) else only(Judgement, steps=())(r),
    "steps.between": lambda r: joined(r) if unsaid(r) else r,
    "steps": only(Judgement, steps=()),
    "reasons": only(Judgement, reasons=()),
    "turn.train": lambda r: each_turn(r, lambda t: replace(t, train=True)),
    "turn.name": lambda r: each_turn(r, lambda t: replace(t, name="")),
    "turn.tool_call_id": lambda r: each_turn(r, lambda t: replace(t, tool_call_id="")),
    "tool_calls.id": lambda r: each_turn(r, without_ids),
}
"""What it means to lose a field. A field of `LOSSY_FIELDS` that is not here is one whose rows are
refused, which needs no forgetting."""


def forgotten(record, unit):
    for field, _ in unit.LOSSY_FIELDS:
        record = FORGET.get(field, lambda r: r)(record)
    return record
