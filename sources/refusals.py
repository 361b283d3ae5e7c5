"""Which imported answers refuse, so that a recipe can count them (S12).

The detector of `goldleaf.curation` reads the answer that a record teaches: a demonstration's, a
judgement's if it is called good, the best of a comparison. Only a full refusal is tagged (of those,
97 in 100 are confirmed by people), and only where nobody said what the record is already. A refusal
of a prompt whose words of risk all stand in harmless company ("kill a process") is over-refusal:
oversampling it would teach the fault, so it gets no tag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldleaf.core.records import Comparison, Demonstration, Record, Turn
from goldleaf.curation.refusal import refuses
from goldleaf.curation.risk import risks

SETTLED = ("refusal", "safe_completion", "benign_twin")
"""Behaviours that say already how a record stands to refusing."""


def with_refusal(record: Record) -> Record:
    """Return the record tagged `refusal` if what it teaches refuses fully."""
    tags = record.tags
    if tags.right_behaviour or not {*SETTLED}.isdisjoint(tags.behaviours):
        return record
    taught = _taught(record)
    if not taught or not refuses(taught[-1].content) or _harmless(record):
        return record
    return replace(record, tags=replace(tags, behaviours=(*tags.behaviours, "refusal")))


def _taught(record: Record) -> Sequence[Turn]:
    """Return the answer that the record teaches, or nothing."""
    match record:
        case Demonstration():
            return record.response
        case Comparison():
            ranks = [each.rank for each in record.candidates if each.rank is not None]
            best = [each for each in record.candidates if ranks and each.rank == min(ranks)]
            return best[0].turns if len(best) == 1 and best[0].acceptable is not False else ()
        case _:
            return record.response if record.good else ()


def _harmless(record: Record) -> bool:
    """Tell whether the question has words of risk and all of them are known to be harmless."""
    asked = next((t.content for t in reversed(record.context) if t.role == "user"), "")
    found = risks(asked)
    return bool(found) and all(each.look_alike for each in found)
