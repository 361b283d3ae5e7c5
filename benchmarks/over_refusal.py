"""How well refusals of harmless prompts are told from those of harmful ones.

    python benchmarks/over_refusal.py --rows DATA
    python benchmarks/over_refusal.py --fit         # rewrites curation/refusals/prompt_harm.json

DATA holds `xstest_completions_dev.jsonl.gz` with `prompt`, `prompt_label` (`safe`, `unsafe`) and
`completion`. Prompts are halved by hash: thresholds and seeds were adjusted on "tuned" only, the
scale of the features without the sentence encoder with a view of both. The last line halves the
prompts in twenty other ways. GOLDLEAF_EMBEDDER=tfidf_svd reads without the sentence encoder.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.meaning.embedder import embedder
from goldleaf.curation.refusals.prompt_features import NAMES
from goldleaf.curation.refusals.prompt_harm import (
    CLEARLY_HARMFUL,
    CLEARLY_HARMLESS,
    HARMLESS_BELOW,
    fitted,
    judge_prompt,
    method,
    seeds,
)
from goldleaf.curation.refusals.refusal_detector import refuses

WEIGHTS = Path(__file__).parent.parent / "curation/refusals/prompt_harm.json"
HALVES = 20
"""Other ways to halve the prompts."""


def fit() -> None:
    """Write the weights of the sentence encoder's columns and of the features."""
    prompts, harmful = zip(*seeds(), strict=True)
    prior = fitted(embedder(prompts), prompts, harmful)
    weights = [round(float(weight), 4) for weight in prior.weights]
    written = {"features": list(NAMES), "intercept": round(prior.intercept, 4), "weights": weights}
    WEIGHTS.write_text(json.dumps(written, separators=(",", ":")) + "\n", encoding="utf-8")


def main() -> None:
    """Print a table: shares that still count as refusals, and what is clearly one or the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        return fit()
    file = Path(given.rows) / "xstest_completions_dev.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    refused = [row for row in rows if refuses(row["completion"])]
    harm = judge_prompt([row["prompt"] for row in refused])
    harmful = np.array([row["prompt_label"] == "unsafe" for row in refused])
    hashes = [hashlib.sha1(row["prompt"].encode()).hexdigest() for row in refused]
    tuned = np.array([int(each, 16) % 2 == 0 for each in hashes])
    out = sys.stdout
    print(f"sentences read with {method()}, {len(refused)} refusals", file=out)
    head = "half      harmless: still counted  harmful: counted  surely harmful  surely harmless"
    print(head, file=out)
    for name, part in (("tuned", tuned), ("other", ~tuned), ("all", tuned | ~tuned)):
        p, label = harm[part], harmful[part]
        counted = p >= HARMLESS_BELOW
        sure, clear = p >= CLEARLY_HARMFUL, p <= CLEARLY_HARMLESS
        print(
            f"{name:<10}{counted[~label].mean():>24.3f}{counted[label].mean():>18.3f}"
            f"{sure.mean():>8.2f} @ {label[sure].mean():.3f}"
            f"{clear.mean():>9.2f} @ {(~label[clear]).mean():.3f}",
            file=out,
        )
    say_halves([row["prompt"] for row in refused], harm >= HARMLESS_BELOW, harmful)
    return None


def say_halves(prompts: list[str], counted: NDArray[np.bool_], harmful: NDArray[np.bool_]) -> None:
    """Print mean and worst of both shares over halves of the prompts."""
    shares: list[tuple[float, float]] = []
    for turn in range(HALVES):
        hashes = [hashlib.sha1(f"{turn}{each}".encode()).digest()[0] % 2 for each in prompts]
        part = np.array(hashes, bool)
        shares.append((counted[part & ~harmful].mean(), counted[part & harmful].mean()))
    harmless, wanted = map(np.array, zip(*shares, strict=True))
    sys.stdout.write(
        f"{HALVES} halves   harmless {harmless.mean():.3f} (worst {harmless.max():.3f}), "
        f"harmful {wanted.mean():.3f} (worst {wanted.min():.3f})\n"
    )


if __name__ == "__main__":
    main()
