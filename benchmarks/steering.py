"""How many answers until a small recipe is met: steered, steered by need alone, and at random.

    make steer-proof ROWS=FOLDER
    python benchmarks/steering.py --rows FOLDER [--seeds 5] [--studio URL]

A live Label Studio holds 200 tasks of the refusal kind, without any label: harmful prompts
(`do_not_answer_prompts`), harmless ones that look harmful and answers to them
(`xstest_completions_dev`), everyday ones in English and Chinese (`alpaca_gpt4_*_demo`). A scripted
annotator, who knows what people said of each, takes task after task from `/next`. After every five
answers the plan is looked at, and the queue is steered anew in the steered runs. Each seed draws
other rows. Where the figure is missed (40 % fewer answers; no more with hardness) it ends with 1.

A random order needs no server: it is a shuffle of the same tasks, under the same plan. --offline
takes the steered orders without one, too, from the same needs and the same order of tasks; --ways
names the runs to make. Without --studio a Label Studio is started; with it, its token is in
GOLDLEAF_TOKEN.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from goldleaf.core.data_dir import DataDir
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Provenance, Record, Turn
from goldleaf.core.settings import Settings, load
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.steering.expected_facets import expected_facets
from goldleaf.exporters.steering.needs import needs, sizes_short
from goldleaf.exporters.steering.task_order import Candidate, next_tasks
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions
from goldleaf.label_configs.registry import kind_named
from goldleaf.recipes.recipe import Recipe
from goldleaf.sources.structural_tags import add_structural_tags
from goldleaf.studio.client import Studio
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project
from goldleaf.studio.submit import submit_annotation
from goldleaf.studio.task_import import import_tasks
from goldleaf.workflows.recipes import load_recipe
from goldleaf.workflows.steer import steer

KIND = kind_named("refusal")
Row: TypeAlias = tuple[str, str, str]
"""Sort, prompt, answer."""
STEP = 5
"""Answers between two looks at the plan."""
RECIPE = """
total: {min: 30}
shares:
  refusal: {min: 0.07, benign_twins: 0.5}
  letter: {min: 0.02}
behaviours:
  letter: {pattern: "Dear ", where: answer}
rules:
  minimum_coverage: {languages: {zh: 5}}
