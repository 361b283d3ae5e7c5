"""Normal forms of rows as hashes: which rows are the same but for case, spaces and punctuation.

Rows with a structured answer are the same only with the very same answer, spaces aside: an argument
or a value is what they teach.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts, symbols

LEADERS = {
    "key": pl.Int64,
    "record": pl.String,
    "preference": pl.Float64,
    "prompt": pl.Int64,
    "leader": pl.Int64,
}
"""`key`: of the record; `prompt`: hash of the prompt, 0 for an empty one; `leader`: key of the
record that is preferred among those of the same content."""
SIGNATURES = {"row_signature": pl.Binary, "prompt_signature": pl.Binary}
"""MinHash values, 16-bit numbers; empty of a row that is not compared."""
LED = {**LEADERS, **SIGNATURES}
FORMS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "record": pl.String,
    "preference": pl.Float64,
    "content": pl.Binary,
    "prompt": pl.Int64,
    **SIGNATURES,
}
"""`content`: hash of prompt and answer as they are compared; `p`: of the content."""


def content_hashes(
    texts: Sequence[str],
    points: np.ndarray[Any, Any],
    bounds: np.ndarray[Any, Any],
    folded: FoldedTexts,
    structured: Sequence[bool],
    tools: Sequence[str],
) -> tuple[list[bytes], list[int]]:
    """Return the hash of the contents of rows, and of their prompts.

    Args:
        texts: prompt and answer of each row in turn.
        points: `goldleaf.curation.near_duplicates.folded_texts.code_points` of them.
        bounds: likewise.
        folded: `fold_points` of these.
        structured: of each row, whether a program reads its answer.
        tools: of each row, what it declares, or an empty text.
    """
    from xxhash import xxh3_64_intdigest, xxh3_128_digest

    marks, counts = symbols(points, bounds)
    places: list[int] = [0, *np.cumsum(counts * 4).tolist()]
    starts: Any = (folded.starts * 4).tolist()
    ends: Any = (folded.ends * 4).tolist()
    # Slices of these are no copies: answers are long.
    characters, marked = folded.characters.view(np.uint8).data, marks.view(np.uint8).data

    def form(place: int) -> tuple[memoryview | bytes, memoryview | bytes]:
        start, end = starts[place], ends[place]
        if start == end:
            return _without_spaces(texts[place]), b""
        return characters[start:end], marked[places[place] : places[place + 1]]

    contents: list[bytes] = []
    asked: list[int] = []
    sizes = Struct("<QQ").pack
    for row, exact in enumerate(structured):
        place = 2 * row + 1
        prompt = b"".join(form(place - 1))
        declared = _without_spaces(tools[row]) if tools[row] else b""
        answer = (b"\1", _without_spaces(texts[place])) if exact else form(place)
        whole = (sizes(len(prompt), len(declared)), prompt, declared, *answer)
        contents.append(xxh3_128_digest(b"".join(whole)))
        asked.append(xxh3_64_intdigest(prompt) >> 1 if prompt else 0)
    return contents, asked


def _without_spaces(text: str) -> bytes:
    return "".join(text.split()).encode("utf-8", "surrogatepass")


def leaders(rows: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return each row (`FORMS`) with the preferred one of the same content (`LED`).

    Signatures stay with that one alone: the others go, or stay, as it does.
    """
    ordered = rows.sort("preference", "record", descending=[True, False])
    ordered = ordered.unique(["key", "content"], keep="first", maintain_order=True)
    leader = pl.col("key").first().over("content").alias("leader")
    ordered = ordered.with_columns(leader)
    first = pl.col("key") == pl.col("leader")
    kept = [pl.when(first).then(pl.col(each)).otherwise(pl.lit(b"")) for each in SIGNATURES]
    return ordered.with_columns(kept).select(list(LED)).sort("record")
