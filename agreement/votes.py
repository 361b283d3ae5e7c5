"""Votes and claims: one vote for each annotation behind a record, one claim for each text judged.

Only annotations vote. What an imported record claims of its texts is in its examples, and counts
only where no annotator judged the text (`settle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl
import xxhash

from goldleaf.agreement.decisions import side_of
from goldleaf.core.prompt_normalization import normalize_prompt
from goldleaf.core.record_hash import group_id_of
from goldleaf.core.records import Candidate, Comparison, Judgement, Provenance, Record
from goldleaf.core.text_comparison import canonical
from goldleaf.core.text_hash import answer_hash, prompt_hash

TAUGHT, CHOSEN, TIED, LOST, REJECTED = 2, 1, 0, -1, -2
"""Sides of a claim: the text is good; better than another; as good as another; worse; bad."""

STEP_GOOD, STEP_BAD = 10, -10
STEP_SIDES = (STEP_GOOD, STEP_BAD)
"""Sides of a claim about a step; its `text` is the chain up to it."""

RIGHT = ("", "refuse", "safe_complete", "comply")
"""Values of `Tags.right_behaviour`; a vote holds the index in this tuple."""

CLAIMS_AT_ONCE = 65_536
"""About how many claims are compared at once; those of one prompt or of one task always are."""

IMPORTED = 0
"""The voter of all claims without an annotator."""


def vote_schema() -> dict[str, Any]:
    """Return the columns of the table of votes, one row for each annotation behind a record.

    `voter`, `annotation`, `task`: hashes, `annotation` 0 where there is none; `shown`: whether an
    answer was shown; `stamp`: microseconds since 1970 of the state, null where it has no date;
    `right`: place in `RIGHT`; `prompt`: as in the examples; `kind`: the hash of its name, without
    version (`kind_hash`); `side`: place in `goldleaf.agreement.decisions.SIDES`; `final`: whether
    it is the word of an adjudicator, or marked as ground truth, which settles the task.
    """
    number = pl.UInt64
    return {
        **{"arrival": pl.UInt32, "voter": number, "annotation": number, "task": number},
        **{"shown": pl.Boolean, "stamp": pl.Int64, "right": pl.UInt8, "prompt": number},
        **{"kind": number, "side": pl.UInt8, "final": pl.Boolean},
    }


def claim_schema() -> dict[str, Any]:
    """Return the columns of the table of claims, one row for each text that was judged.

    `text`: a hash as `answer` in the examples, or of a chain up to a step; `side`: `TAUGHT`,
    `CHOSEN`, `TIED`, `LOST` or `REJECTED`, or one of `STEP_SIDES`.
    """
    return {"arrival": pl.UInt32, "prompt": pl.UInt64, "text": pl.UInt64, "side": pl.Int8}


def votes_of(
    arrival: int, record: Record, prompt: int, keys: Sequence[str]
) -> Iterator[tuple[object, ...]]:
    """Yield the votes of a record as rows of `vote_schema`; none if no annotator is behind it.

    A row for each annotation among its parents; where some parents are imported data, one more row
    of the voter `IMPORTED` for all of these.

    Args:
        arrival: its number.
        record: with all its parents.
        prompt: the hash of its context and tools.
        keys: its context as `goldleaf.core.record_hash.normalized_turns` returns it.
    """
    parents = [parent for parent in record.parents if is_vote(parent)]
    right = record.tags.right_behaviour
    code = RIGHT.index(right) if right in RIGHT else 0
    for parent in parents:
        group = group_shown(record, parent, keys)
        shown = bool(parent.order_shown)
        if shown:
            task = _hash(group, *sorted(parent.order_shown))
        else:
            task = _hash("task", *(settled_task(parent) or (parent.project, parent.task)), group)
        annotation = annotation_hash(parent, group)
        named = parent.annotator not in ("", "unknown")
        voter = _hash(parent.annotator) if named else _hash("annotation", annotation)
        stamp = stamp_of(parent.updated_at)
        about = (kind_hash(parent.kind), side_of(record, parent), bool(parent.adjudicates))
        yield arrival, voter, annotation, task, shown, stamp, code, prompt, *about
    if parents and len(parents) < len(record.parents):
        yield arrival, IMPORTED, 0, 0, False, None, 0, prompt, 0, 0, False


def claims_of(
    arrival: int, record: Record, examples: Sequence[Record]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield how a record judges each of its texts (good, better, tied, worse, bad): `claim_schema`.

    If no annotator is behind it, what it says of steps alone.

    Args:
        arrival: its number.
        record: with all its parents.
        examples: those made of it; a comparison without any claims of its best answers alone.
    """
    for example in examples:
        if isinstance(example, Judgement) and example.good is None:
            prompt = prompt_hash(example.context, example.tools)
            for text, side in _judged_steps(example):
                yield arrival, prompt, text, side
    if not any(map(is_vote, record.parents)):
        return
    for example in examples:
        prompt = prompt_hash(example.context, example.tools)
        for text, side in _claims(example):
            yield arrival, prompt, text, side
    if not examples and isinstance(record, Comparison):
        prompt = prompt_hash(record.context, record.tools)
        for text, side in _ranked(record):
            yield arrival, prompt, text, side


