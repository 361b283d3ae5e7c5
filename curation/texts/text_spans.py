"""Places in a text that a detector found, and the findings that a screen makes of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import NamedTuple

import polars as pl

from goldleaf.curation.screens.screen import FINDINGS

_FULL_WIDTH = {0xFF01 + place: 0x21 + place for place in range(0x5E) if chr(0x21 + place).isalnum()}
_FULL_WIDTH |= {0xFF0B: 0x2B, 0xFF0D: 0x2D, 0xFF0E: 0x2E, 0xFF20: 0x40, 0xFF3F: 0x5F}


class Span(NamedTuple):
    """What was found: characters `start` to `end` (excluded) of a text, and why.

    `verdict` as the screen calls it; `score` 0 to 1: how surely it is what the verdict says;
    `reason` a few words that do not repeat what was found.
    """

    start: int
    end: int
    verdict: str
    score: float
    reason: str


def half_width(text: str) -> str:
    """Return a text of equal length whose full-width digits, letters and `＠＋－．＿` are ASCII.

    >>> half_width("电话１３９")
    '电话139'
    """
    return text if text.isascii() else text.translate(_FULL_WIDTH)


def without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """Return spans in the order of a text, of overlapping ones the one that was given first."""
    kept: list[Span] = []
    for span in spans:
        place = bisect_left(kept, span)
        before = place == 0 or kept[place - 1].end <= span.start
        if before and (place == len(kept) or span.end <= kept[place].start):
            kept.insert(place, span)
    return kept


def with_any(texts: pl.DataFrame, patterns: Iterable[str]) -> pl.DataFrame:
    """Return the texts (`TEXTS`) in which one of some patterns (Rust's syntax) is found."""
    text = pl.col("text")
    return texts.filter(pl.any_horizontal(text.str.contains(pattern) for pattern in patterns))


def span_findings(texts: pl.DataFrame, find: Callable[[str], Iterable[Span]]) -> pl.DataFrame:
    """Return the findings of a function on each of some texts (`TEXTS`, already filtered)."""
    rows = [
        (row, span.verdict, span.reason, field, span.start, span.end, None, span.score)
        for row, field, text in texts.select("row", "field", "text").iter_rows()
        for span in find(text)
    ]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")
