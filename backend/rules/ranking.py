"""Drafting rules for ranking: what can be seen of each answer; no rank, no reasons, no text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import strange, text_of
from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_empty
from goldleaf.core.text_comparison import same_text
from goldleaf.curation.answer_checks.text_cleanup import clean_up
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.ranking import codec

KIND = "ranking"

SOME_REFUSE, SOME_NOTICED, SAME = 0.2, 0.4, 0.9
"""Queue priority of a task; Label Studio serves the lowest first. Some answers refusing where
others do not is where the boundary of refusal is learnt: soonest. A set with two equal answers
teaches less than its length costs: last."""


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return a ranking draft of what can be seen of each answer, or None where there is nothing.

    Only `noticed`, choices of `codec.NOTICED`; of equal answers all but the first are called so.

    Raises:
        BadRow: `bad_task`, or as `text_of`, for `prompt` and the text of each answer.
    """
    answers = list_or_none(task.get("answers"))
    if answers is None:
        raise BadRow("bad_task", "the answers are no list")
    prompt = text_of(task, "prompt")
    texts = [text_of(object_or_empty(answer), "text") for answer in answers]
    found = tuple(
        codec.AnswerRank(noticed=_noticed(prompt, text, texts[:place]))
        for place, text in enumerate(texts)
    )
    names = [set(each.noticed) for each in found]
    if not any(names):
        return None
    refusing = sum("refuses" in each for each in names)
    if any("same" in each for each in names):
        score = SAME
    else:
        score = SOME_REFUSE if 0 < refusing < len(names) else SOME_NOTICED
    return Draft(to_annotation(codec.Answer(answers=found)), score=score)


def _noticed(prompt: str, text: str, before: list[str]) -> tuple[str, ...]:
    """Return which of `codec.NOTICED` holds for an answer, given those shown above it."""
    cut = {"truncated", "open_fence"} & set(clean_up(text, prompt).codes)
    holds = {
        "refuses": refuses(text),
        "empty": not text.strip(),
        "language": strange(prompt, (text,)),
        "truncated": bool(cut),
        "same": any(same_text(text, other) for other in before),
    }
    return tuple(name for name in codec.NOTICED if holds[name])
