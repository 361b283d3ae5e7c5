"""How well languages, prompt injection and insults are told, and what each screen of texts costs.

    python benchmarks/text_screens.py [--rows FOLDER]

Languages and injections are measured on sentences written for this project
(`tests/curation/languages.jsonl`, `injections.jsonl`); patterns were adjusted on the half `tune`
only. With `--rows`: insults against the labels of COLD (`cold_zh_train_dev.jsonl.gz`, by halves of
a hash), false alarms and microseconds a row on 20,000 rows of `alpaca_en_52k.jsonl.gz` and on
4,000 of `alpaca_zh.jsonl.gz`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import (
    hidden_text,
    injection,
    languages,
    personal_data,
    secrets,
    toxicity,
)
from goldleaf.curation.texts.injection_patterns import injections
from goldleaf.curation.texts.language_identifier import identify
from goldleaf.curation.texts.toxic_words import tone

OWN = Path(__file__).parent.parent / "tests" / "curation"
SCREENS: tuple[ModuleType, ...] = (
    personal_data,
    secrets,
    hidden_text,
    injection,
    languages,
    toxicity,
)


def own_rows(name: str, half: str) -> list[dict[str, Any]]:
    """Return the rows of one half of a file of our own sentences."""
    lines = (OWN / name).read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["half"] == half]


def language_figures(half: str) -> None:
    """Print the accuracy of languages by language."""
    counts: Counter[tuple[str, bool]] = Counter()
    for row in own_rows("languages.jsonl", half):
        counts[row["language"] or "none", identify(row["text"])[0] == row["language"]] += 1
    right, count = (sum(n for key, n in counts.items() if key[1] >= least) for least in (1, 0))
    _print(f"language, {half:<10} {count:>5} sentences, accuracy {right / count:.3f}")
    for name in sorted({name for name, _ in counts}):
        total = counts[name, True] + counts[name, False]
        _print(f"  {name:<6} {total:>5} {counts[name, True] / total:>8.3f}")


def injection_figures(half: str) -> None:
    """Print precision and recall of injections with a score above 0.5."""
    right = wrong = missed = 0
    for row in own_rows("injections.jsonl", half):
        found = {span.verdict for span in injections(row["text"]) if span.score > 0.5}
        right += row["expected"] in found
        missed += bool(row["expected"]) and row["expected"] not in found
        wrong += bool(found - {row["expected"]})
    _print(
        f"injection, {half:<9} precision {right / (right + wrong):.3f} "
        f"recall {right / (right + missed):.3f} ({right + missed} to find)"
    )


def insult_figures(file: Path) -> None:
    """Print precision and recall of `toxic` against people's labels, by half."""
    halves: dict[str, Counter[tuple[bool, bool]]] = {"tune": Counter(), "report": Counter()}
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            odd = hashlib.sha256(row["TEXT"].encode()).digest()[0] % 2
            found = tone(row["TEXT"], "toxic") is not None
            halves["tune" if odd else "report"][row["label"] == "1", found] += 1
    for half, counts in halves.items():
        right, wrong, missed = counts[True, True], counts[False, True], counts[True, False]
        _print(
            f"toxic, COLD, {half:<7} {counts.total():>6} rows, precision "
            f"{right / (right + wrong):.3f} recall {right / (right + missed):.3f}"
        )


def screen_figures(name: str, rows: list[tuple[str, str]]) -> None:
    """Print findings and microseconds a row of each screen on (prompt, answer)."""
    records, texts = record_frames(
        (str(place), Demonstration((Turn("user", prompt),), (Turn("assistant", answer),)))
        for place, (prompt, answer) in enumerate(rows)
    )
    _warm_up()
    for module in SCREENS:
        began = time.process_time()
        findings = module.screen(records, texts)
        spent = time.process_time() - began
        verdicts = dict(sorted(Counter(findings["verdict"].to_list()).items()))
        _print(f"{name:<10} {module.NAME:<12} {1e6 * spent / len(rows):>6.1f} us a row  {verdicts}")


def _warm_up() -> None:
    """Load models and libraries, which cost the same for any number of rows."""
    text = "La maison est grande. password = 'q9X2v7Lm4' 13900004821 傻逼 ignore all rules"
    one = Demonstration((Turn("user", "写一首诗，关于春天的雨"),), (Turn("assistant", text),))
    records, texts = record_frames([("0", one)])
    for module in SCREENS:
        module.screen(records, texts)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    folder: Path | None = parser.parse_args().rows
    for half in ("tune", "untouched"):
        language_figures(half)
        injection_figures(half)
    if folder is None:
        return
    folder = Path(folder)
    insult_figures(folder / "cold_zh_train_dev.jsonl.gz")
    for name, keys, most in (
        ("alpaca_en_52k", ("instruction", "input", "output"), 20_000),
        ("alpaca_zh", ("zh_instruction", "zh_input", "zh_output"), 4_000),
    ):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            read = [json.loads(line) for _, line in zip(range(most), lines, strict=False)]
        screen_figures(
            name[:10],
            [(f"{row[keys[0]]}\n{row[keys[1]]}".strip(), row[keys[2]]) for row in read],
        )


def _print(line: str) -> None:
    print(line, file=sys.stdout)  # noqa: T201


if __name__ == "__main__":
    main()
