"""Who wants what of a text: one vote for each annotation behind a record, one claim for each text.

Only annotations vote. A record that was imported says what its examples say, and that counts where
no annotator said anything (`settle`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xxhash

from goldleaf.core.prompt_normalization import prompt_key
from goldleaf.core.record_hash import keyed_group_id
from goldleaf.core.records import Candidate, Comparison, Judgement, Provenance, Record
from goldleaf.exporters.census.columns import Columns
from goldleaf.exporters.census.fingerprints import answer_print, prompt_print

if TYPE_CHECKING:
    import polars as pl

TAUGHT, CHOSEN, TIED, LOST, REJECTED = 2, 1, 0, -1, -2
"""What is claimed of a text: a good answer; better than another one; as good as another one; worse
than another one; a bad answer."""

RIGHT = ("", "refuse", "safe_complete", "comply")
"""What `Tags.right_behaviour` may say; a vote holds the place in this list."""

IMPORTED = 0
"""The voter of all that no annotator said."""


def vote_schema() -> dict[str, Any]:
    """Return the columns of votes.

    `voter`, `annotation`, `task`: hashes, `annotation` 0 where there is none; `shown`: whether an
    answer was shown; `stamp`: microseconds since 1970 of the state, null where it has no date;
    `right`: place in `RIGHT`; `prompt`: as in the examples.
    """
    import polars as pl

    number = pl.UInt64
    return {
        **{"arrival": pl.UInt32, "voter": number, "annotation": number, "task": number},
        **{"shown": pl.Boolean, "stamp": pl.Int64, "right": pl.UInt8, "prompt": number},
    }


def claim_schema() -> dict[str, Any]:
    """Return the columns of claims: `text` as `answer` in the examples, `side` one of the five."""
    import polars as pl

    return {"arrival": pl.UInt32, "prompt": pl.UInt64, "text": pl.UInt64, "side": pl.Int8}


class Voting:
    """Columns of votes and claims that fill record by record."""

    def __init__(self) -> None:
        self._votes, self._claims = Columns(vote_schema()), Columns(claim_schema())

    def add(self, arrival: int, record: Record, prompt: int, keys: Sequence[str]) -> None:
        """Add the votes of a record, if annotators are behind it.

        Args:
            arrival: its number.
            record: with all its parents.
            prompt: the hash of its context and tools.
            keys: its context as `goldleaf.core.record_hash.prompt_keys` gives it.
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
                task = _hash("task", parent.project, parent.task, group)
            annotation = annotation_hash(parent, group)
            named = parent.annotator not in ("", "unknown")
            voter = _hash(parent.annotator) if named else _hash("annotation", annotation)
            stamp = stamp_of(parent.updated_at)
            self._votes.add(arrival, voter, annotation, task, shown, stamp, code, prompt)
        if parents and len(parents) < len(record.parents):
            self._votes.add(arrival, IMPORTED, 0, 0, False, None, 0, prompt)

    def claim(self, arrival: int, record: Record, examples: Iterable[Record]) -> None:
        """Add what a record claims of its texts, if annotators are behind it."""
        if not any(map(is_vote, record.parents)):
            return
        for example in examples:
            self._claim_all(arrival, example, _claims(example))
        if not examples and isinstance(record, Comparison):
            self._claim_all(arrival, record, _ranked(record))

    def _claim_all(self, arrival: int, of: Record, claims: Iterable[tuple[int, int]]) -> None:
        prompt = prompt_print(of.context, of.tools)
        for text, side in claims:
            self._claims.add(arrival, prompt, text, side)

    def done(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return votes and claims."""
        return self._votes.frame(), self._claims.frame()


def is_vote(parent: Provenance) -> bool:
    """Tell whether an annotator is behind a parent."""
    return parent.annotation is not None or bool(parent.annotator)


def annotation_hash(parent: Provenance, group: str) -> int:
    """Return the name of an annotation, whatever its state; 0 where there is none.

    The prompt shown is a part of it, because two Label Studios give the same numbers.
    """
    if parent.annotation is None:
        return 0
    return _hash("annotation", parent.project, parent.task, parent.annotation, group)


def stamp_of(updated_at: str) -> int | None:
    """Return the microseconds since 1970 of a date in ISO 8601, UTC where it has no zone."""
    try:
        found = datetime.fromisoformat(updated_at)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return round(found.timestamp() * 1_000_000)


def group_shown(record: Record, parent: Provenance, keys: Sequence[str]) -> str:
    """Return the group of the prompt as it was shown, before an annotator edited it."""
    shown = list(keys)
    asked = [place for place, turn in enumerate(record.context) if turn.role == "user"]
    if parent.grown_from and asked:
        shown[asked[0]] = prompt_key(parent.grown_from)
    return keyed_group_id(record.context, shown)


def _claims(example: Record) -> Iterable[tuple[int, int]]:
    """Yield (text, side) of an example; two answers that read the same say nothing."""
    if isinstance(example, Comparison):
        chosen, lost = (answer_print(candidate.turns) for candidate in example.candidates)
        if chosen != lost:
            yield chosen, CHOSEN
            yield lost, LOST
    elif not isinstance(example, Judgement):
        yield answer_print(example.response), TAUGHT
    elif example.good is not None:
        yield answer_print(example.response), TAUGHT if example.good else REJECTED


def _ranked(record: Comparison) -> Iterable[tuple[int, int]]:
    """Yield (text, side) of a comparison that gave no example: a tie, or weaker than wanted."""
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
    return answer_print(candidate.turns)


def _hash(*parts: object) -> int:
    return xxhash.xxh3_64_intdigest("\x1f".join(map(str, parts)).encode("utf-8", "replace"))
