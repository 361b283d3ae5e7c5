"""Training examples made from a record.

A comparison becomes pairs, by policy, and a demonstration of what an annotator wrote or edited; a
judgement and most demonstrations are examples themselves. A judgement of both the whole answer and
its steps becomes one example of each. A demonstration becomes one example for every
answer to learn, with all before it as context, where some answers are not to be learned, because
few trainers mask single turns of a conversation from a plain file, and where earlier answers have
reasoning, because templates remove it (`goldleaf.formats.loss_mask`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

from goldleaf.core.records import Comparison, Demonstration, Judgement, Record
from goldleaf.exporters.ingest.pairs import OWN, pairs_of
from goldleaf.exporters.ingest.thinking import by_thinking
from goldleaf.formats.loss_mask import per_turn
from goldleaf.recipes.recipe import Recipe
from goldleaf.sources.structural_tags import structural_behaviours

Use: TypeAlias = Literal["sft", "dpo", "kto", "stepwise"]
OF_THE_WHOLE = ("multi_turn", "tool_call", "no_tool")
"""Behaviours of a conversation that each of its turns shows or does not show for itself."""

USES: tuple[Use, ...] = ("sft", "dpo", "kto", "stepwise")


def use_of(example: Record) -> Use:
    """Return the use of an example: `sft`, `dpo`, `kto`; `stepwise` if only steps are judged."""
    match example:
        case Demonstration():
            return "sft"
        case Comparison():
            return "dpo"
        case Judgement():
            return "kto" if example.good is not None or not example.steps else "stepwise"


def examples_of(record: Record, recipe: Recipe) -> tuple[Sequence[Record], Mapping[str, int]]:
    """Return the training examples of a record, and reason -> how many could not be made.

    They come in the same order for the same record; those without reasoning, where the recipe asks
    for twins, come last (`goldleaf.exporters.ingest.thinking`).

    Reasons: those of `pairs_of`, `no_verdict`, `nothing_to_learn`.
    """
    first, *twins = by_thinking(record, recipe.texts.thinking)
    found, reasons = _examples_of(first, recipe)
    for twin in twins:
        found = [*found, *_examples_of(twin, recipe)[0]]
    return found, reasons


def _examples_of(record: Record, recipe: Recipe) -> tuple[Sequence[Record], Mapping[str, int]]:
    match record:
        case Comparison():
            pairs, reasons = pairs_of(record, recipe.pairs)
            return [*pairs, *_own_answers(record, recipe)], reasons
        case Judgement():
            found = judged(record)
            return found, {} if found else {"no_verdict": 1}
        case Demonstration():
            found = _shown_alone(record, per_turn(record))
            return found, {} if found else {"nothing_to_learn": 1}


def _own_answers(record: Comparison, recipe: Recipe) -> list[Demonstration]:
    """Return what an annotator wrote over several answers shown, as demonstrations.

    A kind that shows a single answer makes the demonstration itself.
    """
    if not (recipe.pairs.edits and recipe.pairs.edits_as_sft):
        return []
    if not any(len(parent.order_shown) > 1 for parent in record.parents):
        return []
    best = min((c.rank for c in record.candidates if c.rank is not None), default=None)
    return [
        Demonstration(record.context, own.turns, record.tools, record.tags, record.parents)
        for own in record.candidates
        if own.origin in OWN and own.rank == best and own.acceptable is not False
    ]


def _shown_alone(record: Demonstration, parts: Sequence[Demonstration]) -> Sequence[Demonstration]:
    """Return the parts of a conversation without the behaviours of the conversation as a whole.

    What a part shows itself is found anew (`goldleaf.exporters.ingest.behaviours`): its first turn
    is no dialogue, and a turn before the call calls nothing.
    """
    if len(parts) == 1 and parts[0] is record:
        return parts
    seen = {*structural_behaviours(record), *OF_THE_WHOLE}
    if seen.isdisjoint(record.tags.behaviours):
        return parts
    left = tuple(name for name in record.tags.behaviours if name not in seen)
    tags = replace(record.tags, behaviours=left)
    return [replace(part, tags=tags) for part in parts]


def judged(record: Judgement) -> list[Judgement]:
    """Split a judgement into examples: one of the whole answer, one of its steps.

    One that has a verdict or steps alone is returned as it is; [] for one with neither.
    """
    if record.good is None or not record.steps:
        return [record] if record.good is not None or record.steps else []
    return [replace(record, steps=()), replace(record, good=None)]
