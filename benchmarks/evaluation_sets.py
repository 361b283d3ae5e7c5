"""The shipped evaluation sets: made from the originals, and what they find in rows.

    python benchmarks/evaluation_sets.py --build ORIGINALS      # rewrites the files in curation/
    python benchmarks/evaluation_sets.py --rows DATA            # what is found in public rows
    python benchmarks/evaluation_sets.py --rows DATA --originals ORIGINALS    # recall, too

ORIGINALS has a folder for each repository of `evaluation_sets.toml`, at the commit named there and
under the repository's own name (`grade-school-math/grade_school_math/data/test.jsonl`). The same
prompts give the same bytes. DATA holds sets of training rows, `*.jsonl.gz`.

Recall: 200 prompts drawn from all sets stand in rows of DATA, as they are, wrapped, and damaged as
in `benchmarks/contamination.py`. In rows where nothing was planted each find is printed with the
original's text, to be read.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from contamination import damaged, read, say

from goldleaf.curation.contamination.evaluation_sets import (
    EvaluationSet,
    evaluation_sets,
    packed,
    read_hashed,
)
from goldleaf.curation.contamination.hashed_evaluation import (
    HashedEvaluation,
    hashed_contamination,
    kept_keys,
)
from goldleaf.workflows.evaluation_prompts import prompt_of, read_evaluations

FOLDER = Path(__file__).parent.parent / "curation/contamination/evaluation_sets"
SETS = FOLDER / "evaluation_sets.toml"
TRAINED = {"mbpp": range(11, 511)}
"""Rows of a file that are the evaluation, where others are for training."""
PLANTED = 200
DAMAGES = ("", "wrapped", "mistyped", "cut at .8", "words shuffled", "parts shuffled")
SHOWN = 400
ROWS = (
    "alpaca_en_52k alpaca_zh dolly_3k_category alpaca_gpt4_en_demo alpaca_gpt4_zh_demo "
    "instructionwild_prompts autoj_scenario_train safety_tuned_sft glaive_toolcall_en_demo "
    "gpteacher_toolformer_dedup_ladder sql_create_context gsm8k_train bfcl_v4_dev"
).split()
"""Sets of training rows in which finds are counted; the last is an evaluation set itself."""
ANSWERS = ("output", "zh_output", "response", "answer")


def prompts(known: EvaluationSet, originals: Path) -> Iterator[tuple[int, int, str]]:
    """Yield (file, row, prompt) of a set: the row as `--eval FILE` counts it, or in a JSON list."""
    for number, name in enumerate(known.files):
        path = originals / known.repository.rpartition("/")[2] / name
        rows = TRAINED.get(known.name)
        for row, text in _file(path):
            if rows is None or row in rows:
                yield number, row, text


def _file(path: Path) -> Iterator[tuple[int, str]]:
    if path.suffix == ".tsv":  # without a header: question, answer
        with open(path, encoding="utf-8", newline="") as file:
            lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            yield from ((number, line[0]) for number, line in enumerate(lines, 1))
        return
    if path.suffix == ".json":
        nested = _nested(path.read_text("utf-8"))
        if nested is not None:
            yield from ((number, prompt_of(row)) for number, row in enumerate(nested, 1))
            return
    for place, text in read_evaluations([path]):
        yield int(place.rpartition(":")[2]), text


def _nested(text: str) -> list[dict[str, Any]] | None:
    """Return the rows of a JSON document that has them under a key, else None."""
    try:
        document = json.loads(text)
    except ValueError:  # lines of JSON
        return None
    return document.get("examples") or document.get("example")


def build(originals: Path) -> None:
    """Write the hashes of every set, and its counts into the list of sets."""
    listed = SETS.read_text("utf-8")
    for name, known in evaluation_sets().items():
        rows = list(prompts(known, originals))
        kept = kept_keys(text for _, _, text in rows)
        shipped = [
            (file, row, runs, keys)
            for (file, row, _), (runs, keys) in zip(rows, kept, strict=True)
            if keys
        ]
        with open(FOLDER / f"{name}.npy", "wb") as file:
            np.save(file, packed(shipped), allow_pickle=False)
        told = hashlib.sha256()
        for number, row, text in rows:
            told.update(json.dumps([known.of(number, row), text]).encode() + b"\n")
        counts = f'rows = {len(rows)}\nhashed = {len(shipped)}\nsha256 = "{told.hexdigest()}"'
        listed = re.sub(
            rf'(\n\[{name}\]\n(?:(?!\n\[)[\s\S])*?\n)rows = \d+\nhashed = \d+\nsha256 = "\w*"',
            lambda found, counts=counts: found[1] + counts,
            listed,
        )
        say(f"  {name:<16} {len(rows):>6,} prompts, {len(shipped):>6,} hashed")
    SETS.write_text(listed, "utf-8")


def frame_of(texts: list[tuple[str, str]]) -> pl.DataFrame:
    """Return (prompt, answer) as `hashed_contamination` reads them."""
    numbered = [(str(number), *pair) for number, pair in enumerate(texts)]
    return pl.DataFrame(numbered, schema=["record", "prompt", "answer"], orient="row")


def training_row(row: dict[str, Any]) -> tuple[str, str]:
    """Return the prompt and the answer of a row of DATA."""
    answer = next((row[key] for key in ANSWERS if key in row), "")
    return prompt_of(row), answer if isinstance(answer, str) else ""


def found_in(data: Path, known: HashedEvaluation, originals: dict[str, str]) -> None:
    """Print how many rows of each set of DATA are flagged, and each find."""
    rows = flagged = 0
    for name in ROWS:
        path = data / f"{name}.jsonl.gz"
        if not path.exists():
            continue
        texts = [training_row(row) for row in read(path)]
        frame = frame_of(texts)
        began = time.process_time()
        found = hashed_contamination(frame, known)
        spent = (time.process_time() - began) / len(texts) * 1e6
        sets = Counter(of.partition(":")[0] for of in found["of"])
        say(f"  {name}: {found.height} of {len(texts):,} ({spent:.0f} us a row) {dict(sets)}")
        if name != ROWS[-1]:
            rows, flagged = rows + len(texts), flagged + found.height
        for record, verdict, of, score, reason in found.iter_rows():
            prompt, answer = texts[int(record)]
            shown = (answer if reason.startswith("in the answer") else prompt)[:SHOWN]
            text = originals.get(of, "")[:SHOWN]
            say(f"    {name}:{record} {verdict} {score} {reason} {of}")
            say(f"      {shown!r}\n      {text!r}")
    say(f"  of training rows: {flagged} of {rows:,}")


def recall(data: Path, known: HashedEvaluation, originals: dict[str, str]) -> None:
    """Print the share found of prompts that were planted in rows."""
    draw = random.Random(11)
    answers = [training_row(row)[1] for row in read(data / "alpaca_en_52k.jsonl.gz")[:PLANTED]]
    drawn = draw.sample(known.of, PLANTED)
    for how in DAMAGES:
        texts = [damaged(originals[of], how, draw) if how else originals[of] for of in drawn]
        found = hashed_contamination(frame_of(list(zip(texts, answers, strict=True))), known)
        verdicts = Counter(found["verdict"])
        right = sum(
            drawn[int(record)].partition(":")[0] == of.partition(":")[0]
            for record, of in found.select("record", "of").iter_rows()
        )
        missed = Counter(
            drawn[number].partition(":")[0]
            for number in set(range(PLANTED)) - {int(record) for record in found["record"]}
        )
        say(
            f"  {how or 'verbatim':<16} {found.height} of {PLANTED} ({dict(verdicts)}), "
            f"{right} name the set; missed {dict(missed)}"
        )


def main() -> None:
    """Build the files, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path)
    parser.add_argument("--originals", type=Path)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    given = parser.parse_args()
    if given.build:
        return build(given.build)
    if given.rows is None:
        parser.error("--build ORIGINALS, or --rows DATA")
    began = time.process_time()
    known = HashedEvaluation(read_hashed(evaluation_sets()))
    size = sum(file.stat().st_size for file in FOLDER.iterdir())
    say(f"{len(known.of):,} prompts, {size:,} bytes, read in {time.process_time() - began:.2f} s")
    originals: dict[str, str] = {}
    if given.originals:
        for each in evaluation_sets().values():
            rows = prompts(each, given.originals)
            originals.update((each.of(file, row), text) for file, row, text in rows)
        say(f"planted, of {len(originals):,} prompts:")
        recall(given.rows, known, originals)
    say("rows where nothing was planted:")
    found_in(given.rows, known, originals)


if __name__ == "__main__":
    main()
