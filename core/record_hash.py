"""Hashes of records and prompts, and merging records of equal content."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import orjson
import xxhash

from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.records import (
    UNSETTLED,
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Record,
    Turn,
)
from goldleaf.core.text_comparison import canonical


def _digest(content: Any) -> str:
    return xxhash.xxh3_128_hexdigest(orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def _turns(turns: Iterable[Turn]) -> list[list[Any]]:
    return [
        [
            turn.role,
            canonical(turn.content),
            canonical(turn.reasoning),
            [[call.name, call.arguments, call.id] for call in turn.tool_calls]
            if turn.tool_calls
            else [],
            turn.tool_call_id,
            turn.name,
            turn.train,
        ]
        for turn in turns
    ]


def candidate_id(candidate: Candidate) -> str:
    """Return the hash of a candidate's turns, 32 hex digits: `Provenance.order_shown` holds these.

    Rank, score, acceptability, drafter and origin play no part.
    """
    return _digest(_turns(candidate.turns))


def record_id(record: Record) -> str:
    """Return the hash of a record's content: 32 hex digits, the same for the same content.

    Context, tools, answers (with call ids and `train`), ranks, acceptability, strength and verdicts
    count. Tags, provenance, scores and the order of candidates play no part, so an answer given to
    A|B and the same answer given to B|A are one record with two parents.
    """
    shared = [type(record).__name__, _turns(record.context), list(record.tools)]
    match record:
        case Demonstration():
            return _digest([*shared, _turns(record.response)])
        case Comparison():
            candidates = sorted(
                _digest([_turns(c.turns), c.rank, c.acceptable]) for c in record.candidates
            )
            return _digest([*shared, candidates, record.strength])
        case Judgement():
            steps = [[canonical(step.content), step.good] for step in record.steps]
            return _digest([*shared, _turns(record.response), record.good, steps])


def group_id(record: Record) -> str:
    """Return the hash of the normalised prompt; rows of one group never straddle a split.

    32 hex digits, from the role and normalised text of each turn of the context; tools, tool calls
    and reasoning play no part.
    """
    return group_id_of(record.context, normalized_turns(record.context))


def normalized_turns(context: Iterable[Turn]) -> list[str]:
    """Return the normalised text of every turn, in order (`goldleaf.core.prompt_normalization`)."""
    return [normalize_prompt(turn.content) for turn in context]


def group_id_of(context: Iterable[Turn], keys: Sequence[str]) -> str:
    """Return the hash of a prompt (see `group_id`) from turns that are already normalised.

    Args:
        context: the turns; only their roles are read.
        keys: `normalized_turns(context)`.

    Raises:
        ValueError: there is not one key for each turn.
    """
    return _digest([[turn.role, key] for turn, key in zip(context, keys, strict=True)])


def merge_records(*records: Record) -> Record:
    """Return one record with the parents of all; they must have one `record_id`.

    That is not checked. Parents are sorted by source, file and number, line 7 before line 40, and
    compared by content, so merging knows no order of what it is given. The
    tags (and scores) are all of one record, never mixed: an annotator's before a file's (a tag that
    a person took back must not return with the row it came from), those that settle a refusal
    before those that do not, then of the parent that sorts first, then by the whole content.
    """
    parents = {_provenance_key(p): p for record in records for p in record.parents}
    first = min(records, key=_precedence)
    return replace(first, parents=tuple(parents[key] for key in sorted(parents)))


_ProvenanceKey: TypeAlias = tuple[str, str, tuple[tuple[bool, int], ...], bytes]


def _provenance_key(provenance: Provenance) -> _ProvenanceKey:
    """Return what parents are sorted by; no two that differ have the same."""
    p = provenance
    numbers = ((each is None, each or 0) for each in (p.line, p.project, p.task, p.annotation))
    content = orjson.dumps(p, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_DATACLASS)
    return p.source, p.file, tuple(numbers), content


def _precedence(record: Record) -> tuple[bool, bool, list[_ProvenanceKey], bytes, str]:
    annotated = any(parent.annotation is not None for parent in record.parents)
    return (not annotated, UNSETTLED in record.tags.behaviours, *_parent_key(record), repr(record))


def _parent_key(record: Record) -> tuple[list[_ProvenanceKey], bytes]:
    tags = orjson.dumps(record.tags, option=orjson.OPT_SORT_KEYS)
    return sorted(_provenance_key(p) for p in record.parents), tags
