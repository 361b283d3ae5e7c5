"""easy-dataset's own rows: a question, the answer and its chain of thought.

    {"question": "2 + 2?", "answer": "Four.", "cot": "Two and two.", "label": "sums"}
    {"reasoning_language": "English", "developer": "Be brief.", "user": "2 + 2?",
     "analysis": "Two and two.", "final": "Four.", "messages": [...]}

The first is its custom format with the names that it proposes, or a data set as it stores one; the
second its Multilingual-Thinking format. What it exports as Alpaca or ShareGPT is read by `alpaca`
and `messages`, the `<think>` block in front of an answer apart. Shapes: the export dialog and
`useDatasetExport` of ConardLi/easy-dataset, seen in copies of it.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, check_context, text_of
from goldleaf.formats.text_columns import question_of

NAME = "easy_dataset"
TITLE = "easy-dataset's questions with their chain of thought"

_THINKING = ("user", "analysis", "final")


def recognises(row: Row) -> bool:
    """Return whether a row fits: question, answer and `cot`; or user, analysis and final."""
    custom = all(key in row for key in ("question", "answer", "cot"))
    return custom or all(key in row for key in _THINKING)


def read(row: Row) -> Demonstration:
    """Return the answered question; the chain of thought is the answer's reasoning, where given.

    Raises:
        BadRow: `no_prompt`, `empty_response`, or what `text_of` raises.
    """
    thinking = all(key in row for key in _THINKING)
    asked, thought, said = _THINKING if thinking else ("question", "cot", "answer")
    system = text_of(row.get("developer" if thinking else "system") or "", "system")
    question = question_of(row, (asked,))
    if row.get(said) is None:
        raise BadRow("empty_response", f"{said} is empty")
    answer = answer_of(row[said], said)
    reasoning = text_of(row.get(thought) or "", thought)
    context = (*([Turn("system", system)] if system.strip() else []), Turn("user", question))
    check_context(context)
    turn = Turn("assistant", answer, reasoning if reasoning.strip() else "")
    return Demonstration(context, (turn,))
