r"""A chain of reasoning: its steps, its final answer, and the turn that holds both.

| a turn | chain | final answer |
|---|---|---|
| with reasoning apart | the reasoning | the content |
| whose last line is `#### 18`, as GSM8K has it | all before it | what follows the mark |
| any other | the content | not known |

Steps are paragraphs where blank lines separate them, else lines.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from goldleaf.core.records import Demonstration, Judgement, Turn

BETWEEN = "\n"
"""What stands between the steps of a chain whose steps came apart, as trainers join them."""
_MARKED = re.compile(r"\n?####[ \t]*([^\n]*\S)\s*\Z")
_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_THOUGHT = re.compile(r"\A<think>\n(.*)\n</think>\n\n(.*)\Z", re.DOTALL)


class Chain(NamedTuple):
    """A chain as it came; `final` is "" where it is not marked."""

    text: str
    final: str
    steps: tuple[str, ...]


def chain_of(record: Demonstration | Judgement) -> Chain:
    """Return the chain of a record's answer, an empty one where it has none.

    Steps that a judgement holds are those of the file.
    """
    if isinstance(record, Judgement) and record.steps:
        steps = tuple(step.content for step in record.steps)
        return Chain(BETWEEN.join(steps), "", steps)
    if not record.response:
        return Chain("", "", ())
    turn = record.response[0]
    if turn.reasoning:
        return Chain(turn.reasoning, turn.content, split_steps(turn.reasoning))
    marked = _MARKED.search(turn.content)
    text = turn.content[: marked.start()] if marked else turn.content
    return Chain(text, marked[1].strip() if marked else "", split_steps(text))


def split_steps(text: str) -> tuple[str, ...]:
    r"""Return the steps of a chain, without white space at their ends.

    >>> split_steps("2 * 3 = 6\n6 + 1 = 7\n"), split_steps("One\nlong step.\n\nAnother.")
    (('2 * 3 = 6', '6 + 1 = 7'), ('One\nlong step.', 'Another.'))
    """
    text = text.replace("\r\n", "\n").strip()
    parts = _PARAGRAPHS.split(text) if _PARAGRAPHS.search(text) else text.split("\n")
    return tuple(part.strip() for part in parts if part.strip())


def turn_of(text: str, final: str) -> Turn:
    """Return the turn of a chain and its final answer: reasoning apart from content.

    Where no final answer is known, the last step is the content; a single step is no reasoning.
    """
    if final.strip():
        return Turn("assistant", final, text.strip()) if text.strip() else Turn("assistant", final)
    steps = split_steps(text)
    if len(steps) < 2:
        return Turn("assistant", text)
    text = text.replace("\r\n", "\n").rstrip()
    return Turn("assistant", steps[-1], text[: text.rindex(steps[-1])].strip())


def turn_text(turn: Turn) -> str:
    """Return a turn as one text, its reasoning in a `<think>` block; `parse_turn` reads it back."""
    return (
        f"<think>\n{turn.reasoning}\n</think>\n\n{turn.content}" if turn.reasoning else turn.content
    )


def parse_turn(text: str) -> Turn:
    """Return the turn that `turn_text` wrote."""
    thought = _THOUGHT.match(text)
    return Turn("assistant", thought[2], thought[1]) if thought else Turn("assistant", text)
