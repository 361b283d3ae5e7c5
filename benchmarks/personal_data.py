"""How well personal data and secrets are found, on texts written for this project.

    python benchmarks/personal_data.py [--half tune] [--errors]

Reads `tests/curation/personal_data.jsonl`. Patterns were adjusted on the half `tune` only. A
finding is right where its kind is the expected one and its text the expected value without spaces
and marks; an address where at least half of the characters of both are shared.
`benchmarks/text_screens.py` prints what the screens cost a row.

All values are invented. What counts as personal there: telephone numbers of ranges for fiction
(555-01xx, 07700 900xxx...) and Chinese ones with `0000` inside; resident identity numbers of people
born before 1912; cards, accounts and identity numbers with right checksums out of test ranges. What
counts as clean: addresses of documentation, private and loopback networks, domains of RFC 2606,
published test cards, service lines, masks, and numbers with wrong checksums.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from goldleaf.curation.screens import personal_data as personal_data_screen
from goldleaf.curation.screens import secrets as secrets_screen
from goldleaf.curation.screens.screen import RECORDS, TEXTS

TEXTS_FILE = Path(__file__).parent.parent / "tests" / "curation" / "personal_data.jsonl"
MARKER = "⁂"
"""Cuts invented keys in the file, so that scanners of code hosts do not take them for real ones."""


def labelled_texts(half: str = "") -> list[dict[str, Any]]:
    """Return the rows of the file, of one half or of both."""
    lines = TEXTS_FILE.read_text("utf-8").replace(MARKER, "").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if not half or row["half"] == half]


def found_by_screens(rows: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    """Return (kind, text found) of each row."""
    texts = pl.DataFrame(
        [(place, "context[0].content", "user", row["text"]) for place, row in enumerate(rows)],
        schema=TEXTS,
        orient="row",
    )
    records = pl.DataFrame(schema=RECORDS)
    found: list[list[tuple[str, str]]] = [[] for _ in rows]
    for module in (secrets_screen, personal_data_screen):
        for row in module.screen(records, texts).iter_rows(named=True):
            text = rows[row["row"]]["text"][row["start"] : row["end"]]
            found[row["row"]].append((row["verdict"], text))
    return found


def is_same(kind: str, value: str, found: str) -> bool:
    """Return whether what was found is what was expected."""
    value, found = (re.sub(r"[\W_]", "", text).lower() for text in (value, found))
    if kind != "address":
        return value == found
    shared = Counter(value) & Counter(found)
    return 2 * shared.total() >= max(len(value), len(found))


def score(rows: list[dict[str, Any]], *, errors: bool = False) -> dict[str, Counter[str]]:
    """Return right, wrong and missed findings by kind and by language."""
    counts: dict[str, Counter[str]] = {}
    for row, found in zip(rows, found_by_screens(rows), strict=True):
        left = list(found)
        for expected in row["expected"]:
            kind, value = expected["kind"], expected["value"]
            match = next((f for f in left if f[0] == kind and is_same(kind, value, f[1])), None)
            if match:
                left.remove(match)
            outcome = "right" if match else "missed"
            for name in (kind, row["language"], "all"):
                counts.setdefault(name, Counter())[outcome] += 1
            if errors and not match:
                _print(f"missed {kind} {value!r} in {row['text']!r}")
        for kind, text in left:
            for name in (kind, row["language"], "all"):
                counts.setdefault(name, Counter())["wrong"] += 1
            if errors:
                _print(f"wrong {kind} {text!r} in {row['text']!r}")
    return counts


def precision_recall(count: Counter[str]) -> tuple[float, float]:
    """Return precision and recall; 1 where nothing was found or expected."""
    right, wrong, missed = count["right"], count["wrong"], count["missed"]
    return right / max(right + wrong, 1), right / max(right + missed, 1)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=["tune", "untouched"], default="")
    parser.add_argument("--errors", action="store_true", help="print what is wrong or missed")
    options = parser.parse_args()
    for half in [options.half] if options.half else ["tune", "untouched"]:
        _print(f"{half:<16} expected precision  recall")
        counts = score(labelled_texts(half), errors=options.errors)
        for name in sorted(counts, key=lambda name: (name != "all", len(name) != 2, name)):
            precision, recall = precision_recall(counts[name])
            expected = counts[name]["right"] + counts[name]["missed"]
            _print(f"{name:<16} {expected:>8} {precision:>9.3f} {recall:>7.3f}")


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201


if __name__ == "__main__":
    main()
