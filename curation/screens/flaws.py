"""Flawed answers: empty, cut off, in another language, repeated, garbled, broken code or data.

Each record's answer is read with the question before it. Whether an answer belongs to its question
is not seen in one row: `goldleaf.curation.answer_checks.relevance` ranks a whole set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from goldleaf.curation.answer_checks.flaw_candidates import rules_of, with_rules
from goldleaf.curation.answer_checks.flaw_rules import AnswerFlaw, answer_flaws
from goldleaf.curation.screens.screen import FINDINGS

NAME = "flaw"
VERSION = "7"


def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """Return the findings (`FINDINGS`) of a batch (`RECORDS`, `TEXTS`); scores as in `SURE`.

    A record that teaches nothing (a comparison or a judgement whose answers are all bad) is passed
    over; of a prompt that nobody has answered yet, only the question is read.
    """
    flaws = [
        (row, question if flaw.in_question else answer, flaw)
        for row, question, answer, structured, rules in with_rules(records).iter_rows()
        for flaw in answer_flaws(answer, question, structured, rules_of(rules))
        if answer or flaw.in_question
    ]
    places = _places(texts.filter(pl.col("row").is_in({row for row, _, _ in flaws})))
    found = [
        _finding(row, flaw, places.get(row, {}).get((flaw.in_question, text)))
        for row, text, flaw in flaws
    ]
    return pl.DataFrame(found, schema=FINDINGS, orient="row")


def _finding(row: int, flaw: AnswerFlaw, field: str | None) -> tuple[Any, ...]:
    """Return a finding; its place only where the text that was read is one text of the record."""
    place = (field, flaw.start, flaw.end) if field else (None, None, None)
    return (row, flaw.verdict, flaw.reason, *place, None, flaw.score)


def _places(texts: pl.DataFrame) -> dict[int, dict[tuple[bool, str], str]]:
    """Return for each row which field holds which text: (whether it was asked, text) to field.

    Of equal texts the last one counts.
    """
    places: dict[int, dict[tuple[bool, str], str]] = {}
    for row, field, text in _spoken(texts):
        fields = places.setdefault(row, {})
        key = (field.startswith("context"), text)
        fields[key] = max(fields.get(key, ""), field, key=lambda each: (len(each), each))
    return places


def _spoken(texts: pl.DataFrame) -> Iterator[tuple[int, str, str]]:
    content = pl.col("field").str.ends_with(".content")
    yield from texts.filter(content).select("row", "field", "text").iter_rows()
