"""Which answer a record teaches."""

from __future__ import annotations

from collections.abc import Sequence

from goldleaf.core.records import Comparison, Demonstration, Record, Turn


def taught_answer(record: Record) -> Sequence[Turn]:
    """Return the answer that a record teaches, or nothing.

    A demonstration's, a judgement's if it is called good, the one best of a comparison unless it is
    not acceptable.
    """
    match record:
        case Demonstration():
            return record.response
        case Comparison():
            ranks = [each.rank for each in record.candidates if each.rank is not None]
            best = [each for each in record.candidates if ranks and each.rank == min(ranks)]
            return best[0].turns if len(best) == 1 and best[0].acceptable is not False else ()
        case _:
            return record.response if record.good else ()
