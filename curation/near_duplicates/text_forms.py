"""Normal forms of rows as hashes: which rows are the same but for case, spaces and punctuation.

Rows with a structured answer are the same only with the very same answer, spaces aside: an argument
or a value is what they teach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.near_duplicates.folded_texts import FoldedTexts

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
    folded: FoldedTexts,
    marks: np.ndarray[Any, np.dtype[np.uint32]],
    counts: np.ndarray[Any, np.dtype[np.int64]],
    structured: np.ndarray[Any, np.dtype[np.bool_]],
    tools: Sequence[str],
) -> tuple[list[bytes], list[int]]:
    """Return the hash of the contents of rows, and of their prompts.

    Args:
        texts: prompt and answer of each row in turn.
        folded: `goldleaf.curation.near_duplicates.folded_texts.fold_with_symbols` of them.
        marks: likewise.
        counts: likewise.
        structured: of each row, whether a program reads its answer.
        tools: of each row, what it declares, or an empty text.
    """
    from xxhash import xxh3_64_intdigest, xxh3_128_digest

    places = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(counts * 4, out=places[1:])
    starts, ends, marks_of = folded.starts * 4, folded.ends * 4, places.tolist()
    characters, marked = folded.characters.view(np.uint8).data, marks.view(np.uint8).data

    def text_form(text: int) -> tuple[memoryview | bytes, memoryview | bytes]:
        if starts[text] == ends[text]:
            return _without_spaces(texts[text]), b""
        own = characters[int(starts[text]) : int(ends[text])]
        return own, marked[marks_of[text] : marks_of[text + 1]]

    def prompt_hash(own: memoryview | bytes, symbols: memoryview | bytes) -> int:
        seed = xxh3_64_intdigest(symbols) if len(symbols) else 0
        return (xxh3_64_intdigest(own, seed) >> 1) or 1

    # The texts of a row are next to each other, with a bound between: one slice, and no copy.
    empty = starts == ends
    alone = structured | empty[::2] | empty[1::2]
    rows: Any = zip(alone.tolist(), starts[::2].tolist(), ends[1::2].tolist(), strict=True)
    prompt_ends: Any = ends[::2].tolist()
    contents: list[bytes] = []
    asked: list[int] = []
    for row, (slow, start, end) in enumerate(rows):
        first, second, last = marks_of[2 * row : 2 * row + 3]
        if slow:
            asked_form, said_form = text_form(2 * row), text_form(2 * row + 1)
            said = (b"\1", _without_spaces(texts[2 * row + 1])) if structured[row] else said_form
            declared = _without_spaces(tools[row]) if tools[row] else b""
            parts = (*asked_form, declared, *said)
            sizes = b"".join(len(part).to_bytes(8, "little") for part in parts)
            contents.append(xxh3_128_digest(b"".join((sizes, *parts))))
            own, first_marks = asked_form
            asked.append(prompt_hash(own, first_marks) if len(own) else 0)
            continue
        digest = xxh3_128_digest(characters[start:end])
        if first != last:
            size = (second - first).to_bytes(8, "little")
            own_marks = (digest, size, marked[first:last])
            digest = xxh3_128_digest(b"".join(own_marks))
        contents.append(digest)
        own = characters[start : prompt_ends[row]]
        if first != second:
            asked.append(prompt_hash(own, marked[first:second]))
        else:
            asked.append((xxh3_64_intdigest(own) >> 1) or 1)
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
