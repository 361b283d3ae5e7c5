"""How pure prototypes are on sets with classes, beside k-means, and what a reader says of 100.

    python benchmarks/prototypes.py --rows DATA

DATA holds `dolly_3k_category` and `belle_eval_zh_class` (`.jsonl.gz`). Purity: the share of rows
whose class is the commonest of their prototype or cluster. k-means sees the same vectors and makes
as many clusters; both are scored on each half, by hash. `prototype_readings.csv` holds a verdict
(right, arguable, wrong) on 100 drawn assignments, without their texts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from behaviours import rows_of

from goldleaf.curation.meaning.cognitive_modes import command
from goldleaf.curation.meaning.embedder import embedder
from goldleaf.curation.meaning.prototype_assignment import assign, prototypes

READINGS = Path(__file__).with_name("prototype_readings.csv")
DRAWS = 3


def purity(groups: Iterable[Any], classes: Iterable[Any]) -> float:
    """Return the share of rows of their group's commonest class."""
    found: dict[Any, Counter[Any]] = defaultdict(Counter)
    for group, kind in zip(groups, classes, strict=True):
        found[group][kind] += 1
    return sum(max(each.values()) for each in found.values()) / sum(
        sum(each.values()) for each in found.values()
    )


def main() -> None:
    """Print a table for each set, and the counts of the readings."""
    from sklearn.cluster import KMeans

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    rows = Path(parser.parse_args().rows)
    encoder = embedder([seed for each in prototypes().values() for seed in each.seeds])
    for name in ("dolly", "belle"):
        asked, _, classes = rows_of(rows, name)
        frame = pl.DataFrame({"record": [str(n) for n in range(len(asked))], "prompt": asked})
        assigned = assign(frame)["prototype"]
        vectors = encoder.embed([command(each) for each in asked])
        hashes = [int(hashlib.sha1(each.encode()).hexdigest(), 16) for each in asked]
        first = np.array([each % 2 == 0 for each in hashes])
        for half, part in (("tuned half", first), ("other half", ~first)):
            has = part & assigned.is_not_null().to_numpy()
            ours = purity(assigned.filter(pl.Series(part)).fill_null("none"), classes[part])
            sure = purity(assigned.filter(pl.Series(has)), classes[has])
            means = [
                purity(
                    KMeans(len(prototypes()), random_state=draw).fit_predict(vectors[part]),
                    classes[part],
                )
                for draw in range(DRAWS)
            ]
            print(  # noqa: T201
                f"{name:<6}{half}: assigned {has.sum() / part.sum():.2f}, purity {sure:.3f} "
                f"(none as one group {ours:.3f}); k-means {np.mean(means):.3f}"
            )
    with READINGS.open(encoding="utf-8") as lines:
        print(dict(Counter(row["verdict"] for row in csv.DictReader(lines))))  # noqa: T201


if __name__ == "__main__":
    main()
