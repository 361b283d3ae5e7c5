"""What a model knows of a task beside its words: verdicts, length, generator."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import object_or_empty
from goldleaf.core.records import Comparison
from goldleaf.core.records_jsonl import from_plain
from goldleaf.curation.refusals.refusal_certainty import is_certain_full_refusal
from goldleaf.curation.refusals.refusal_detector import refusal
from goldleaf.curation.refusals.risk_words import suggest_risks
from goldleaf.curation.texts.language import language
from goldleaf.label_configs.registry import kinds

LENGTHS = (50, 100, 200, 400, 800, 1600)
"""Characters from which on a text has the verdict `length=N`."""


def main_field(kind: str, control: str) -> str:
    """Return the field of the task that a control is about, "" where the screen does not tell.

    It is that of the object the control's `toName` names: `answer` for the refusal kind's `did`.

    Args:
        kind: name or id of the kind, `refusal/1`.
        control: the control's name.
    """
    return _main_fields(kind.partition("/")[0]).get(control, "")


@cache
def _main_fields(kind: str) -> Mapping[str, str]:
    found = kinds().get(kind)
    controls = found.screen.controls if found else {}
    return {name: each.to_name.removeprefix("shown_") for name, each in controls.items()}


def drafter_of(data: Mapping[str, Any]) -> str:
    """Return which model wrote what a task shows, "" where its record does not name one.

    Several, as of a comparison's answers, are joined in the order of their names.
    """
    plain = object_or_empty(object_or_empty(data.get("goldleaf")).get("record"))
    if "parents" not in plain and "candidates" not in plain:
        return ""  # nothing else names one, so it need not be read
    try:
        record = from_plain(plain)
    except BadRow:
        return ""
    found = {parent.drafted_by for parent in record.parents}
    if isinstance(record, Comparison):
        found |= {each.drafted_by for each in record.candidates}
    return "+".join(sorted(found - {""}))


FAMILIES = frozenset({"length", "empty", "language", "refusal", "risk"})
"""What stands before the `=` of a verdict."""


def verdicts(text: str, families: Collection[str] = FAMILIES) -> list[str]:
    """Return what detectors say of a text: `refusal=full`, `language=zh`, `length=200`...

    Each applies or does not. They are hints of equal weight, whatever text it is: a model learns
    which of them its question depends on.

    Args:
        text: a text of a task.
        families: which detectors are asked; those of other families are not run.

    >>> verdicts("I'm sorry, but I can't help with that.")
    ['language=en', 'refusal=full', 'refusal=certain']
    >>> verdicts("I'm sorry, but I can't help with that.", {"language"})
    ['language=en']
    """
    found: list[str] = []
    if "length" in families:
        found += [f"length={length}" for length in LENGTHS if len(text) >= length]
    if not text.strip():
        return [*found, "empty"] if "empty" in families else found
    if "language" in families:
        found.append(f"language={language(text)}")
    if "refusal" in families:
        extent = refusal(text).extent
        if extent != "none":
            found.append(f"refusal={extent}")
            if extent == "full" and is_certain_full_refusal(text):
                found.append("refusal=certain")
    if "risk" in families:
        for risk in suggest_risks(text[:2_000]):
            found.append(f"risk={risk.risk}{'?' if risk.look_alike else ''}")
    return found
