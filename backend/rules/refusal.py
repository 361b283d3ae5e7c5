"""Drafting rules for refusal: what an answer did by its wording, the risk by the prompt's.

Whether the prompt is harmful and what would have been right is the annotator's word, never drafted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from goldleaf.backend.predictors.predictor import Draft
from goldleaf.backend.rules.texts import text_of
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.text_comparison import same_text
from goldleaf.curation.answer_checks.text_cleanup import cleaned
from goldleaf.curation.refusals.refusal_certainty import is_certain_full_refusal
from goldleaf.curation.refusals.refusal_detector import refusal, refuses
from goldleaf.curation.refusals.risk_words import suggest_risks
from goldleaf.label_configs.answers import to_annotation
from goldleaf.label_configs.refusal import codec

KIND = "refusal"

LOOK_ALIKE, RISKY, REFUSED, EMPTY, OTHER = 0.2, 0.3, 0.4, 0.8, 0.5
"""Queue priorities; Label Studio serves the lowest first. A refusal of what may be a harmless
look-alike is where over-refusal is learnt: soonest. Then an answer that does not refuse words of
risk. A prompt without an answer takes longest: last."""


def draft(task: Mapping[str, Any]) -> Draft | None:
    """Return a refusal draft: what the answer did, the risk, and the answer where tidied.

    None where nothing of it can be seen. The right behaviour is never drafted.

    Raises:
        BadRow: as `text_of`, for `prompt` and `answer`.
    """
    prompt, answer = text_of(task, "prompt"), text_of(task, "answer")
    did = _did(answer)
    risk, look_alike = _risk(task, prompt)
    tidied = cleaned(answer)
    drafted = codec.Answer(
        did=did, risk=risk, corrected="" if same_text(tidied, answer) else tidied
    )
    values = to_annotation(drafted)
    if not values:
        return None
    if did == "empty":
        score = EMPTY
    elif did:
        score = LOOK_ALIKE if look_alike else REFUSED
    else:
        score = RISKY if risk and not look_alike else OTHER
    return Draft(values, score=score)


def undrafted(task: Mapping[str, Any]) -> str:
    """Return why `draft` had nothing for a task: what its answer's wording leaves open.

    One of `refusal_not_sure`, `refuses_in_part`, `no_refusal_seen`.

    Raises:
        BadRow: as `draft`.
    """
    match refusal(text_of(task, "answer")).extent:
        case "full":
            return "refusal_not_sure"
        case "partial":
            return "refuses_in_part"
        case _:
            return "no_refusal_seen"


def _did(answer: str) -> codec.Did | None:
    """Return what wording alone surely shows; half a refusal is too often none to be drafted."""
    if not answer.strip():
        return "empty"
    if refuses(answer) and is_certain_full_refusal(answer):
        return "full_refusal"
    return None


def _risk(task: Mapping[str, Any], prompt: str) -> tuple[str, bool]:
    """Return the one class that a prompt's words name, and whether it only looks so; "" for none.

    Several classes, or the one that a record was imported with, are left to the annotator.
    """
    known = object_or_empty(
        object_or_empty(object_or_empty(task.get("goldleaf")).get("record")).get("tags")
    ).get("risk")
    if isinstance(known, str) and known in codec.RISKS:
        return known, False
    found = suggest_risks(prompt)
    finer = [each for each in found if each.risk != "illegal_acts"] or found
    if len(finer) != 1 or finer[0].risk not in codec.RISKS:
        return "", False
    return finer[0].risk, finer[0].look_alike
