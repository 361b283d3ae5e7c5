"""The third table of `bad_rows.py`: how much damage of corpora (`corpus_damage.py`) is found."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from corpus_damage import KINDS, Case, Row
from flagged_rows import CHINESE, ENGLISH, flagged, pair, read, say, sure

EACH = 200
"""Rows of a language that are damaged in each way of `corpus_damage`."""


def readable_rows(folder: Path) -> dict[str, list[tuple[Row, str]]]:
    """Return rows, English and Chinese, each with its prompt in the other language or "".

    They are of three sets each, shuffled; those of Alpaca have a translation.
    """
    english = {row["idx"]: pair(row) for row in read(folder / ENGLISH)}
    chinese = {row["idx"]: row for row in read(folder / CHINESE)}
    draw = random.Random(3)
    both = draw.sample(sorted(chinese.keys() & english.keys()), 4 * EACH)
    good = [number for number in both if (chinese[number]["metadata"]["score"] or 0) == 5]
    rows: dict[str, list[tuple[Row, str]]] = {
        "English": [(english[number], pair(chinese[number])[0]) for number in both],
        "Chinese": [(pair(chinese[number]), english[number][0]) for number in good],
    }
    others = (
        ("English", "alpaca_gpt4_en_demo"), ("English", "dolly_3k_category"),
        ("Chinese", "alpaca_gpt4_zh_demo"), ("Chinese", "belle_eval_zh_class"),
    )  # fmt: skip
    for language, name in others:
        rows[language] += [(pair(row), "") for row in read(folder / f"{name}.jsonl.gz")]
    for own in rows.values():
        draw.shuffle(own)
    return {
        name: [row for row in own if len(row[0][1]) >= (60 if name == "English" else 25)]
        for name, own in rows.items()
    }


def corpus_damage(folder: Path, examples: bool) -> None:
    """Print the third table: damage as corpora have it, two variants on rows of their own."""
    rows = readable_rows(folder)
    for variant, name in enumerate(("first variant", "second variant, other rows")):
        say(f"{name}: recall, in English and Chinese, of up to {EACH} rows that no rule flags")
        for kind, damages in KINDS.items():
            shares: list[str] = []
            for language, own in rows.items():
                foreign = rows["Chinese" if language == "English" else "English"]
                draw = random.Random(f"{kind} {variant}")
                cases = [
                    Case(row, own[-n - 1][0], foreign[n][0], meant, draw, language == "Chinese")
                    for n, (row, meant) in enumerate(own[variant::2])
                    if meant or "translated" not in kind
                ][: EACH * 2]
                clean = flagged([case.row for case in cases])
                cases = [
                    case
                    for case, found in zip(cases, clean, strict=True)
                    if not sure(found) and damages[variant](case) != case.row
                ][:EACH]
                worse = [damages[variant](case) for case in cases]
                found = [sure(each) for each in flagged(worse)]
                right = sum(map(bool, found))
                shares.append(f"{right / len(found):.3f} of {len(found)}" if found else "none")
                if examples:
                    missed = [row for row, each in zip(worse, found, strict=True) if not each]
                    for prompt, answer in missed[:4]:
                        say(f"    {prompt[-60:]!r} -> {answer[:90]!r} ... {answer[-90:]!r}")
            say(f"  {kind:<30} {shares[0]:<16} {shares[1]}")
