r"""PRM800K's rows: a problem, and rated completions of each step of its solution.

    {"question": {"problem": "2+2*3?"}, "label": {"finish_reason": "found_error", "steps": [
      {"completions": [{"text": "2*3 is 6.", "rating": 1}], "chosen_completion": 0},
      {"completions": [{"text": "So it is 12.", "rating": -1}], "chosen_completion": null}]}}

The solution is the chosen completion of each step, or one that a person wrote; it ends where none
was chosen, with the first completion there, which is the one that went wrong. Ratings are 1, 0 and
-1: 0, neutral, is not wrong. Other completions of a step are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.records import Judgement, Step, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import answer_of, text_of
from goldleaf.formats.stepwise_rows import BETWEEN

NAME = "prm800k"
TITLE = "PRM800K: solutions with a rating for every step"


def recognises(row: Row) -> bool:
    """Return whether a row fits: a `question` with a `problem`, and a `label` with `steps`."""
    question, label = object_or_empty(row.get("question")), object_or_empty(row.get("label"))
    return "problem" in question and isinstance(label.get("steps"), list)


def read(row: Row) -> Judgement:
    """Return the judgement of the steps; there is no verdict on the whole (`good` is None).

    Raises:
        BadRow: `no_prompt`, `bad_steps` (no step has a completion), `bad_label` (a rating that is
            neither 1, 0 nor -1), or what `text_of` and `answer_of` raise.
    """
    problem = text_of(object_or_empty(row.get("question")).get("problem"), "question.problem")
    if not problem.strip():
        raise BadRow("no_prompt", "the problem is empty")
    steps = tuple(_steps(row))
    if not steps:
        raise BadRow("bad_steps", "no step has a completion")
    answer = Turn("assistant", BETWEEN.join(step.content for step in steps))
    return Judgement((Turn("user", problem),), (answer,), steps=steps)


def _steps(row: Row) -> Iterator[Step]:
    for number, step in enumerate(objects_in(object_or_empty(row.get("label")).get("steps"))):
        where = f"label.steps[{number}]"
        written = object_or_empty(step.get("human_completion"))
        completions = objects_in(step.get("completions"))
        chosen = step.get("chosen_completion")
        if written:
            # A person wrote it because no completion would do; it carries no rating of its own.
            yield Step(answer_of(written.get("text"), where), True)
            continue
        known = isinstance(chosen, int) and 0 <= chosen < len(completions)
        if not completions:
            return
        given = completions[chosen if known and isinstance(chosen, int) else 0]
        rating = given.get("rating")
        if rating is None and not known:
            return  # the annotator stopped here
        if rating not in (1, 0, -1):
            raise BadRow("bad_label", f"{where} is rated {rating!r}"[:120])
        yield Step(answer_of(given.get("text"), where), rating != -1)
        if not known:
            return
