"""Trainings: each file of training rows is one, and a stage begins where the one before it ended.

A table that is written in stages (S18) is trained on in as many runs. Where several tables are,
such as conversations with and without tools, all of them go through a stage before the next begins,
because safety would otherwise be followed by everything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from goldleaf.trainers.table import Table


@dataclass(frozen=True, slots=True)
class Run:
    """One training. Paths are inside the format's folder.

    `name`: what its configuration is called (`sft`, `sft_2_long_tail`); `table`: whose rows;
    `folder`: where its `train.jsonl` lies; `test`: the file to evaluate on, or empty; `after`: the
    run whose model it goes on with, or empty; `ordered`, `max_length`: as the table's.
    """

    name: str
    table: str
    folder: str
    test: str
    after: str
    ordered: bool
    max_length: int

    @property
    def train(self) -> str:
        """Return the path of the rows to train on, inside the format's folder."""
        return f"{self.folder}/train.jsonl"


def runs(tables: Sequence[Table]) -> tuple[Run, ...]:
    """Return every training of one format's tables, in the order in which they are run.

    Stages of all tables first, each after the one before; then tables without stages, each on its
    own. Tables without training rows have no run.
    """
    alone: list[Run] = []
    staged: list[tuple[int, Run]] = []
    for table in tables:
        if "train" not in table.rows:
            continue
        test = f"{table.name}/test.jsonl" if "test" in table.rows else ""
        known = (table.ordered, table.max_length)
        for folder in table.folders:
            run = Run(
                *(f"{table.name}_{folder}", table.name, f"{table.name}/{folder}", test, ""), *known
            )
            staged.append((int(folder.partition("_")[0]), run))
        if not table.folders:
            alone.append(Run(table.name, table.name, table.name, test, "", *known))
    chain: list[Run] = []
    for _, run in sorted(staged, key=lambda numbered: numbered[0]):
        chain.append(replace(run, after=chain[-1].name if chain else ""))
    return (*chain, *alone)
