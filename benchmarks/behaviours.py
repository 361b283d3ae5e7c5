"""How well modes and behaviours are told, without labels and with a few hundred of them.

    python benchmarks/behaviours.py --rows DATA

DATA holds `dolly_3k_category`, `belle_eval_zh_class` and `do_not_answer_prompts` (`.jsonl.gz`).
Without labels a mode is mapped to the set's classes; its words and seeds were adjusted on the half
"tuned". With labels: five draws, split by prompt, classes as the user would name them. Swapped: a
tenth of the labels of some rows are swapped, and `label_disagreement` ranks them (area under the
curve; three draws), by modes and learned from these labels.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.meaning.behaviour_detector import CONFIDENT, method, mode_probabilities
from goldleaf.curation.meaning.label_disagreement import label_disagreement
from goldleaf.curation.meaning.learned_labels import learn

DRAWS = 5
MODES = {
    "dolly": {
        "general_qa": "explain plan compare decide critique converse sense",
        "open_qa": "recall calculate code reason",
        "closed_qa": "read",
        "information_extraction": "extract transform structure",
        "summarization": "summarise",
        "classification": "classify",
        "brainstorming": "brainstorm",
        "creative_writing": "create role_play",
    },
    "belle": {
        "open qa": "explain recall compare converse sense",
        "closed qa": "read",
        "extract": "extract",
        "summarization": "summarise",
        "classification": "classify",
        "brainstorming": "brainstorm plan decide",
        "generation": "create role_play structure",
        "rewrite": "transform critique",
        "math": "calculate reason",
        "code": "code",
    },
}

LABELS = {
    **dict.fromkeys(
        "general_qa closed_qa information_extraction classification extract".split(),
        "question_answering",
    ),
    **dict.fromkeys(
        "brainstorming summarization creative_writing generation rewrite".split(), "writing"
    ),
    **{"open_qa": "knowledge", "open qa": "question_answering", "closed qa": "question_answering"},
}
"""The behaviour that a class of either set is labelled with."""


def rows_of(rows: Path, name: str) -> tuple[list[str], list[str], NDArray[Any]]:
    """Return the questions, answers and classes of a set."""
    files = {
        "dolly": "dolly_3k_category",
        "belle": "belle_eval_zh_class",
        "do_not_answer": "do_not_answer_prompts",
    }
    with gzip.open(rows / f"{files[name]}.jsonl.gz", "rt", encoding="utf-8") as lines:
        read: list[dict[str, Any]] = [json.loads(line) for line in lines]
    if name == "dolly":
        asked = ["\n".join(filter(None, (r["instruction"], r["input"]))) for r in read]
        return asked, [r["output"] for r in read], np.array([r["category"] for r in read])
    if name == "belle":
        classes = np.array([r["class"].replace("\xa0", " ") for r in read])
        return [r["question"] for r in read], [r["std_answer"] or "" for r in read], classes
    return [r["prompt"] for r in read], [], np.array([r["risk_area"] for r in read])


def scores(true: NDArray[Any], said: NDArray[Any]) -> str:
    """Return accuracy and macro-F1 as text."""
    from sklearn.metrics import f1_score

    f1 = f1_score(true, said, average="macro")
    return f"accuracy {(true == said).mean():.3f}  macro-F1 {f1:.3f}"


def without_labels(rows: Path, name: str) -> None:
    """Print a set's figures by modes alone."""
    asked, _, classes = rows_of(rows, name)
    of_mode = {mode: kind for kind, modes in MODES[name].items() for mode in modes.split()}
    names, found = mode_probabilities(asked)
    said = np.array([of_mode[names[best]] for best in found.argmax(axis=1)])
    sure = found.max(axis=1) >= CONFIDENT
    tuned = [int(hashlib.sha1(each.encode()).hexdigest(), 16) % 2 == 0 for each in asked]
    majority = Counter(classes.tolist()).most_common(1)[0][0]
    print(f"{name}: majority class   {scores(classes, np.full(len(classes), majority))}")  # noqa: T201
    for half, part in (("tuned half", np.array(tuned)), ("other half", ~np.array(tuned))):
        confident = part & sure
        share = confident.sum() / part.sum()
        right = (said[confident] == classes[confident]).mean()
        print(f"  {half:<14}{scores(classes[part], said[part])}", end="")  # noqa: T201
        print(f"   at {CONFIDENT}: {share:.2f} of rows, accuracy {right:.3f}")  # noqa: T201


def with_labels(rows: Path, name: str, count: int) -> None:
    """Print a set's figures after learning from `count` rows."""
    from sklearn.metrics import f1_score

    asked, answers, classes = rows_of(rows, name)
    right, f1 = [], []
    for draw in range(DRAWS):
        prompts = sorted(set(asked))
        np.random.default_rng(draw).shuffle(prompts)
        place = {prompt: number for number, prompt in enumerate(prompts)}
        order = sorted(range(len(asked)), key=lambda row: place[asked[row]])
        fit, test = order[:count], order[count:]
        model = learn(
            [asked[row] for row in fit],
            classes[fit].tolist(),
            [answers[row] for row in fit] if answers else (),
        )
        said, _ = model.predict(
            [asked[row] for row in test], [answers[row] for row in test] if answers else ()
        )
        right.append((np.array(said) == classes[test]).mean())
        f1.append(f1_score(classes[test], said, average="macro"))
    print(f"{name} at {count} labels: accuracy {np.mean(right):.3f}  macro-F1 {np.mean(f1):.3f}")  # noqa: T201


def disagreement(rows: Path, name: str, count: int) -> None:
    """Print how well swapped labels of `count` rows are ranked."""
    import polars as pl
    from sklearn.metrics import roc_auc_score

    asked, answers, classes = rows_of(rows, name)
    told = [row for row in range(len(asked)) if str(classes[row]) in LABELS]
    figures: dict[str, list[float]] = {"modes": [], "learned": []}
    for draw in range(3):
        chance = np.random.default_rng(draw)
        chosen = chance.permutation(told)[:count]
        right = [LABELS[str(classes[row])] for row in chosen]
        wrong = chance.random(len(chosen)) < 0.1
        kinds = sorted(set(right))
        shown = [
            str(chance.choice([kind for kind in kinds if kind != label])) if bad else label
            for label, bad in zip(right, wrong, strict=True)
        ]
        frame = pl.DataFrame(
            {
                "record": [f"{n:06}" for n in range(len(chosen))],
                "question": [asked[row] for row in chosen],
                "answer": [answers[row] for row in chosen],
                "behaviours": [[label] for label in shown],
            }
        )
        for way, least in (("modes", len(asked) + 1), ("learned", 1)):
            found, _ = label_disagreement(frame, least)
            both = frame.join(found, on="record", how="left", maintain_order="left")
            figures[way].append(float(roc_auc_score(wrong, both["value"].fill_null(0).to_numpy())))
    means = "  ".join(f"{way} {np.mean(values):.3f}" for way, values in figures.items())
    print(f"{name}: a tenth of {count} labels swapped, area under the curve: {means}")  # noqa: T201


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    rows = Path(parser.parse_args().rows)
    print(f"sentences read with {method()}", file=sys.stdout)  # noqa: T201
    for name in ("dolly", "belle"):
        without_labels(rows, name)
    for name, count in (("dolly", 200), ("dolly", 800), ("belle", 200), ("do_not_answer", 200)):
        with_labels(rows, name, count)
    for name, count in (("dolly", 60), ("dolly", 400), ("belle", 60), ("belle", 400)):
        disagreement(rows, name, count)


if __name__ == "__main__":
    main()
