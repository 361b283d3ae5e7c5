"""Normal forms of rows as hashes: which rows are the same but for case, spaces and punctuation.

Rows with a structured answer are the same only with the very same answer, spaces aside: an argument
or a value is what they teach.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from goldleaf.curation.engines.engine import PARTITION
from goldleaf.curation.folded_texts import code_points, fold_points, symbols
from goldleaf.curation.record_parts import batches, keys_of, partition_of, read_parts

FORMS = {
    PARTITION: pl.Int32,
    "key": pl.Int64,
    "record": pl.String,
    "preference": pl.Float64,
    "structured": pl.Boolean,
    "content": pl.Binary,
    "prompt": pl.Int64,
}
"""`key`: of the record; `content`: hash of prompt and answer as compared; `prompt`: hash of the
prompt, 0 for an empty one; `p`: of the content."""
LEADERS = {
    "key": pl.Int64,
    "record": pl.String,
    "preference": pl.Float64,
    "structured": pl.Boolean,
    "prompt": pl.Int64,
    "leader": pl.Int64,
}
"""`leader`: key of the record that is preferred among those of the same content."""
FORMS_VERSION = "1"


def forms(paths: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return the forms (`FORMS`) of the rows of files."""
    rows = read_parts(paths)
    prompts, answers = rows["prompt"].to_list(), rows["answer"].to_list()
    structured = rows["structured"].to_list()
    sizes = (rows["prompt"].str.len_bytes() + rows["answer"].str.len_bytes()).to_numpy()
    content: list[bytes] = []
    asked: list[int] = []
    for batch in batches(sizes):
        contents, hashes = _hashes(prompts[batch], answers[batch], structured[batch])
        content.extend(contents)
        asked.extend(hashes)
    first = np.fromiter((each[0] for each in content), np.int64, len(content))
    return rows.select(
        pl.Series(PARTITION, partition_of(first), pl.Int32),
        pl.Series("key", keys_of(rows["record"]), pl.Int64),
        "record",
        pl.col("preference").fill_nan(None).fill_null(-np.inf),
        "structured",
        pl.Series("content", content, pl.Binary),
        pl.Series("prompt", asked, pl.Int64),
    )


def _hashes(
    prompts: Sequence[str], answers: Sequence[str], structured: Sequence[bool]
) -> tuple[list[bytes], list[int]]:
    """Return the hash of the contents of rows, and of their prompts."""
    from xxhash import xxh3_64_intdigest, xxh3_128_digest

    points, bounds = code_points([t for row in zip(prompts, answers, strict=True) for t in row])
    folded = fold_points(points, bounds)
    data = memoryview(folded.characters.tobytes())
    starts, ends = (folded.starts * 4).tolist(), (folded.ends * 4).tolist()
    marks, counts = symbols(points, bounds)
    marked = memoryview(marks.tobytes())
    places = np.cumsum(np.r_[0, counts * 4]).tolist()

    def form(place: int, text: str) -> bytes:
        found = bytes(data[starts[place] : ends[place]])
        return found + marked[places[place] : places[place + 1]] if found else _without_spaces(text)

    contents: list[bytes] = []
    asked: list[int] = []
    for row, exact in enumerate(structured):
        prompt = form(2 * row, prompts[row])
        answer = b"\1" + _without_spaces(answers[row]) if exact else form(2 * row + 1, answers[row])
        contents.append(xxh3_128_digest(len(prompt).to_bytes(8, "little") + prompt + answer))
        asked.append(xxh3_64_intdigest(prompt) >> 1 if prompt else 0)
    return contents, asked


def _without_spaces(text: str) -> bytes:
    return "".join(text.split()).encode("utf-8", "surrogatepass")


def leaders(rows: pl.DataFrame) -> pl.DataFrame:
    """Kernel: return each row (`FORMS`) with the preferred one of the same content (`LEADERS`)."""
    ordered = rows.sort("preference", "record", descending=[True, False])
    ordered = ordered.unique(["key", "content"], keep="first", maintain_order=True)
    leader = pl.col("key").first().over("content").alias("leader")
    return ordered.with_columns(leader).select(list(LEADERS)).sort("record")
