"""The interface of a screen, the frames that it reads, and the findings that it returns.

A screen looks at records one by one, but gets a batch of them as two data frames, so that it can
pass over clean texts in compiled code and read only the suspicious ones in Python. It is pure: the
same batch gives the same findings, in any order of its rows and beside any other rows. Screens that
compare records with each other (duplicates, templates, contamination) are not of this kind.
"""

from __future__ import annotations

from typing import Protocol

import polars as pl

RECORDS = {
    "row": pl.UInt32,
    "record": pl.String,
    "kind": pl.String,
    "prompt": pl.String,
    "question": pl.String,
    "answer": pl.String,
    "others": pl.String,
    "levels": pl.List(pl.Int32),
    "sizes": pl.List(pl.Int32),
    "tools": pl.String,
    "language": pl.String,
    "source": pl.String,
    "quality": pl.Int8,
    "structured": pl.Boolean,
    "behaviours": pl.List(pl.String),
    "prototype": pl.String,
    "annotated": pl.Boolean,
    "refuses": pl.Boolean,
    "preference": pl.Float64,
}
"""One row a record.

`row`: its number in the batch; `record`: its id; `kind`: `demonstration`, `comparison` or
`judgement`; `prompt`: the contents of all turns of its context, joined by line feeds; `question`:
the user's last turn; `answer`: what the record teaches (of a comparison the best answer, tool calls
as JSON), "" where it teaches nothing; `others`: what it does not teach, the other answers of a
comparison or a bad one, joined by line feeds; `levels`: of a comparison the place of `answer` in
its order, then of each of the others, from 0, the same for answers that tie (without that of
`answer` where no answer is acceptable); `sizes`: the characters of each of the others;
`language`, `source` (`S1`...), `quality`, `behaviours`, `prototype`: its tags; `annotated`: whether
a person annotated it; `structured`: whether it declares or calls tools or answers in a form that a
program reads; `refuses`: whether `answer` refuses fully (`refusal_detector`), which several screens
ask; `preference`: which of two equals to keep, the higher (filled before screens that compare
records).
"""

TEXTS = {"row": pl.UInt32, "field": pl.String, "role": pl.String, "text": pl.String}
"""One row a text of a record, not empty; `field` as `goldleaf.core.record_texts` names it, `role`
`system`, `user`, `assistant` or `tool`."""

FINDINGS = {
    "row": pl.UInt32,
    "verdict": pl.String,
    "reason": pl.String,
    "field": pl.String,
    "start": pl.Int32,
    "end": pl.Int32,
    "of": pl.String,
    "score": pl.Float64,
}
"""One row a finding.

`row`: of the batch; `verdict`: one of the screen's, named in `core/verdicts.toml`; `reason`: a few
words on what was found, never a secret itself; `field`, `start`, `end`: which text, from which
character to which (end excluded), null where it is about the whole record; `of`: the record or the
evaluation row that it is like; `score`: 0 to 1, null where there is none.
"""

SIGNALS = {"record": pl.String, "name": pl.String, "value": pl.Float64}
"""One row a signal of a record (`Tags.signals`)."""


def asked() -> pl.Expr:
    """Return an expression over `RECORDS`: the user's last turn, else all that was asked."""
    return pl.when(pl.col("question") == "").then("prompt").otherwise("question")


class Screen(Protocol):
    """A module of this folder, or of another package (entry point `goldleaf.screens`)."""

    NAME: str
    """As profiles and recipes call it; its verdicts are listed in `core/verdicts.toml`."""

    VERSION: str
    """Another version may find something else; it is part of what a finished stage depends on."""

    def screen(self, records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
        """Return the findings (`FINDINGS`) of a batch (`RECORDS`, `TEXTS`).

        `row` and `verdict` are needed; other columns may be left out.
        """
        ...
