"""Where examples are among those that are kept."""

from __future__ import annotations

import polars as pl


def places_in(kept: pl.DataFrame, rows: pl.DataFrame) -> pl.Series:
    """Return the place in `kept` of the example that each row shows, null where it is not there.

    Both have arrival and place, and `kept` is sorted by them: a join would hash all of it.
    """
    key = (pl.col("arrival").cast(pl.UInt64) * 2**16 + pl.col("place")).alias("key")
    known, wanted = kept.select(key)["key"], rows.select(key)["key"]
    found = known.search_sorted(wanted)
    return found.set(known.gather(found, null_on_oob=True).ne_missing(wanted), None)
