"""Rows of prompts with the criteria that annotators decided by: a rubric of each prompt.

    {"prompt": [{"role": "user", "content": "Why is the sky blue?"}],
     "rubrics": [{"name": "correct", "description": "What the answer states is true...",
                  "weight": 1.0}]}

A criterion is what an annotator ticked as good of the chosen answer, or as bad of the rejected one,
or why the better one is better. Its weight is the share of the annotations of a pair, of those that
gave a reason, that named it: 1.0 where there is one. Where a prompt has several pairs, weights are
the mean over them. Descriptions (`core/criteria.toml`) are in the language of the prompt, Chinese
or else English; a name that a project added itself is its own description. TRL hands `rubrics` to
the reward functions; a judge that reads them is not part of an export.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from goldleaf.core.criteria import CRITERIA, deciding
from goldleaf.core.errors import BadRow
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Comparison, Provenance, Record
from goldleaf.curation.texts.language import language
from goldleaf.formats.rubrics import NAME as NAME
from goldleaf.formats.rubrics import TITLE as TITLE
from goldleaf.formats.rubrics import read as read
from goldleaf.formats.rubrics import recognises as recognises
from goldleaf.trainers.grpo.asked_prompt import asked_prompt
from goldleaf.trainers.trl import rows as trl

TABLES = ("rubrics",)
ADDS_IDS = True
ONCE_PER_PROMPT = True
LOSSY_FIELDS = (
    *(loss for loss in trl.LOSSY_FIELDS if loss[0] in ("tags", "parents")),
    ("turn.train", "the prompt is never learned"),
    ("answers", "the model writes the answer itself; what told two answers apart is kept"),
    ("answers.beside_comparison", "one answer alone was not compared by anything"),
)


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of a pair that annotators gave reasons for.

    Raises:
        BadRow: `no_criteria` (no pair, or no reason was given), `tools_unsupported`, or what
            `goldleaf.trainers.trl.rows.write` raises.
    """
    asked = asked_prompt(record)
    if not isinstance(record, Comparison):
        raise BadRow("no_criteria", "one answer alone was not compared by anything")
    if record.tools or asked.calls:
        raise BadRow("tools_unsupported", "criteria are about words, not calls of these tools")
    weights = _weights(record)
    if not weights:
        raise BadRow("no_criteria", "no annotator said why the better answer is better")
    lang = _language(record)
    return {"rubrics": {"prompt": asked.messages, "rubrics": _rubrics(weights, lang)}}


def merged(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one row of the rows of one prompt: each weight is the mean over them."""
    total, described = Counter[str](), dict[str, str]()
    for row in rows:
        for each in row["rubrics"]:
            total[each["name"]] += each["weight"]
            described.setdefault(each["name"], each["description"])
    rubrics = [
        {"name": name, "description": described[name], "weight": round(total[name] / len(rows), 4)}
        for name in _ordered(total)
    ]
    return {**rows[0], "rubrics": rubrics}


def _weights(record: Comparison) -> dict[str, float]:
    """Return criterion -> share of the annotations with reasons that decided by it."""
    chosen, rejected = (candidate_id(candidate) for candidate in record.candidates)
    given = [_decided(parent, chosen, rejected) for parent in record.parents]
    given = [names for names in given if names]
    if not given and not any(parent.reasons for parent in record.parents):
        # Kinds that ask about the pair alone keep their reasons in the tags.
        given = [tuple(name for name in record.tags.reasons if name in CRITERIA)]
    count = Counter(name for names in given for name in names)
    return {name: round(times / len(given), 4) for name, times in count.items()}


def _decided(parent: Provenance, chosen: str, rejected: str) -> tuple[str, ...]:
    letters = dict(zip(parent.order_shown, "abcdefgh", strict=False))
    return deciding(parent.reasons, letters.get(chosen, ""), letters.get(rejected, ""))


def _rubrics(weights: dict[str, float], lang: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "description": _description(name, lang), "weight": weights[name]}
        for name in _ordered(weights)
    ]


def _ordered(names: dict[str, Any]) -> list[str]:
    """Return names in the order of `criteria.toml`, a project's own behind them."""
    known = [name for name in CRITERIA if name in names]
    return known + sorted(name for name in names if name not in CRITERIA)


def _description(name: str, lang: str) -> str:
    known = CRITERIA.get(name)
    return known.description[lang] if known else name


def _language(record: Comparison) -> str:
    asked = language(record.context[-1].content) or record.tags.language
    return "zh" if asked.startswith("zh") else "en"
