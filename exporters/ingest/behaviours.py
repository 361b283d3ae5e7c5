"""Which behaviours an example shows: those it was tagged with, and those that are detected.

Built-in ones are bits of one column. Structure is looked at again here, because an annotator may
have changed what was imported, and because a conversation may have become several examples. A
recipe's own each have a column of truth values, `behaviour <name>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.core.records import BEHAVIOURS, Comparison, Record, Turn
from goldleaf.exporters.ingest.spilled_table import SpilledTable, SpilledTableWriter
from goldleaf.sources.structural_tags import structural_behaviours

if TYPE_CHECKING:
    from goldleaf.recipes.own_behaviour import OwnBehaviour

_BITS = {name: 1 << place for place, name in enumerate(BEHAVIOURS)}

OWN = "behaviour "
"""Prefix of the column of a recipe's own behaviour."""

BATCH = 1_024
BATCH_CHARS = 4_000_000
"""Examples and characters that wait, at most, for their patterns to be looked for together."""


@cache
def mask(names: tuple[str, ...]) -> int:
    """Return the bit mask of built-in behaviours (as in `rules.rule`); other names are ignored."""
    bits = 0
    for name in names:
        bits |= _BITS.get(name, 0)
    return bits


def shown(example: Record) -> int:
    """Return the built-in behaviours that an example shows, tagged or detected, as a bit mask."""
    return mask(example.tags.behaviours) | mask(structural_behaviours(example))


def shows_any(names: Sequence[str]) -> pl.Expr:
    """Return an expression: whether an example shows any of these behaviours, built-in or own."""
    own = [pl.col(f"{OWN}{name}") for name in names if name not in _BITS]
    built_in = (pl.col("behaviours") & mask(tuple(names))) > 0
    return pl.any_horizontal(built_in, *own) if own else built_in


def behaviours_in(frame: pl.DataFrame) -> list[str]:
    """Return the names of all behaviours in a frame of examples: built-in, then the recipe's."""
    return [*BEHAVIOURS, *(column.removeprefix(OWN) for column in own_columns(frame))]


def own_columns(frame: pl.DataFrame) -> list[str]:
    """Return the columns of a frame that hold a recipe's own behaviours."""
    return [column for column in frame.columns if column.startswith(OWN)]


def names_shown(frame: pl.DataFrame) -> pl.Expr:
    """Return an expression for `frame`: the names of the behaviours that an example shows."""
    each = [pl.when(shows_any((name,))).then(pl.lit(name)) for name in behaviours_in(frame)]
    return pl.concat_list(each).list.drop_nulls()


class OwnBehaviours:
    """Builds the columns of a recipe's own behaviours, example by example.

    Patterns are looked for in batches: a call of Polars for each example would cost more than the
    search itself.
    """

    def __init__(self, wanted: Mapping[str, OwnBehaviour]) -> None:
        self._wanted = dict(wanted)
        self._waiting: list[tuple[tuple[str, ...], str, str]] = []
        self._chars = 0
        self._done: dict[str, list[pl.Series]] = {name: [] for name in wanted}

    def add(self, example: Record) -> None:
        """Add the next example, to be looked at for the recipe's own behaviours."""
        if not self._wanted:
            return
        prompt, answer = _text(example.context), _text(_answer(example))
        self._waiting.append((example.tags.behaviours, prompt, answer))
        self._chars += len(prompt) + len(answer)
        if len(self._waiting) >= BATCH or self._chars >= BATCH_CHARS:
            self._flush()

    def columns(self) -> list[pl.Series]:
        """Return one column of truth values for each behaviour, in the order of the examples."""
        self._flush()
        return [pl.concat(parts).alias(f"{OWN}{name}") for name, parts in self._done.items()]

    def added_to(self, examples: SpilledTable, file: Path) -> SpilledTable:
        """Return the table of the examples with a column of truth values for each behaviour.

        Args:
            examples: those that were added, in their order.
            file: where it is written; not used without behaviours of the recipe's own.
        """
        if not self._wanted:
            return examples
        columns = self.columns()
        schema = {**examples.schema, **{column.name: pl.Boolean for column in columns}}
        written, at = SpilledTableWriter(schema, file), 0
        for frame in examples.frames():
            written.write(frame.with_columns(c.slice(at, frame.height) for c in columns))
            at += frame.height
        return written.table()

    def _flush(self) -> None:
        tags, prompts, answers = zip(*self._waiting, strict=True) if self._waiting else ((), (), ())
        texts = pl.DataFrame(
            {"prompt": prompts, "answer": answers},
            schema={"prompt": pl.String, "answer": pl.String},
        )
        for name, own in self._wanted.items():
            found = texts.select(_detected(own)).to_series()
            if (tag := own.tag_of(name)) is not None:
                found &= pl.Series([tag in each for each in tags], dtype=pl.Boolean)
            self._done[name].append(found)
        self._waiting, self._chars = [], 0


def _detected(own: OwnBehaviour) -> pl.Expr:
    """Return an expression: whether the texts of an example match the behaviour's conditions."""
    met = [pl.repeat(True, pl.len())]
    if own.pattern is not None:
        sides = ("prompt", "answer") if own.where == "both" else (own.where,)
        met.append(pl.any_horizontal(pl.col(side).str.contains(own.pattern) for side in sides))
    if own.min_chars is not None:
        met.append(pl.col("answer").str.len_chars() >= own.min_chars)
    return pl.all_horizontal(met)


def _answer(example: Record) -> Sequence[Turn]:
    """Return the answer that an example teaches: of a pair the better one."""
    if isinstance(example, Comparison):
        return example.candidates[0].turns if example.candidates else ()
    return example.response


def _text(turns: Sequence[Turn]) -> str:
    return "\n".join(turn.content for turn in turns)
