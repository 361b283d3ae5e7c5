"""How long planning takes: columns of many examples, many demands, no files; prints seconds.

    python benchmarks/planning.py               # 1,000,000 examples, 20 rules
    python benchmarks/planning.py --rows 100000

The pool is drawn with a fixed seed: most examples show nothing targeted, some one behaviour, a few
two. The recipe sets 20 rules: floors and ceilings of six shares, two contrasts, a cap on single
sources, sizes of the whole, of the core and of the rest. One run can meet all of them; in the other
one refusals are so few that the conflict and what would mend it have to be found, too.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from goldleaf.core.records import BEHAVIOURS
from goldleaf.exporters.ingest.behaviours import mask
from goldleaf.exporters.planning.apply_plan import Balanced, apply_plan
from goldleaf.exporters.planning.constraints import constraints
from goldleaf.exporters.planning.strata import stratified
from goldleaf.exporters.rules.registry import targets
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Core, Diverse, Sources, Total
from goldleaf.recipes.shares import RefusalShare, Share, Shares, ToolCallShare

if TYPE_CHECKING:
    import polars as pl

RARE = BEHAVIOURS[:9]
"""The targeted behaviours; one example in forty shows each, in the run that can be met."""


def recipe(rows: int) -> Recipe:
    """Return a recipe of 20 rules for a pool of so many examples."""
    shares = Shares(
        refusal=RefusalShare(min=0.10, max=0.30, benign_twins=0.5),
        tool_call=ToolCallShare(min=0.05, max=0.20, no_tool=0.2),
        structured_output=Share(min=0.05, max=0.20),
        multi_turn=Share(min=0.10, max=0.40),
        reasoning_chain=Share(min=0.05, max=0.30),
        reflection=Share(min=0.04, max=0.20),
    )
    return Recipe(
        core=Core(size=rows // 50, max=rows // 8),
        diverse=Diverse(max=rows // 2),
        total=Total(min=rows // 10, max=rows * 6 // 10),
        shares=shares,
        sources=Sources(max=0.3),
    )


def pool(rows: int, refusals: float) -> pl.DataFrame:
    """Return the columns of so many examples; `refusals`: the part of them that refuses."""
    import numpy as np
    import polars as pl

    draw = np.random.default_rng(7)
    shown = np.zeros(rows, dtype=np.uint32)
    for name in RARE:
        part = refusals if name in ("refusal", "safe_completion") else 0.025
        shown[draw.random(rows) < part] |= mask((name,))
    shown |= np.array([mask((name,)) for name in BEHAVIOURS[9:]], np.uint32)[
        draw.integers(0, 5, rows)
    ]
    return pl.DataFrame(
        {
            "number": np.arange(rows, dtype=np.uint32),
            "behaviours": shown,
            "source": np.array(["S1", "S2", "S3", "S4", "S5"])[draw.integers(0, 5, rows)],
            "sample_key": draw.integers(0, 2**63, rows, dtype=np.uint64),
            "prototype": np.array([f"p{n}" for n in range(500)])[draw.integers(0, 500, rows)],
            "quality": draw.integers(1, 6, rows).astype(np.int8),
        }
    )


def timed(rows: int, refusals: float) -> tuple[float, Balanced, int, int]:
    """Return seconds, what was balanced, and how many strata and demands there were."""
    examples, wanted = pool(rows, refusals), recipe(rows)
    asked = targets(wanted)
    _, strata = stratified(examples, wanted, asked)
    found = constraints(strata, wanted, asked)
    rules = {d.key for d in (*found.floors, *found.ceilings, *found.sizes)} | {
        "total.min",
        "repeat.max",
    }
    begun = time.perf_counter()
    result = apply_plan(examples, wanted, asked)
    return time.perf_counter() - begun, result, len(strata), len(rules)


def main() -> None:
    """Print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    for name, refusals in (("can be met", 0.025), ("cannot be met", 0.002)):
        seconds, result, strata, rules = timed(rows, refusals)
        written = int(result.copies["copies"].sum())
        sys.stdout.write(
            f"{name}: {rows:,} examples, {rules} rules, {strata} strata: {seconds:.2f} s;"
            f" {written:,} rows, {len(result.conflicts)} conflicts\n"
        )


if __name__ == "__main__":
    main()
