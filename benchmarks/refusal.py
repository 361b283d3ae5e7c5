"""How well refusals are told from answers, against people's own judgement.

    python benchmarks/refusal.py xstest_completions.jsonl.gz

The file has one JSON object a line with `completion`, `final_label` (`1_full_compliance`,
`2_full_refusal`, `3_partial_refusal`), `model` and `id`, as the completions of XSTest do
(https://github.com/paul-rottger/xstest); it may be gzipped. A reply counts as refusing when it does
so at least in part. Phrases were adjusted on every second prompt only: "unseen" is the other half.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from goldleaf.curation.refusals.refusal_certainty import SHORT, is_certain_full_refusal
from goldleaf.curation.refusals.refusal_detector import refusal


def figures(rows: Iterable[dict[str, Any]]) -> str:
    """Return replies, precision, recall and F1 as one line."""
    right = wrong = missed = count = 0
    for row in rows:
        true, said = row["final_label"] != "1_full_compliance", row["said"] != "none"
        count += 1
        right += true and said
        wrong += said and not true
        missed += true and not said
    precision = right / (right + wrong) if right + wrong else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    f1 = 2 * right / (2 * right + wrong + missed) if right + wrong + missed else 0.0
    return f"{count:>7,} {precision:>9.3f} {recall:>7.3f} {f1:>6.3f}"


def main() -> None:
    """Print a table: all, the unseen half, each model, and what a draft may claim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    began = time.perf_counter()
    for row in rows:
        row["said"] = refusal(row["completion"]).extent
    spent = time.perf_counter() - began
    prompts = sorted({row["id"] for row in rows})
    seen = set(prompts[::2])

    def line(name: str, text: str) -> None:
        print(f"{name:<18}{text}", file=sys.stdout)  # noqa: T201

    line("", "replies precision  recall     F1")
    line("all", figures(rows))
    line("unseen prompts", figures(row for row in rows if row["id"] not in seen))
    for model in sorted({row["model"] for row in rows}):
        line(model, figures(row for row in rows if row["model"] == model))
    full = [row for row in rows if row["said"] == "full"]
    for label, name in (("2_full_refusal", "full"), ("1_full_compliance", "none")):
        share = sum(row["final_label"] == label for row in full) / len(full)
        line(f"'full' is {name}", f"{len(full):>7,} {share:>9.3f}")
    drafted = [row for row in full if is_certain_full_refusal(row["completion"])]
    unseen = [row for row in rows if row["id"] not in seen]
    for name, found, among in (
        ("drafted", drafted, rows),
        ("  unseen prompts", [row for row in drafted if row["id"] not in seen], unseen),
        ("  only short ones", [row for row in full if len(row["completion"]) <= SHORT], rows),
    ):
        right = sum(row["final_label"] == "2_full_refusal" for row in found)
        refused = sum(row["final_label"] == "2_full_refusal" for row in among)
        line(name, f"{len(found):>7,} {right / len(found):>9.3f} {right / refused:>7.3f}")
    line("ms a reply", f"{1000 * spent / len(rows):>7.3f}")


if __name__ == "__main__":
    main()
