"""Near duplicates: records whose prompt and answer nearly are those of a record that stays (S3).

Only records of one kind are compared: an answer and a verdict on it, or a pair and its better
answer, are different things to learn. Of a comparison all answers count.
"""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from goldleaf.core.files import write_atomically
from goldleaf.curation.near_duplicates.near_duplicates import VERDICTS, near_duplicates
from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs

NAME = "near_duplicates"
SCREENS = ("near_duplicate", "same_prompt")
_KIND = pl.concat_str("kind", (pl.col("answer") == "").cast(pl.String), separator="-")


def run(inputs: SetInputs) -> SetFindings:
    """Return which records nearly repeat another one, or ask nearly the same."""
    found = [pl.DataFrame(schema=VERDICTS)]
    for kind in _kinds(inputs):
        folder = inputs.work / NAME / kind
        found.append(near_duplicates(_parts(inputs, kind, folder), folder))
    same_prompt = pl.col("verdict") == "same_prompt"
    screen = pl.when(same_prompt).then(pl.lit("same_prompt")).otherwise(pl.lit("near_duplicate"))
    return SetFindings(
        findings=_of_one_language(pl.concat(found), inputs).with_columns(
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


def whole_set(inputs: SetInputs) -> tuple[list[Path], Path] | None:
    """Return files and work folder of a comparison that all records take part in, if there is one.

    There is if all are of one kind: what other screens ask of them is then computed already.
    """
    kinds = _kinds(inputs)
    for kind in kinds:
        if len(kinds) == 1 or _is_whole(inputs, kind):
            folder = inputs.work / NAME / kind
            return _parts(inputs, kind, folder), folder
    return None


def _kinds(inputs: SetInputs) -> list[str]:
    found = inputs.batches.read("kind", "answer").select(_KIND.unique().sort())
    return found.to_series().to_list()


def _is_whole(inputs: SetInputs, kind: str) -> bool:
    """Return whether the records of a kind are compared as they are, all together."""
    plain = kind == "demonstration-false"
    return plain and inputs.batches.read("kind").to_series().n_unique() == 1


def _parts(inputs: SetInputs, kind: str, folder: Path) -> list[Path]:
    """Return files with the records of one kind, each with all its answers."""
    if _is_whole(inputs, kind):
        return list(inputs.batches.parts)
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[Path] = []
    for path in inputs.batches.parts:
        rows = pl.read_parquet(path, glob=False).filter(kind == _KIND)
        if rows.height:
            answers = pl.concat_str("answer", "others", separator="\n").str.strip_chars_start("\n")
            part = folder / path.name
            buffer = io.BytesIO()
            rows.with_columns(answer=answers).write_parquet(buffer)
            write_atomically(part, buffer.getvalue())
            parts.append(part)
    return parts
