"""Records with their reasoning, without it, or both: rows to think by and rows to answer at once.

A twin without reasoning is an example of its own with the same prompt: its `group_id`, and so its
side of the split, are those of the row that it is a twin of. Shares count rows, so it adds a row to
each share, as a repeat would; where distinct examples are counted it is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldleaf.core.records import Comparison, Demonstration, Record, Turn
from goldleaf.recipes.sections import Thinking

CHAIN = "reasoning_chain"
"""The behaviour that reasoning apart from the answer shows."""


def by_thinking(record: Record, thinking: Thinking) -> Sequence[Record]:
    """Return a record as `texts.thinking` of a recipe asks: as it is, without reasoning, or both.

    Without reasoning it does not teach `reasoning_chain`. Twins are made of demonstrations alone:
    pairs and verdicts are about answers as they were judged, and keep their reasoning under `both`.
    A record without reasoning is returned as it is.
    """
    if thinking == "keep":
        return (record,)
    bare = without_reasoning(record)
    if bare is record:
        return (record,)
    if thinking == "drop":
        return (bare,)
    return (record, bare) if isinstance(record, Demonstration) else (record,)


def without_reasoning(record: Record) -> Record:
    """Return a record without the reasoning of its turns; the same object where there is none."""
    context = _bare(record.context)
    if isinstance(record, Comparison):
        candidates = tuple(replace(each, turns=_bare(each.turns)) for each in record.candidates)
        bare: Record = replace(record, context=context, candidates=candidates)
    else:
        bare = replace(record, context=context, response=_bare(record.response))
    if bare == record:
        return record
    left = tuple(name for name in record.tags.behaviours if name != CHAIN)
    return replace(bare, tags=replace(record.tags, behaviours=left))


def _bare(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    if not any([turn.reasoning for turn in turns]):
        return turns
    return tuple(replace(turn, reasoning="") if turn.reasoning else turn for turn in turns)
