"""Reasoning apart from the answer: what stands between `<think>` and `</think>`."""

from __future__ import annotations

from goldleaf.generation.generator import Answer

_OPEN, _CLOSE = "<think>", "</think>"


def split_reasoning(text: str) -> tuple[str, str]:
    """Return (reasoning, answer) of what a model wrote, both without white space around them.

    A chat template may write the opening tag itself, so the closing one alone counts, too. Tags
    after the answer has begun are part of it; reasoning that never ends leaves no answer.

    >>> split_reasoning("<think>Two and two.</think> Four.")
    ('Two and two.', 'Four.')
    >>> split_reasoning("Four.")
    ('', 'Four.')
    """
    text = text.strip()
    begun = text.startswith(_OPEN)
    if not begun and _CLOSE not in text.partition(_OPEN)[0]:
        return "", text
    reasoning, _, answer = text.removeprefix(_OPEN).partition(_CLOSE)
    return reasoning.strip(), answer.strip()


def answer_of(text: str, *, reasoning: str = "", cut: bool, prompt: int, tokens: int) -> Answer:
    """Return the answer that a model's text is, `empty` if nothing but reasoning was written.

    Args:
        text: what the model wrote.
        reasoning: what the server kept apart already.
        cut: whether the longest length was reached.
        prompt: tokens of the prompt.
        tokens: tokens of the answer.
    """
    thought, said = split_reasoning(text)
    thought = "\n\n".join(part for part in (reasoning.strip(), thought) if part)
    if not said:
        detail = "the model wrote reasoning and no answer" if thought else "the model wrote nothing"
        detail += "; allow more tokens with --max-tokens" if cut else ""
        return Answer("empty", "", "", detail, cut, prompt, tokens)
    return Answer("answered", said, thought, "", cut, prompt, tokens)
