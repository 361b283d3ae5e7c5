"""What a kind's `demo_answers.py` offers: the script that stands for annotators in the demo.

Rules of thumb, good enough for the kind's own sample tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class DemoAnswers(Protocol):
    """The two functions of such a file."""

    def answer(self, data: Mapping[str, Any], draft: Any, place: int) -> Any:
        """Return the `Answer` to a task.

        Args:
            data: the task's data.
            draft: the `Answer` that was drafted, an empty one where nothing was.
            place: the place of the task among the kind's sample tasks, from 1.
        """
        ...

    def second_opinion(self, answer: Any) -> Any:
        """Return the answer of a second annotator who disagrees, or None where that one agrees.

        Args:
            answer: what `answer` returned for the same task.
        """
        ...


def polished(text: str) -> str:
    """Return a text with one more sentence, so that anyone sees that it was edited.

    The sentence is Chinese if any character of the text is, else English; white space at the text's
    end goes.
    """
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    more = "如需更多细节，请告诉我。" if chinese else "Ask me for more if you like."
    return f"{text.rstrip()}\n\n{more}"
