"""How well bad rows are told from good ones, on rows with planted damage.

    python benchmarks/bad_rows.py --rows DATA

DATA holds `planted_bad_rows.jsonl.gz` (`rid`, `bad`, `op`, `instruction`, `input`, `output`), whose
four kinds of damage the first table has, and once more with a fifth kind, answers in Chinese
(`with_chinese`); and, for the second table, other sets whose rows are damaged in ways that no
planted row has (`own_damage.py`); `--corpus-damage` prints the third one, of damage as
corpora have it (`corpus_recall.py`). "good rows flagged" counts rows as they came; some of them
are really flawed.
`--examples` prints flagged good rows to read.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import xxhash

sys.path.insert(0, str(Path(__file__).parent))
from corpus_recall import corpus_damage
from flagged_rows import CHINESE, ENGLISH, flagged, pair, read, say, sure
from own_damage import own
from swap_ranking import ranked, swapped

PLANTED = "planted_bad_rows.jsonl.gz"
IN_CHINESE = 375
"""Good rows of the planted set that get a Chinese answer: as many as each of its kinds has."""


def half_of(row: dict[str, Any]) -> int:
    """Return on which half a row is: how far the figures of two halves lie apart.

    Rules were adjusted having seen rows of both, so neither is unseen.
    """
    return xxhash.xxh64_intdigest(row["instruction"].encode()) % 2


def planted(folder: Path, examples: bool) -> None:
    """Print the first table: each half of the planted rows by their number."""
    rows = read(folder / PLANTED)
    began = time.process_time()
    pairs = [pair(row) for row in rows]
    found = [sure(each) for each in flagged(pairs)]
    spent = time.process_time() - began
    say(f"planted rows: {len(rows):,} in {spent:.1f} CPU s")
    table(rows, found)
    say("with the ranking from .5 on counted as a flag:")
    table(rows, with_ranking(pairs, found))
    five = with_chinese(rows, folder)
    foreign = [pair(row) for row in five]
    sure_of = [sure(each) for each in flagged(foreign)]
    say(f"the same, {IN_CHINESE} of the good rows with the Chinese answer of the same Alpaca row:")
    table(five, sure_of)
    say("with the ranking from .5 on counted as a flag:")
    table(five, with_ranking(foreign, sure_of))
    if examples:
        for row, each in zip(rows, found, strict=True):
            if each and not row["bad"]:
                say(f"  {each} {row['instruction'][:90]!r} {row['output'][-110:]!r}")


def with_chinese(rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Return the planted rows, some good ones with the Chinese answer of the same Alpaca row.

    Planted rows have no number of Alpaca's: a good one is found in `alpaca_en_52k` by all of its
    texts, and its answer in `alpaca_zh` by that row's `idx`. The rows are drawn with a fixed seed
    of the good ones that have an answer there with a Chinese character (translated code has none).
    """
    parts = ("instruction", "input", "output")
    english = {tuple(row[part] for part in parts): row["idx"] for row in read(folder / ENGLISH)}
    chinese = {row["idx"]: row["zh_output"] for row in read(folder / CHINESE)}
    answers: dict[int, str] = {}
    for place, row in enumerate(rows):
        said = chinese.get(english.get(tuple(row[part] for part in parts), -1), "")
        if not row["bad"] and any("\u4e00" <= each <= "\u9fff" for each in said):
            answers[place] = said
    drawn = set(random.Random(5).sample(sorted(answers), IN_CHINESE))
    changed = {"bad": True, "op": "answer_in_chinese"}
    return [
        row | changed | {"output": answers[place]} if place in drawn else row
        for place, row in enumerate(rows)
    ]


def with_ranking(pairs: list[tuple[str, str]], found: list[list[str]]) -> list[list[str]]:
    """Return what was found of each pair, and "?" where the ranking is from .5 on."""
    return [
        [*each, *["?"] * (rank >= 0.5)]
        for each, rank in zip(found, ranked(pairs, False), strict=True)
    ]


def table(rows: list[dict[str, Any]], found: list[list[str]]) -> None:
    """Print F1, false alarms and the share found of each kind, for all and for each half."""
    for name, halves in (("all", (0, 1)), ("one", (0,)), ("other", (1,))):
        mine = [pair for pair in zip(rows, found, strict=True) if half_of(pair[0]) in halves]
        right = sum(row["bad"] and bool(each) for row, each in mine)
        wrong = sum(not row["bad"] and bool(each) for row, each in mine)
        missed = sum(row["bad"] and not each for row, each in mine)
        good = sum(not row["bad"] for row, _ in mine)
        f1 = 2 * right / (2 * right + wrong + missed)
        say(f"  {name:<5} F1 {f1:.3f}, good rows flagged {wrong} of {good} ({wrong / good:.2%})")
        for kind in sorted({row["op"] for row in rows if row["op"]}):
            of_kind = [each for row, each in mine if row["op"] == kind]
            share = sum(map(bool, of_kind)) / len(of_kind)
            say(f"        {kind:<20} {share:.3f} of {len(of_kind)}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--planted-only", action="store_true")
    parser.add_argument("--corpus-damage", action="store_true", help="the third table alone")
    parser.add_argument("--embed", action="store_true", help="rank with the sentence encoder, too")
    arguments = parser.parse_args()
    if arguments.rows is None:
        parser.error("--rows DATA, or the environment variable GOLDLEAF_ROWS")
    if arguments.corpus_damage:
        corpus_damage(arguments.rows, arguments.examples)
        return
    planted(arguments.rows, arguments.examples)
    swapped(arguments.rows, arguments.embed, PLANTED)
    if not arguments.planted_only:
        own(arguments.rows, arguments.examples)


if __name__ == "__main__":
    pl.Config.set_tbl_rows(50)
    main()
