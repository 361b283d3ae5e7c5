"""How well swapped answers are told from other rows, by how many rows a set has.

    python benchmarks/swapped_by_size.py --rows DATA

Sets of each size are drawn from `SETS` and from all of them mixed, with a fixed seed; one answer in
twenty is that of another row of the set. Printed are the area under the ROC curve (mean of the
sets) and, of the rows from `swapped_answers.SHOWN` on, how many are swapped (precision), with the
share of all swapped rows (recall) and of the others (flagged).
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

from goldleaf.curation.set_screens.swapped_answers import SHOWN

sys.path.insert(0, str(Path(__file__).parent))
from flagged_rows import pair, read, say
from swap_ranking import auc, ranked

SETS = ("alpaca_en_52k", "alpaca_zh", "dolly_3k_category")
SIZES = (60, 120, 250, 500, 1_000, 2_000, 4_000)
ROWS = 6_000
"""Rows ranked of a size and a set; at least two sets, at most thirty."""

Pairs = list[tuple[str, str]]


def drawn(pairs: Pairs, size: int, draw: random.Random) -> tuple[Pairs, list[bool]]:
    """Return rows, one in twenty with the answer of another one, and which these are."""
    rows = draw.sample(pairs, size)
    moved = draw.sample(range(size), max(2, size // 20))
    kept = list(rows)
    for here, there in zip(moved, moved[1:] + moved[:1], strict=True):
        kept[here] = (rows[here][0], rows[there][1])
    bad = set(moved)
    return kept, [number in bad for number in range(size)]


def measure(name: str, pairs: Pairs, size: int) -> None:
    """Print one line."""
    areas: list[float] = []
    scores: list[float] = []
    bad: list[bool] = []
    for number in range(max(2, min(30, ROWS // size))):
        rows, swapped = drawn(pairs, size, random.Random(f"{name} {size} {number}"))
        found = ranked(rows, embed=False)
        areas.append(auc(found, swapped))
        scores += found
        bad += swapped
    right = sum(score >= SHOWN and each for score, each in zip(scores, bad, strict=True))
    shown = sum(score >= SHOWN for score in scores)
    say(
        f"{name:<20} {size:>5} rows, {len(areas):>2} sets: AUC {sum(areas) / len(areas):.3f}; "
        f"precision {right / max(1, shown):.2f}, recall {right / sum(bad):.2f}, "
        f"flagged {(shown - right) / (len(bad) - sum(bad)):.2%}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    folder = parser.parse_args().rows
    if folder is None:
        parser.error("--rows DATA, or the environment variable GOLDLEAF_ROWS")
    sets = {
        name: [each for row in read(folder / f"{name}.jsonl.gz") if (each := pair(row))[1].strip()]
        for name in SETS
    }
    fewest = min(map(len, sets.values()))
    draw = random.Random(1)
    sets["mixed"] = [each for pairs in sets.values() for each in draw.sample(pairs, fewest)]
    for size in SIZES:
        for name, pairs in sets.items():
            if size <= len(pairs):
                measure(name, pairs, size)


if __name__ == "__main__":
    main()
