"""A prompt with two answers, and a number that says which is better: pairwise evaluation sets.

    {"instruction": "Sky?", "output_1": "Blue.", "output_2": "No.", "preference": 1}
    {"prompt": "Sky?", "response 1": "Blue.", "response 2": "No.", "label": 0}
    {"instruction": "Sky?", "response1": "Blue.", "response2": "No.",
     "annotator1": 1, "annotator2": 1, "annotator3": 2}

AlpacaEval's `preference` is 1 or 2, or between them where judges were weighed, 0 and 1.5 being
equal. Auto-J's `label` is 0 for the first, 1 for the second, 2 for equal. PandaLM's annotators say
1, 2, or 0 for equal; what more than half of them say counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, text_of
from goldleaf.formats.text_columns import answer_turn, question_of, system_of

NAME = "judged_pairs"
TITLE = "a prompt with two answers, and which of them is better"


class _Shape(NamedTuple):
    answers: tuple[str, str]
    winner: Callable[[Row], int]
    """Return 1 or 2 for the better answer, 0 where they are equal."""
    verdict: str
    """A column that is there in such rows."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: two numbered answers with their verdict, and what was asked.

    `output_1`, `output_2`, `preference`; `response 1`, `response 2`, `label`; or `response1`,
    `response2`, `annotator1`. Asked in `instruction`, `prompt` or `question`.
    """
    return _shape(row) is not None and any(key in row for key in _ASKED)


def read(row: Row) -> Comparison:
    """Return the comparison; equal answers share the first rank.

    Raises:
        BadRow: `missing_field`, `bad_label`, `disagreement` (no more than half of the annotators
            agree), `identical_pair`, or what `question_of` and `answer_turn` raise.
    """
    shape = _shape(row)
    if shape is None:
        raise BadRow("missing_field", "no two answers with a verdict")
    context = (*system_of(row), Turn("user", question_of(row, _ASKED, ("input",))))
    check_context(context)
    first, second = (answer_turn(row[key], key) for key in shape.answers)
    if first == second:
        raise BadRow("identical_pair", "both answers are the same")
    winner = shape.winner(row)
    models = (text_of(row.get(f"generator_{n}") or "", "generator") for n in (1, 2))
    candidates = tuple(
        Candidate((turn,), rank=1 if winner in (0, number) else 2, drafted_by=model)
        for number, (turn, model) in enumerate(zip((first, second), models, strict=True), 1)
    )
    return Comparison(context, candidates, strength="unknown" if winner else "tie")


_ASKED = ("instruction", "prompt", "question")


def _shape(row: Row) -> _Shape | None:
    return next(
        (s for s in _SHAPES if all(key in row for key in (*s.answers, s.verdict))),
        None,
    )


def _by_preference(row: Row) -> int:
    value = row["preference"]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadRow("bad_label", f"preference is {value!r}"[:120])
    if value in (0, 1.5):
        return 0
    if not 1 <= value <= 2:
        raise BadRow("bad_label", f"preference is {value!r}, not between 1 and 2")
    return 1 if value < 1.5 else 2


def _by_label(row: Row) -> int:
    value = row["label"]
    if isinstance(value, bool) or value not in (0, 1, 2):
        raise BadRow("bad_label", f"label is {value!r}, not 0, 1 or 2"[:120])
    return (1, 2, 0)[int(value)]


def _by_annotators(row: Row) -> int:
    votes = [value for key, value in row.items() if _ANNOTATOR.fullmatch(key)]
    if any(isinstance(value, bool) or value not in (0, 1, 2) for value in votes):
        raise BadRow("bad_label", f"the annotators say {votes}"[:120])
    value, count = Counter(votes).most_common(1)[0]
    if 2 * count <= len(votes):
        raise BadRow("disagreement", f"the annotators say {votes}"[:120])
    return int(value)


_ANNOTATOR = re.compile(r"annotator\d+")
_SHAPES = (
    _Shape(("output_1", "output_2"), _by_preference, "preference"),
    _Shape(("response 1", "response 2"), _by_label, "label"),
    _Shape(("response1", "response2"), _by_annotators, "annotator1"),
)
