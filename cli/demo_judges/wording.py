"""How the scripted annotator improves a text: visibly, and in its language."""

from __future__ import annotations


def polished(text: str) -> str:
    """Return the text with one sentence more."""
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    more = "如需更多细节，请告诉我。" if chinese else "Ask me for more if you like."
    return f"{text.rstrip()}\n\n{more}"
