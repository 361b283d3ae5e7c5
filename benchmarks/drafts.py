"""How good the drafts of a learned model are: accuracy, what is shown, and how much of it is right.

    python benchmarks/drafts.py --rows FOLDER [--draws 10] [--only refusals|generators|questions]
        [--set do_not_answer_prompts] [--labels 50 200]

FOLDER has `xstest_completions_dev.jsonl.gz` (replies of five models, judged by people), and for
`questions` `do_not_answer_prompts`, `safetybench_zh_subset`, `belle_eval_zh_class` and
`dolly_3k_category`. A quarter of the prompts is held out by draw and no prompt is on both sides.
`generators` leaves one of the five models out; its replies come in batches of 64, as in use. With
the extra `embed` installed sentence vectors take part; GOLDLEAF_EMBEDDER=tfidf_svd leaves them out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from goldleaf.backend.training.classifier_model import ChoicePrediction, Model
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.ngrams import texts_of
from goldleaf.backend.training.training_examples import Example
from goldleaf.core.records import Demonstration, Provenance, Turn
from goldleaf.curation.refusals.refusal_detector import refusal
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("refusal")
LABELS = {"1": "comply", "2": "full_refusal", "3": "partial_refusal"}
EXTENTS = {"none": "comply", "full": "full_refusal", "partial": "partial_refusal"}
BATCH = 64
QUESTIONS = (
    ("do_not_answer_prompts", "prompt", "risk_area"),
    ("safetybench_zh_subset", "question", "category"),
    ("belle_eval_zh_class", "question", "class"),
    ("dolly_3k_category", "instruction", "category"),
)


def say(line: str) -> None:
    """Print a line at once."""
    print(line, file=sys.stdout, flush=True)  # noqa: T201


def read(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a file of the folder."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@dataclass(frozen=True)
class Row:
    """One labelled task: its data, what a person said, its prompt and who wrote the reply."""

    data: dict[str, Any]
    label: str
    group: str
    generator: str = ""

    def example(self, number: int, control: str) -> Example:
        """Return it as an answer that a project learns from."""
        choices = {control: (self.label,)}
        texts = texts_of(self.data)
        return Example(f"{number:06}", self.group, texts, choices, frozenset(), self.generator)


def replies(folder: Path) -> list[Row]:
    """Return XSTest's replies as refusal tasks."""
    found: list[Row] = []
    for row in read(folder, "xstest_completions_dev"):
        data = KIND.codec.to_task(
            Demonstration(
                (Turn("user", row["prompt"]),),
                (Turn("assistant", row["completion"]),),
                parents=(Provenance(drafted_by=row["model"]),),
            )
        )
        found.append(Row(data, LABELS[row["final_label"][0]], row["id"], row["model"]))
    return found


@dataclass
class Score:
    """Counts over all draws."""

    rows: int = 0
    right: int = 0
    shown: int = 0
    shown_right: int = 0
    seconds: list[float] = field(default_factory=list[float])

    def add(self, rows: Sequence[Row], said: Sequence[ChoicePrediction]) -> None:
        """Count what was said of rows."""
        for row, each in zip(rows, said, strict=True):
            hit = each.choice == row.label
            self.rows += 1
            self.right += hit
            self.shown += each.draftable
            self.shown_right += hit and each.draftable

    def line(self) -> str:
        """Return accuracy, share shown, share of these right, and seconds of a fit."""
        right = f"{self.shown_right / self.shown:8.3f}" if self.shown else "       -"
        spent = sum(self.seconds) / len(self.seconds)
        return f"{self.right / self.rows:8.3f} {self.shown / self.rows:8.3f} {right} {spent:8.2f}"


def train(rows: Sequence[Row], control: str) -> tuple[Model, float]:
    """Return the model of some rows, and the CPU seconds that it took."""
    began = time.process_time()
    found = [row.example(number, control) for number, row in enumerate(rows)]
    return fit(found, {control: False}, KIND.id), time.process_time() - began


def ask(model: Model, rows: Sequence[Row]) -> list[ChoicePrediction]:
    """Return what a model says of rows, in batches as a server gets them."""
    said: list[ChoicePrediction] = []
    for start in range(0, len(rows), BATCH):
        batch = [row.data for row in rows[start : start + BATCH]]
        said += [predictions[0] for predictions in model.ask_all(batch)]
    return said


