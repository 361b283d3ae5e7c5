"""Which imported answers refuse, so that a person can judge whether they should (S12).

The detector of `goldleaf.curation` reads the answer that a record teaches: a demonstration's, a
judgement's if it is called good, the best of a comparison. Only a full refusal is tagged (of those,
97 in 100 are confirmed by people), and only where the data does not label the record itself.

The tag is `refusal_unsettled`: the wording shows that the answer refuses, not that it should. Of
412 replies tagged so in XSTest's development half, 96 refuse a harmless prompt
(`benchmarks/imported_refusals.py`), so its verdict alone never counts for the refusals' share.
The data's own label settles it: `--behaviour refusal` for the file, or `behaviours` or
`right_behaviour` in the row; else an annotator does, in the refusal kind.
A refusal of a prompt whose words of risk all stand in harmless company ("kill a process") is
over-refusal and gets no tag; nor is one tagged again that a curation called so.
"""

from __future__ import annotations

from dataclasses import replace

from goldleaf.core.records import JUDGED, UNSETTLED, Record
from goldleaf.core.screen_verdicts import OVER_REFUSAL
from goldleaf.core.taught_answer import taught_answer
from goldleaf.curation.refusals.refusal_detector import refuses
from goldleaf.curation.refusals.risk_words import suggest_risks


def add_refusal_tags(record: Record) -> Record:
    """Return the record tagged if what it teaches refuses fully.

    `refusal` where the data says that refusing is right, `refusal_unsettled` where it does not say
    what is right. The record itself where it has a tag of `JUDGED` or the unsettled one already,
    where another behaviour is right, where nothing refuses, and for over-refusal (above).
    """
    tags = record.tags
    if not {*JUDGED, UNSETTLED}.isdisjoint(tags.behaviours):
        return record
    if tags.right_behaviour not in ("", "refuse"):
        return record
    if any(verdict.screen == OVER_REFUSAL for verdict in tags.verdicts):
        return record
    taught = taught_answer(record)
    if not taught or not refuses(taught[-1].content):
        return record
    name = "refusal" if tags.right_behaviour else UNSETTLED
    if name == UNSETTLED and _harmless(record):
        return record
    return replace(record, tags=replace(tags, behaviours=(*tags.behaviours, name)))


def _harmless(record: Record) -> bool:
    """Return whether the question has words of risk and all of them are known to be harmless."""
    asked = next((t.content for t in reversed(record.context) if t.role == "user"), "")
    found = suggest_risks(asked)
    return bool(found) and all(each.look_alike for each in found)
