"""Fits the wording model of Chinese refusals on our own replies, and prints how well it does.

    python benchmarks/refusal_wording.py            # rewrites the weights, prints figures
    python benchmarks/refusal_wording.py --rows DATA    # also false alarms on ordinary answers

`benchmarks/refusal_wording.jsonl` holds the replies (`text`, `extent`), all written for this
project. Not fitted: part 4 of `tests/curation/refusals_zh.jsonl`, `refusals_zh_second.jsonl`, and
`refusals_zh_third.jsonl`, 120 replies by another author who knew neither rules nor weights.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from goldleaf.curation.refusals.refusal_detector import plain, refusal
from goldleaf.curation.refusals.refusal_wording import CERTAIN, LONGEST, ngrams, refusal_probability

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "curation" / "refusals" / "refusal_wording.json"


def fit(texts: list[str], refuses: np.ndarray) -> dict[str, Any]:
    """Return weights of a logistic regression over character runs that stand in two replies."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    runs = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, min_df=2)  # pyright: ignore[reportArgumentType]
    matrix = runs.fit_transform([plain(text.strip())[:LONGEST] for text in texts])
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=500).fit(matrix, refuses)
    rows = zip(runs.get_feature_names_out(), runs.idf_, model.coef_[0], strict=True)
    return {
        "intercept": round(float(model.intercept_[0]), 4),
        "ngrams": [[name, round(idf, 3), round(weight, 3)] for name, idf, weight in rows],
    }


def rows_of(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a JSON Lines file."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def f1(true: np.ndarray, said: np.ndarray) -> float:
    """F1 of "refuses, at least in part"."""
    return 2 * (true & said).sum() / max(1, true.sum() + said.sum())


def main() -> None:
    """Rewrite the weights; print figures on replies that were not fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path)
    rows: Path | None = parser.parse_args().rows
    replies = rows_of(HERE / "refusal_wording.jsonl")
    texts = [row["text"] for row in replies]
    true = np.array([row["extent"] != "none" for row in replies])
    WEIGHTS.write_text(json.dumps(fit(texts, true), ensure_ascii=False, separators=(",", ":")))
    tests = HERE.parent / "tests" / "curation"
    part4 = [row for row in rows_of(tests / "refusals_zh.jsonl") if row["part"] == 4]
    for name, found in (
        ("part 4", part4),
        ("second set", rows_of(tests / "refusals_zh_second.jsonl")),
        ("third set", rows_of(tests / "refusals_zh_third.jsonl")),
    ):
        labels = np.array([row["extent"] != "none" for row in found])
        wording = np.array(
            [refusal_probability(plain(row["text"].strip())) >= CERTAIN for row in found]
        )
        all_of_it = np.array([refusal(row["text"]).extent != "none" for row in found])
        figures = f"wording alone {f1(labels, wording):.3f}  detector {f1(labels, all_of_it):.3f}"
        print(f"{name:<12} {figures}")  # noqa: T201
    if rows:
        for file, key in (("alpaca_zh", "zh_output"), ("alpaca_gpt4_zh_demo", "output")):
            answers = [str(row[key]) for row in rows_of(rows / f"{file}.jsonl.gz")][:6000]
            alarms = sum(refusal_probability(plain(each.strip())) >= CERTAIN for each in answers)
            print(f"{file:<22} {alarms} of {len(answers)} ordinary answers")  # noqa: T201


if __name__ == "__main__":
    main()
