"""Near duplicates: records whose prompt and answer nearly are those of a record that stays (S3).

Only records of one kind are compared: an answer and a verdict on it, or a pair and its better
answer, are different things to learn. Two comparisons are near duplicates only where each answer of
the one has a near counterpart at the same place of the other's order, and not where the orders
contradict each other: most pairs of a set share the answer of one model.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from goldleaf.curation.near_duplicates.compared_answers import alike_in_each_answer
from goldleaf.curation.near_duplicates.leader_rule import duplicate_verdicts
from goldleaf.curation.near_duplicates.near_duplicates import (
    VERDICTS,
    compare_rows,
    near_duplicates,
)
from goldleaf.curation.near_duplicates.ranked_answers import joined_answers, ordered_columns
from goldleaf.curation.near_duplicates.text_differences import Differences, other_numbers
from goldleaf.curation.near_duplicates.text_table import TextTable
from goldleaf.curation.parquet_files import write_frame
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "near_duplicates"
SCREENS = ("near_duplicate", "same_prompt")
_KIND = pl.concat_str("kind", (pl.col("answer") == "").cast(pl.String), separator="-")
_COMPARISON = "comparison-"
_PLAIN = "demonstration-"
_ANSWERED = f"{_PLAIN}false"
"""Kinds of demonstrations, and of those with an answer."""


def run(inputs: SetInputs) -> SetFindings:
    """Return which records nearly repeat another one, or ask nearly the same."""
    found = [pl.DataFrame(schema=VERDICTS)]
    kinds = _kinds(inputs)
    for kind in kinds:
        parts, folder = _compared(inputs, kind, kinds)
        if kind.startswith(_COMPARISON):
            compared = compare_rows(parts, folder, inputs.engine)
            alike = alike_in_each_answer(compared, inputs.batches.parts, folder, inputs.engine)
            found.append(duplicate_verdicts(alike.rows, alike.alike))
        else:
            found.append(near_duplicates(parts, folder, inputs.engine))
    kept = _of_one_question(_of_one_language(pl.concat(found), inputs), inputs)
    same_prompt = pl.col("verdict") == "same_prompt"
    screen = pl.when(same_prompt).then(pl.lit("same_prompt")).otherwise(pl.lit("near_duplicate"))
    return SetFindings(
        findings=kept.with_columns(
            screen=screen,
            verdict=pl.when(same_prompt).then(pl.lit("other_answer")).otherwise("verdict"),
        )
    )


def _of_one_language(found: pl.DataFrame, inputs: SetInputs) -> pl.DataFrame:
    """Return the verdicts without those on two languages: code or sums may be alike in both."""
    spoken = inputs.batches.read("record", "language")
    both = found.join(spoken, on="record", how="left").join(
        spoken.rename({"record": "of", "language": "other"}), on="of", how="left"
    )
    differ = (pl.col("language") != "") & (pl.col("other") != "")
    differ &= pl.col("language") != pl.col("other")
    return both.filter(~differ.fill_null(False)).select(found.columns)


def _of_one_question(found: pl.DataFrame, inputs: SetInputs) -> pl.DataFrame:
    """Return the verdicts without refusals of different questions.

    Refusals are alike by nature, so that of two which decline other things in one wording only the
    questions tell whether they are one row.
    """
    pairs = found.filter(pl.col("verdict") == "duplicate").select("record", "of")
    ids = pl.concat([pairs["record"], pairs["of"]]).unique()
    rows = pl.scan_parquet(inputs.batches.paths, glob=False).select("record", "prompt", "refuses")
    read = rows.filter(pl.col("record").is_in(ids.implode())).collect()
    texts = {record: (prompt, refuses) for record, prompt, refuses in read.iter_rows()}
    refusing = [
        (record, of) for record, of in pairs.iter_rows() if texts[record][1] or texts[of][1]
    ]
    same = _ask_the_same([(texts[record][0], texts[of][0]) for record, of in refusing])
    apart = [pair for pair, is_same in zip(refusing, same, strict=True) if not is_same]
    gone = pl.DataFrame(apart, schema={"record": pl.String, "of": pl.String}, orient="row")
    named = gone.with_columns(verdict=pl.lit("duplicate"))
    return found.join(named, on=["record", "of", "verdict"], how="anti", maintain_order="left")


def _ask_the_same(pairs: list[tuple[str, str]]) -> list[bool]:
    """Return of which pairs of prompts nothing differs but what a reader overlooks."""
    if not pairs:
        return []
    places = {text: place for place, text in enumerate(dict.fromkeys(t for p in pairs for t in p))}
    table = TextTable(list(places))
    one, other = (np.array([places[pair[side]] for pair in pairs]) for side in (0, 1))
    same = Differences(table, one, other).overlooked & ~other_numbers(table, one, other)
    return (same | (table.forms[one] == table.forms[other])).tolist()


def whole_set(inputs: SetInputs) -> tuple[list[Path], Path] | None:
    """Return files and work folder of a comparison that all records take part in, if there is one.

    There is if all are of one kind: what other screens ask of them is then computed already.
    """
    kinds = _kinds(inputs)
    for kind in kinds:
        if len(kinds) == 1 or _is_whole(kind, kinds):
            return _compared(inputs, kind, kinds)
    return None


def _kinds(inputs: SetInputs) -> list[str]:
    parts = pl.scan_parquet(inputs.batches.paths, glob=False)
    return parts.select(_KIND.unique().sort()).collect().to_series().to_list()


def _is_whole(kind: str, kinds: Sequence[str]) -> bool:
    """Return whether the records of a kind are compared as they are, with all others of the set."""
    return kind == _ANSWERED and all(each.startswith(_PLAIN) for each in kinds)


def _compared(inputs: SetInputs, kind: str, kinds: Sequence[str]) -> tuple[list[Path], Path]:
    """Return files with the records of one kind, each with all its answers, and a work folder."""
    folder = inputs.work / NAME / kind
    if _is_whole(kind, kinds):
        return list(inputs.batches.parts), folder
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    for path in inputs.batches.parts:
        rows = pl.read_parquet(path, glob=False).filter(kind == _KIND)
        if rows.height:
            ordered = rows.select(ordered_columns(rows.columns))
            part = folder / path.name
            write_frame(part, rows.with_columns(joined_answers(ordered)))
            parts.append(part)
    return parts, folder
