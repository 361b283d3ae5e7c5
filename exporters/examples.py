"""Examples out of a record: what one row teaches.

A comparison gives pairs, by policy; a judgement and most demonstrations give themselves. A
demonstration becomes one example for every answer to learn, with all before it as context, where
some answers are not to be learned, because few trainers mask single turns of a conversation from a
plain file, and where earlier answers have reasoning, because templates take it away
(`goldleaf.formats.trained_turns`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

from goldleaf.core.records import Comparison, Demonstration, Judgement, Record
from goldleaf.exporters.pairs import pairs_of
from goldleaf.exporters.recipe import Recipe
from goldleaf.formats.trained_turns import per_turn

Use: TypeAlias = Literal["sft", "dpo", "kto"]
USES: dict[type[Record], Use] = {Demonstration: "sft", Comparison: "dpo", Judgement: "kto"}
"""What an example of each type of record is for."""


def examples_of(record: Record, recipe: Recipe) -> tuple[Sequence[Record], Counter[str]]:
    """Return the examples of a record and, by reason, how often there is none.

    They come in the same order for the same record.

    Reasons: what `pairs_of` gives, `no_verdict`, `nothing_to_learn`.
    """
    match record:
        case Comparison():
            return pairs_of(record, recipe.pairs)
        case Judgement():
            said = record.good is not None
            return ([record], Counter()) if said else ([], Counter(["no_verdict"]))
        case Demonstration():
            found = per_turn(record)
            return found, Counter() if found else Counter(["nothing_to_learn"])
