"""The second pass: records to pairs, pairs to rows, rules over the columns, sides by hash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from goldleaf.core.errors import BadRow
from goldleaf.core.identity import group_id, record_id
from goldleaf.core.records import Comparison, Record
from goldleaf.exporters.census import Census, Progress
from goldleaf.exporters.columns import Columns
from goldleaf.exporters.fingerprints import answer_print, luck, prompt_print, shape
from goldleaf.exporters.lengths import estimated_tokens
from goldleaf.exporters.pairs import STRENGTHS, pairs_of
from goldleaf.exporters.recipe import Recipe
from goldleaf.exporters.rules.catalogue import rules
from goldleaf.exporters.split import side
from goldleaf.formats.format import Writer

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Selection:
    """What becomes of every pair.

    `kept`: number, record, pair, side; `rows`: number, format, table, shape, offset, length, tokens
    (of the rows of kept pairs, in the spool of their format); `why`: record, reason, times (what
    kept its pairs out); `facts`: record, fact, value (source, licence, annotator, language);
    `refused`: format -> reason -> pairs that only some formats took.
    """

    kept: pl.DataFrame
    rows: pl.DataFrame
    why: pl.DataFrame
    facts: pl.DataFrame
    refused: dict[str, dict[str, int]]


def row_spool(folder: Path, format: str) -> Path:
    """Return the file where the rows of a format wait."""
    return folder / f"{format}.rows"


def select(
    census: Census, recipe: Recipe, writers: Sequence[Writer], folder: Path, progress: Progress
) -> Selection:
    """Decide about every record of the census."""
    import polars as pl

    taken = _Taken(recipe, writers)
    with ExitStack() as stack:
        files = [stack.enter_context(open(row_spool(folder, w.NAME), "wb")) for w in writers]
        for done, (identity, record) in enumerate(census.records(), 1):
            taken.take(identity, record, files)
            progress("pair", done)
    pairs, rows = taken.pairs.frame(), taken.rows.frame()
    dropped = [taken.why.frame()]
    for rule in rules():
        gone = pairs.filter(pl.col("number").is_in(rule.dropped(pairs, recipe).implode()))
        pairs = pairs.join(gone, on="number", how="anti", maintain_order="left")
        times = pl.lit(1, pl.UInt64).alias("times")
        dropped.append(gone.select("record", pl.lit(rule.REASON).alias("reason"), times))
    groups = pairs["group"].unique()
    sides = {group: side(recipe.seed, group, recipe.split.test) for group in groups}
    fallen = pl.col("group").replace_strict(sides, return_dtype=pl.String)
    kept = pairs.select("number", "record", "pair", side=fallen)
    why = pl.concat(dropped).group_by("record", "reason").agg(pl.col("times").sum())
    return Selection(
        kept,
        rows.join(kept.select("number"), on="number", how="semi"),
        why,
        taken.facts.frame().unique(),
        taken.refused,
    )


class _Taken:
    """Columns filled record by record."""

    def __init__(self, recipe: Recipe, writers: Sequence[Writer]) -> None:
        import polars as pl

        text, number = pl.String, pl.UInt64
        self.recipe = recipe
        self.writers = writers
        self.pairs = Columns(
            {
                **{"number": number, "record": text, "pair": text, "group": text, "prompt": text},
                **{"chosen": text, "rejected": text, "strength": number, "luck": number},
            }
        )
        self.rows = Columns(
            {
                **{"number": number, "format": text, "table": text, "pair": text, "shape": text},
                **{"offset": number, "length": number, "tokens": number},
            }
        )
        self.why = Columns({"record": text, "reason": text, "times": number})
        self.facts = Columns({"record": text, "fact": text, "value": text})
        self.refused: dict[str, dict[str, int]] = {writer.NAME: {} for writer in writers}
        self.number = 0

    def take(self, identity: str, record: Record, files: Sequence[Any]) -> None:
        """Make the pairs and rows of one record."""
        self._note_facts(identity, record)
        if not isinstance(record, Comparison):
            self.why.add(identity, "not_a_comparison", 1)
            return
        pairs, reasons = pairs_of(record, self.recipe.pairs)
        group, prompt = group_id(record), prompt_print(record)
        for pair in pairs:
            refusals = self._write(pair, files)
            if len(refusals) == len(self.writers):
                reasons[refusals[self.writers[0].NAME]] += 1
                continue
            for name, reason in refusals.items():
                self.refused[name][reason] = self.refused[name].get(reason, 0) + 1
            name = record_id(pair)
            chosen, rejected = (answer_print(c.turns) for c in pair.candidates)
            drawn = luck(self.recipe.seed, name)
            strength = STRENGTHS[pair.strength]
            self.pairs.add(
                *(self.number, identity, name, group, prompt, chosen, rejected, strength, drawn)
            )
            self.number += 1
        for reason, times in Counter(reasons).items():
            self.why.add(identity, reason, times)

    def _write(self, pair: Comparison, files: Sequence[Any]) -> dict[str, str]:
        """Spool the row of a pair in every format; return format -> reason of those that refuse."""
        refusals: dict[str, str] = {}
        answers = (estimated_tokens(candidate.turns) for candidate in pair.candidates)
        tokens = estimated_tokens(pair.context) + max(answers)
        for writer, file in zip(self.writers, files, strict=True):
            try:
                row = writer.write(pair)
                line = orjson.dumps(row, option=orjson.OPT_SORT_KEYS) + b"\n"
            except BadRow as error:
                refusals[writer.NAME] = error.reason
            except TypeError:
                refusals[writer.NAME] = "unwritable"
            else:
                name, table = record_id(pair), writer.table(pair)
                place = (file.tell(), len(line), tokens)
                self.rows.add(self.number, writer.NAME, table, name, shape(row), *place)
                file.write(line)
        return refusals

    def _note_facts(self, identity: str, record: Record) -> None:
        if record.tags.language:
            self.facts.add(identity, "language", record.tags.language)
        for parent in record.parents:
            self.facts.add(identity, "source", parent.source or "unstated")
            self.facts.add(identity, "licence", parent.licence or "unstated")
            if parent.annotator:
                self.facts.add(identity, "annotator", parent.annotator.split(":")[0])