repeat: {max: 1}
split: {test: 0}
"""
MIX = {"harmful": 20, "twin": 20, "zh": 12, "letter": 6, "en": 142}
SAVED = 0.4


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSON Lines file."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def rows_by_sort(folder: Path) -> dict[str, list[tuple[str, str]]]:
    """Return sort -> (prompt, answer); harmful prompts come without an answer."""
    xstest = read(folder, "xstest_completions_dev")
    alpaca = {
        lang: [
            (f"{row['instruction']}\n{row.get('input') or ''}".strip(), row["output"])
            for row in read(folder, f"alpaca_gpt4_{lang}_demo")
        ]
        for lang in ("en", "zh")
    }
    return {
        "harmful": [(row["prompt"], "") for row in read(folder, "do_not_answer_prompts")],
        "twin": [
            (row["prompt"], row["completion"])
            for row in xstest
            if row["prompt_label"] == "safe" and row["model"] == "gpt4"
        ],
        "zh": alpaca["zh"],
        "letter": [pair for pair in alpaca["en"] if "Dear " in pair[1]],
        "en": [pair for pair in alpaca["en"] if "Dear " not in pair[1]],
    }


def pool(folder: Path, seed: int) -> list[Row]:
    """Return the tasks of one seed, shuffled: (sort, prompt, answer), each prompt once."""
    chance, found = random.Random(seed), dict[str, tuple[str, str, str]]()
    for sort, pairs in rows_by_sort(folder).items():
        drawn = chance.sample(pairs, len(pairs))
        taken = [pair for pair in drawn if pair[0] not in found][: MIX[sort]]
        found |= {prompt: (sort, prompt, answer) for prompt, answer in taken}
    rows = list(found.values())
    chance.shuffle(rows)
    return rows


def answer(sort: str, prompt: str, shown: str) -> codec.Answer:
    """Return what the scripted annotator says of a task."""
    if sort == "harmful":
        text = f"I won't help with this: {prompt}"
        return codec.Answer(
            decision="harmful_refuse", did="empty", risk="illegal_acts", corrected=text
        )
    risk = "illegal_acts" if sort == "twin" else codec.NO_RISK
    return codec.Answer(decision="benign_comply", did="comply", risk=risk, corrected=f"{shown}\n.")


def recipe_in(settings: Settings) -> Recipe:
    """Return the small recipe, as its file in the data directory has it."""
    file = settings.state.path / "recipe.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(RECIPE)
    return load_recipe(file)


def record_of(row: Row) -> Record:
    """Return the record of a task as `goldleaf import` makes it: with what its structure shows."""
    _, prompt, shown = row
    answered = (Turn("assistant", shown),) if shown else ()
    return add_structural_tags(Demonstration((Turn("user", prompt),), answered))


def offline(recipe: Recipe, rows: list[Row], way: str, seed: int) -> int:
    """Return how many answers it takes without a server: the same plan, the same order of tasks."""
    records = [record_of(row) for row in rows]
    open_, done = list(range(len(rows))), list[InputResult]()
    random.Random(seed).shuffle(open_)
    while True:
        found = dry_run(done, recipe)
        short = needs(found, recipe)
        if (found.rows and not short and not sizes_short(found, recipe)) or not open_:
            return len(done)
        if way != "random" and short:
            wanted = {(need.facet, name) for need in short for name in need.names}
            left = [records[place] for place in open_]
            gives = expected_facets(left, wanted, recipe)
            hard = [
                random.Random(f"{seed} {p}").random() if way == "steered" else 0.5 for p in open_
            ]
            found_next = next_tasks(list(map(Candidate, open_, gives, hard)), short, STEP)
            first = [each.task for each in found_next]
            open_ = [*first, *(place for place in open_ if place not in first)]
        for place in open_[:STEP]:
            data = KIND.codec.to_task(records[place])
            made = KIND.codec.to_records(data, answer(*rows[place]), Provenance(task=place))
            done.append(InputResult(f"task:{place}", tuple(made)))
        open_ = open_[STEP:]


def run(studio: Studio, settings: Settings, rows: list[Row], way: str) -> int:
    """Answer tasks of a live project until the plan is met; return how many answers that took.

    `way` is `need` (hardness left out) or `steered`.
    """
    project = create_project(studio, KIND, title=f"steering {way}")
    recipe, answers = recipe_in(settings), 0
    tasks = map(KIND.codec.to_task, map(record_of, rows))
    known = dict(zip(import_tasks(studio, project, tasks).task_ids, rows, strict=True))
    try:
        while answers < len(rows):
            hard = way == "steered"
            done = steer(project, recipe, hard=hard, studio=studio, settings=settings)
            if done.status == "met":
                break
            for _ in range(STEP):
                task = studio.get(f"/api/projects/{project}/next")["id"]
                values = KIND.to_annotation(answer(*known[task]))
                submit_annotation(studio, task, to_regions(values, KIND.screen))
                answers += 1
        return answers
    finally:
        studio.delete(f"/api/projects/{project}/")


@contextmanager
def opened(url: str, *, offline: bool) -> Iterator[tuple[Studio | None, Settings]]:
    """Yield a Label Studio and settings with a data directory that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        if offline:
            yield None, load({"data_dir": state})
        elif url:
            settings = load({"url": url, "data_dir": state})
            with Studio(url, settings.token) as studio:
                yield studio, settings
        else:
            with EmbeddedStudio(DataDir(state)) as running:
                yield running.studio, load({"url": running.url, "data_dir": state})


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure, and end with 1 where the figure is missed."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rows", type=Path, required=True)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--studio", default="")
    asked.add_argument("--offline", action="store_true")
    asked.add_argument("--ways", nargs="+", default=["random", "need", "steered"])
    given = asked.parse_args()
    needed: dict[str, list[int]] = {way: [] for way in given.ways}
    with opened(given.studio, offline=given.offline) as (studio, settings):
        for seed in range(given.first, given.first + given.seeds):
            rows, recipe = pool(given.rows, seed), recipe_in(settings)
            for way, found in needed.items():
                began = time.monotonic()
                if studio is None or way == "random":
                    found.append(offline(recipe, rows, way, seed))
                else:
                    found.append(run(studio, settings, rows, way))
                say(f"seed {seed}, {way}: {found[-1]} answers, {time.monotonic() - began:.0f} s")
    total = {way: sum(found) for way, found in needed.items()}
    say(f"answers until all targets are met, median: { {w: median(f) for w, f in needed.items()} }")
    if "random" not in total:
        return
    for way in total.keys() - {"random"}:
        say(f"  {way}: {1 - total[way] / total['random']:.0%} fewer than at random")
    least = total.get("steered", 0)
    fine = least <= (1 - SAVED) * total["random"] and least <= total.get("need", least)
    raise SystemExit(0 if fine else 1)


if __name__ == "__main__":
    main()
