"""How much a short Chinese reply is worded like a refusal: a linear model of its characters.

Chinese refusals argue, deflect and play roles in more ways than a list of phrases holds. The model
is fitted on replies written for this project (`benchmarks/refusal_wording.py`, which also prints
its figures) and weighs runs of one to three characters. It is only asked of short replies that no
rule decided, and never makes a refusal more than partial.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import cache
from importlib.resources import files

import orjson

LONGEST = 160
"""Characters of a reply: a longer one has room to answer, and only short ones were fitted."""
CERTAIN = 0.78
"""Probability from which a reply counts: 1 in 1,000 ordinary answers reaches it (measured:
`benchmarks/refusal_wording.py`)."""
_CUE = re.compile(
    r"不[能可便方宜应愿肯敢打想准被允会予提支在适合太作做容行该说聊谈写帮对值]|无法|"
    r"没[法办能有人谁]|"
    r"难|恕|拒|别[问这再]|违|罪|犯|坐牢|隐私|歧视|伤害|毁|话题|停止|尊重|热线|12356|敏感|帮[你您]|"
    r"安全|谅解|屏蔽|"
    r"风险|范围"
)
"""What a reply must hold for the model to be asked: denial, harm, another topic, authority."""


def refusal_probability(reply: str) -> float:
    """Return how likely a reply refuses, 0 to 1; 0 for long ones and those without any cue.

    Args:
        reply: lower case, Simplified, without white space around it.

    >>> refusal_probability("施主，此等害人之事，贫僧断然不能教你。") > 0.6
    True
    >>> refusal_probability("苹果和香蕉都是水果。")
    0.0
    """
    if len(reply) > LONGEST or not _CUE.search(reply):
        return 0.0
    weights, intercept = _model()
    counts = Counter(ngrams(reply))
    norm = score = 0.0
    for ngram, count in counts.items():
        if ngram in weights:
            idf, weight = weights[ngram]
            value = (1 + math.log(count)) * idf
            norm += value * value
            score += value * weight
    return 1 / (1 + math.exp(-(score / math.sqrt(norm) if norm else 0.0) - intercept))


def ngrams(text: str) -> list[str]:
    """Return the runs of one to three characters of a text, white space as one space."""
    text = re.sub(r"\s+", " ", text)
    return [text[i : i + n] for n in (1, 2, 3) for i in range(len(text) - n + 1)]


@cache
def _model() -> tuple[dict[str, tuple[float, float]], float]:
    read = orjson.loads(
        files("goldleaf.curation.refusals").joinpath("refusal_wording.json").read_bytes()
    )
    return {ngram: (idf, weight) for ngram, idf, weight in read["ngrams"]}, read["intercept"]
