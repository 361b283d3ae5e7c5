"""How many planted near copies of rankings are found, and how many others are taken for one.

    python benchmarks/ranked_answers.py --rows DATA

DATA is a folder of gzipped JSON lines with alpaca_eval_gpt4_pairs, whose prompts many models have
answered, and oasst_en_100_trees, where answers have ranks. Of each prompt of the first, rankings of
three to five answers are drawn, which share answers as real ones do; planted are copies of each in
the same order, in the other one, and with answers that tie in another order.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.curation.parquet_files import write_frame
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.row_findings import ROW_FINDINGS
from goldleaf.curation.screened_batches import ScreenedBatches
from goldleaf.curation.set_screens.near_duplicates import run
from goldleaf.curation.set_screens.set_screen import SetInputs

sys.path.insert(0, str(Path(__file__).parent))
import polars as pl
from instruction_rows import lines
from light_damage import ENGLISH

PER_PROMPT = 3
"""Rankings that are drawn of each prompt."""
Answers = list[tuple[str, int]]
"""Texts with their ranks."""


@dataclass(frozen=True)
class Ranking:
    """A ranking and its copies: of each kind, other answers or another order."""

    prompt: str
    answers: Answers


def drawn(folder: Path) -> Iterator[Ranking]:
    """Yield rankings of answers by different models to one prompt."""
    generator = random.Random(0)
    answers: dict[str, dict[str, str]] = {}
    for row in lines(folder, "alpaca_eval_gpt4_pairs"):
        own = answers.setdefault(row["instruction"], {})
        own.update({row[f"generator_{n}"]: row[f"output_{n}"] for n in (1, 2)})
    for prompt, by_model in answers.items():
        texts = list(dict.fromkeys(text for text in by_model.values() if text.strip()))
        for size in (3, 4, 5)[:PER_PROMPT]:
            if len(texts) >= size:
                own = generator.sample(texts, size)
                yield Ranking(prompt, [(text, n + 1) for n, text in enumerate(own)])


def trees(folder: Path) -> Iterator[Ranking]:
    """Yield the rankings of message trees."""
    for tree in lines(folder, "oasst_en_100_trees"):
        left: list[tuple[str, Any]] = [("", tree["prompt"])]
        while left:
            before, message = left.pop()
            prompt = f"{before}\n{message['text']}".strip()
            replies = message.get("replies", [])
            left += [(prompt, reply) for reply in replies]
            ranks = [reply.get("rank") for reply in replies]
            if message["role"] == "prompter" and len(replies) > 2 and None not in ranks:
                texts = [reply["text"] for reply in replies]
                yield Ranking(prompt, list(zip(texts, [rank + 1 for rank in ranks], strict=True)))


def copies(ranking: Ranking, number: int) -> Iterator[tuple[str, bool, Answers, Answers]]:
    """Yield kind, whether it is a near duplicate, the ranking itself and the copy."""
    generator = random.Random(number)
    names = list(ENGLISH)
    damage = ENGLISH[names[number % len(names)]]
    own = sorted(ranking.answers, key=lambda each: each[1])
    near = [(damage(text, generator), rank) for text, rank in own]
    yield "same order", True, own, generator.sample(near, len(near))
    texts = [text for text, _ in near]
    ranks = [rank for _, rank in own]
    if len(set(ranks)) == len(ranks):
        swapped = [*texts[:-2], texts[-1], texts[-2]]
        yield "last two swapped", False, own, list(zip(swapped, ranks, strict=True))
        yield "first and last swapped", False, own, [*zip(texts[::-1], ranks, strict=True)]
        tied = [(text, min(rank, 2)) for text, rank in own]
        near = [(damage(text, generator), rank) for text, rank in tied]
        yield "all but the best tie", True, tied, generator.sample(near, len(near))
    yield "worst one left out", False, own, near[:-1]


def comparison(prompt: str, answers: Answers) -> Comparison:
    """Return a ranking as a record."""
    candidates = [Candidate((Turn("assistant", text),), rank) for text, rank in answers]
    return Comparison((Turn("user", prompt),), tuple(candidates))


def gone(records: list[tuple[str, Comparison]]) -> list[tuple[str, str]]:
    """Return which records go, and for which."""
    with tempfile.TemporaryDirectory() as scratch:
        rows, _ = record_frames(records)
        preference = pl.Series("preference", [-float(n) for n in range(rows.height)])
        part = Path(scratch, "part.parquet")
        write_frame(part, rows.drop("row").with_columns(preference))
        batches = ScreenedBatches((part,), pl.DataFrame(schema=ROW_FINDINGS))
        found = run(SetInputs(batches, Path(scratch))).findings
    found = found.filter(pl.col("screen") == "near_duplicate")
    return found.select("record", "of").rows()


def measured(name: str, rankings: list[Ranking]) -> None:
    """Print what is found of each kind of copy, and of rankings as they are."""
    plain = [(f"{n:06}", comparison(each.prompt, each.answers)) for n, each in enumerate(rankings)]
    show(f"{name}: as they are, taken for another one", len(gone(plain)), len(plain))
    kinds: dict[str, list[tuple[bool, str, Answers, Answers]]] = {}
    for number, ranking in enumerate(rankings):
        for kind, wanted, own, copy in copies(ranking, number):
            kinds.setdefault(kind, []).append((wanted, ranking.prompt, own, copy))
    for kind, planted in kinds.items():
        records = [
            (f"{n:06}{side}", comparison(prompt, answers))
            for n, (_, prompt, *both) in enumerate(planted)
            for side, answers in zip("ab", both, strict=True)
        ]
        pairs = [pair for pair in gone(records) if pair[0][:6] == pair[1][:6]]
        what = "found" if planted[0][0] else "wrongly taken for a copy"
        show(f"{name}: {kind}: {what}", len(pairs), len(planted))


def show(name: str, found: int, count: int) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"{name:<70} {found:>6,} of {count:>6,} {found / max(1, count):>7.4f}\n")
    sys.stdout.flush()


def main() -> None:
    """Print what is found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    asked = parser.parse_args()
    if asked.rows is None:
        parser.error("name the folder of the rows: --rows DATA")
    measured("AlpacaEval", list(drawn(Path(asked.rows))))
    measured("message trees", list(trees(Path(asked.rows))))


if __name__ == "__main__":
    main()
