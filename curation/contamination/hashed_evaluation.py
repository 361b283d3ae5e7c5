"""An evaluation set as hashes of runs of its words: it can be looked for, and hardly be read.

Where a licence does not allow passing on the prompts, their hashes still tell whether a training
row holds one. Of each prompt at most `MOST` hashes are kept, of runs of five words; what is short
or can be guessed can be found again from them, so this hides no secret.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import polars as pl

from goldleaf.curation.contamination.contamination import CONTAMINATION
from goldleaf.curation.contamination.ngram_index import NgramIndex, TokenHashes, run_keys, tokens

HASHED: Final = {"of": pl.String, "runs": pl.UInt32, "keys": pl.List(pl.UInt64)}
"""One row an evaluation prompt: the name of its set and its row, how many runs it has, and the keys
of some of them (`goldleaf.curation.contamination.ngram_index.run_keys`)."""
MOST: Final = 16
"""Keys kept of a prompt: those with the least hashes."""
CONTAINED: Final = 0.8
"""Share of the kept keys that a text must have to hold the prompt."""
SIMILAR: Final = 0.4
"""The same for `similar`: with 16 keys six or seven, which no other prompt has by chance."""
FEWEST: Final = 4
"""Runs below which a prompt is too short to be told by some of them: then all must be there."""


def hashed(name: str, prompts: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """Return the hashed form (`HASHED`) of an evaluation set.

    Args:
        name: of the set; `of` becomes "name:row".
        prompts: (row, text) of each prompt. Texts without words are left out.
    """
    import numpy as np

    hashes = TokenHashes()
    rows: list[tuple[str, int, list[int]]] = []
    for row, text in prompts:
        keys = np.unique(run_keys(hashes.of(tokens(text)))).tolist()
        if keys:
            rows.append((f"{name}:{row}", len(keys), keys[:MOST]))
    return pl.DataFrame(rows, schema=HASHED, orient="row").sort("of")


def hashed_contamination(records: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return which prompts hold an evaluation prompt of which only hashes are known.

    Args:
        records: columns `record` and `prompt` of `RECORDS`.
        known: `HASHED`, of one set or of several.

    Returns:
        `CONTAMINATION`; `score` is the share of kept keys that the prompt has.
    """
    import numpy as np

    known = known.sort("of")
    of, runs = known["of"].to_list(), known["runs"].to_list()
    index = NgramIndex(np.array(keys, dtype=np.uint64) for keys in known["keys"].to_list())
    hashes = TokenHashes()
    rows: list[tuple[str, str, str, float, str]] = []
    for record, prompt in records.select("record", "prompt").iter_rows():
        keys = np.unique(run_keys(hashes.of(tokens(prompt or ""))))
        counts = Counter(hit.known for hit in index.hits(keys))
        shares = {
            each: count / int(index.sizes[each])
            for each, count in counts.items()
            if runs[each] >= FEWEST or count == runs[each] == len(keys)
        }
        best = max(shares, key=lambda each: (shares[each], -each), default=None)
        if best is not None and shares[best] >= SIMILAR:
            share = shares[best]
            verdict = "contained" if share >= CONTAINED else "similar"
            reason = f"{counts[best]} of {index.sizes[best]} kept runs of words"
            rows.append((record, verdict, of[best], round(share, 3), reason))
    return pl.DataFrame(rows, schema=CONTAMINATION, orient="row")