def splits(rows: Sequence[Row], draws: int) -> Iterable[tuple[list[Row], list[Row]]]:
    """Yield (rows to learn from, in random order; held out rows) by prompt."""
    prompts = sorted({row.group for row in rows})
    for draw in range(draws):
        chance = random.Random(f"draft {draw}")
        held = set(chance.sample(prompts, len(prompts) // 4))
        pool = [row for row in rows if row.group not in held]
        chance.shuffle(pool)
        test = [row for row in rows if row.group in held]
        chance.shuffle(test)
        yield pool, test


def curve(rows: Sequence[Row], control: str, sizes: Sequence[int], draws: int) -> None:
    """Print the learning curve of a set."""
    say("labels accuracy    shown    right    CPU s   drawn with drafts")
    for size in sizes:
        score, opened = Score(), 0
        for pool, test in splits(rows, draws):
            if len(pool) < size * 0.95:
                continue
            model, seconds = train(pool[:size], control)
            if not model.heads:
                continue
            score.seconds.append(seconds)
            before = score.shown
            score.add(test, ask(model, test))
            opened += score.shown > before
        if score.rows:
            say(f"{size:6} {score.line()}   {opened} of {len(score.seconds)}")


def left_out(rows: Sequence[Row], sizes: Sequence[int]) -> None:
    """Print what happens to the replies of a model that nothing was learned of."""
    say("left out        labels   F1 detector   accuracy    shown    right    CPU s")
    for name in sorted({row.generator for row in rows}):
        pool = [row for row in rows if row.generator != name]
        test = [row for row in rows if row.generator == name]
        random.Random("left out").shuffle(pool)
        random.Random("held").shuffle(test)
        theirs = f1(test, [EXTENTS[refusal(row.data["answer"]).extent] for row in test])
        for size in sizes:
            model, seconds = train(pool[:size], "did")
            score, said = Score(seconds=[seconds]), ask(model, test)
            score.add(test, said)
            ours = f1(test, [each.choice for each in said])
            say(f"{name:15} {min(size, len(pool)):6} {ours:6.3f} {theirs:7.3f} {score.line()}")


def f1(rows: Sequence[Row], said: Sequence[str]) -> float:
    """Return F1 of "refuses, at least in part"."""
    true = [row.label != "comply" for row in rows]
    found = [choice != "comply" for choice in said]
    both = sum(one and other for one, other in zip(true, found, strict=True))
    return 2 * both / (sum(true) + sum(found))


def words(rows: Sequence[Row], sizes: Sequence[int], draws: int) -> None:
    """Print the accuracy of scikit-learn's TF-IDF of words with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    for size in sizes:
        right = of = 0
        for pool, test in splits(rows, draws):
            if len(pool) >= size * 0.95:
                model = make_pipeline(
                    TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
                    LogisticRegression(C=10, max_iter=2_000),
                )
                model.fit([_text(row) for row in pool[:size]], [row.label for row in pool[:size]])
                said = model.predict([_text(row) for row in test])
                right += sum(a == row.label for a, row in zip(said, test, strict=True))
                of += len(test)
        if of:
            say(f"{size:6} {right / of:8.3f}   TF-IDF of words")


def _text(row: Row) -> str:
    return str(row.data.get("answer") or row.data["prompt"])


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--only", choices=("refusals", "generators", "questions"))
    parser.add_argument("--set", choices=[name for name, _, _ in QUESTIONS])
    parser.add_argument("--labels", type=int, nargs="+", default=(25, 50, 200, 800))
    given = parser.parse_args()
    sizes: tuple[int, ...] = tuple(given.labels)
    found = replies(given.rows)
    if given.only in (None, "refusals"):
        right = sum(EXTENTS[refusal(row.data["answer"]).extent] == row.label for row in found)
        say(f"XSTest, {len(found)} replies; the refusal detector alone {right / len(found):.3f}")
        curve(found, "did", sizes, given.draws)
        words(found, sizes, given.draws)
    if given.only in (None, "generators"):
        left_out(found, (200, 864))
    if given.only in (None, "questions"):
        for name, text, label in QUESTIONS:
            if given.set not in (None, name):
                continue
            rows = [
                Row({"prompt": row[text]}, " ".join(row[label].split()), row[text])
                for row in read(given.rows, name)
            ]
            say(f"{name}, {len(rows)} questions, {len({row.label for row in rows})} labels")
            curve(rows, "risk", sizes, given.draws)
            words(rows, sizes, given.draws)


if __name__ == "__main__":
    main()