def is_vote(parent: Provenance) -> bool:
    """Return whether a record's parent is an annotation, which votes, and not imported data."""
    return parent.annotation is not None or bool(parent.annotator)


def settled_task(parent: Provenance) -> tuple[str, str] | None:
    """Return project and task whose contradictory answers an annotation settles, else None."""
    project, slash, task = parent.adjudicates.partition("/")
    return (project, task) if slash else None


def kind_hash(kind: str) -> int:
    """Return the hash of a kind's name; `kind` may have its version (`preference/1`)."""
    return _hash("kind", kind.partition("/")[0])


def annotation_hash(parent: Provenance, group: str) -> int:
    """Return the hash that names an annotation in all its states; 0 if there is none.

    The prompt shown (`group`, of `group_shown`) is a part of it, because two Label Studio servers
    use the same numbers.
    """
    if parent.annotation is None:
        return 0
    return _hash("annotation", parent.project, parent.task, parent.annotation, group)


def stamp_of(updated_at: str) -> int | None:
    """Return the microseconds since 1970 of a date in ISO 8601, UTC where it has no zone.

    None for any other text, the empty one too.
    """
    try:
        found = datetime.fromisoformat(updated_at)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(found.timestamp() * 1_000_000)


def group_shown(record: Record, parent: Provenance, keys: Sequence[str]) -> str:
    """Return the group id of the prompt as it was shown, before an annotator edited it.

    `keys` are the turns of the record's context, as `normalized_turns` returns them.
    """
    shown = list(keys)
    asked = [place for place, turn in enumerate(record.context) if turn.role == "user"]
    if parent.grown_from and asked:
        shown[asked[0]] = normalize_prompt(parent.grown_from)
    return group_id_of(record.context, shown)


def _claims(example: Record) -> Iterable[tuple[int, int]]:
    """Yield (text hash, side) of an example; nothing for two answers with the same text."""
    if isinstance(example, Comparison):
        chosen, lost = (answer_hash(candidate.turns) for candidate in example.candidates)
        if chosen != lost:
            yield chosen, CHOSEN
            yield lost, LOST
    elif not isinstance(example, Judgement):
        yield answer_hash(example.response), TAUGHT
    elif example.good is not None:
        yield answer_hash(example.response), TAUGHT if example.good else REJECTED


def _judged_steps(example: Judgement) -> Iterable[tuple[int, int]]:
    """Yield (hash of the chain up to a step, side) of every step that has a verdict."""
    so_far = 0
    for step in example.steps:
        so_far = _hash("step", so_far, canonical(step.content).strip())
        if step.good is not None:
            yield so_far, STEP_GOOD if step.good else STEP_BAD


def _ranked(record: Comparison) -> Iterable[tuple[int, int]]:
    """Yield (text hash, side) of a comparison without examples: a tie, or too weak a preference."""
    best = min((c.rank for c in record.candidates if c.rank is not None), default=None)
    if best is None:
        return
    top = [candidate for candidate in record.candidates if candidate.rank == best]
    if all(candidate.acceptable is False for candidate in top):
        yield from ((_text(candidate), REJECTED) for candidate in top)
    else:
        side = CHOSEN if len(top) == 1 else TIED
        yield from ((_text(candidate), side) for candidate in top)


def _text(candidate: Candidate) -> int:
    return answer_hash(candidate.turns)


def _hash(*parts: object) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(map(str, parts)).encode("utf-8", "replace"))
