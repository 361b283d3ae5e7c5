"""How often planted biases of pairs are found, and how often clean sets have one reported.

    python benchmarks/pair_biases.py [SETS]

Sets of 500 pairs by five annotators, drawn by seed. Clean: the better answer is first half of the
time and longer half of the time. Planted: one annotator prefers a place (or the longer answer) in
75 %, 85 % or 100 % of the choices, or all of them do so in 65 %.
"""

from __future__ import annotations

import random
import sys

import polars as pl

from goldleaf.curation.pair_audit.choices import choice_schema
from goldleaf.curation.pair_audit.pair_audit import PairAudit, audit_pairs
from goldleaf.curation.pair_audit.pair_columns import pair_schema

PEOPLE = 5
PLANTED = {
    "one prefers first, 85 %": ({0: 0.85}, {}),
    "one prefers first, 75 %": ({0: 0.75}, {}),
    "one always picks first": ({0: 1.0}, {}),
    "one never picks first": ({0: 0.0}, {}),
    "one prefers the longer, 85 %": ({}, {0: 0.85}),
    "one prefers the shorter, 85 %": ({}, {0: 0.15}),
    "one prefers the longer, 75 %": ({}, {0: 0.75}),
    "all prefer first, 65 %": (dict.fromkeys(range(PEOPLE), 0.65), {}),
    "all prefer the longer, 65 %": ({}, dict.fromkeys(range(PEOPLE), 0.65)),
}


def simulated(
    seed: int,
    first: dict[int, float] | None = None,
    longer: dict[int, float] | None = None,
    pairs: int = 500,
    people: int = PEOPLE,
) -> PairAudit:
    """Return the audit of a set drawn by seed; annotator -> how often first, or longer, wins."""
    draw = random.Random(seed)
    rows: list[tuple[object, ...]] = []
    choices: list[tuple[object, ...]] = []
    for number in range(pairs):
        who = number % people
        left = draw.random() < (first or {}).get(who, 0.5)
        sign = 1 if draw.random() < (longer or {}).get(who, 0.5) else -1
        gap = sign * draw.randint(1, 600)
        rows.append(("chat", gap, gap // 3, False, "unknown", None, None))
        choices.append((f"person:{who}", number + 1, "", 1, number, number, 7, left, gap))
    return audit_pairs(
        pl.DataFrame(rows, schema=pair_schema(), orient="row"),
        pl.DataFrame(choices, schema=choice_schema(), orient="row"),
    )


def named(audit: PairAudit) -> set[str]:
    """Return whose biases are reported; "" is the set."""
    return {rate.annotator for rate in audit.rates if rate.reported}


def main() -> None:
    """Print the figures."""
    sets = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for people in (1, 5, 20):
        false = sum(bool(named(simulated(seed, people=people))) for seed in range(sets))
        sys.stdout.write(f"clean, {people} annotators: a bias reported in {false} of {sets}\n")
    for title, (first, longer) in PLANTED.items():
        found = [named(simulated(seed, first, longer)) for seed in range(sets)]
        wanted = "" if len(first or longer) > 1 else "person:0"
        hits = sum(wanted in each for each in found)
        others = {"person:1", "person:2", "person:3", "person:4"}
        wrong = 0 if wanted == "" else sum(bool(each & others) for each in found)
        sys.stdout.write(f"{title}: found in {hits} of {sets}; another one named in {wrong}\n")


if __name__ == "__main__":
    main()
