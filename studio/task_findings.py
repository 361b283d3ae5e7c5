"""What a curation found, as task data holds it: replaced without a change of texts or answers.

Findings are what a curation alone writes into the tags of a task's record: its verdicts, its
signals, cognitive modes. What a screen shows of the tags (behaviours, risk, language) is no part,
since people have answered with it before them; nor is a judge's opinion, which has its own field.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import xxhash

from goldleaf.core.curation_tags import ANSWER_SIGNALS, MODE, PROMPT_SIGNALS
from goldleaf.core.json_values import list_or_empty, object_or_empty, objects_in
from goldleaf.core.screen_verdicts import JUDGE
from goldleaf.label_configs.table_columns import with_table_columns

_CONTAMINATION = "contamination"
_SIGNALS = ANSWER_SIGNALS | PROMPT_SIGNALS


@dataclass(frozen=True, slots=True)
class CurationRun:
    """What is known of the curation that tasks come from.

    Attributes:
        whole: every task was screened, also one of which nothing was found; else only those that
            have findings were.
        evaluations: names of the files and sets that prompts were compared with, as the verdicts of
            `contamination` begin: `benchmark.jsonl`, `gsm8k`.
    """

    whole: bool = False
    evaluations: Collection[str] = ()

    def screened(self, data: Mapping[str, Any]) -> bool:
        """Return whether a task came out of the curation, by its data."""
        return self.whole or any(findings_of(data).values())


def findings_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the findings in a task's data: `verdicts`, `signals`, `modes`, each empty for none."""
    tags = _tags(data)
    signals = object_or_empty(tags.get("signals"))
    return {
        "verdicts": [each for each in objects_in(tags.get("verdicts")) if not _of_judge(each)],
        "signals": {name: value for name, value in signals.items() if name in _SIGNALS},
        "modes": [name for name in _behaviours(tags) if name.startswith(MODE)],
    }


def findings_hash(data: Mapping[str, Any]) -> str:
    """Return a short hash of a task's findings: 8 hex digits, also where it has none."""
    plain = orjson.dumps(findings_of(data), option=orjson.OPT_SORT_KEYS)
    return xxhash.xxh3_128_hexdigest(plain)[:8]


def with_findings(
    data: Mapping[str, Any], found: Mapping[str, Any], run: CurationRun
) -> dict[str, Any]:
    """Return a copy of task data with other findings, and the column of them; else as it was.

    That a prompt belongs to an evaluation which this curation did not look at stays known.

    Args:
        data: the task's data, with a record of goldleaf.
        found: `findings_of` the task that came now.
        run: the curation that found them.
    """
    tags = _tags(data)
    old, new = objects_in(tags.get("verdicts")), list(found["verdicts"])
    opinions = [each for each in old if _of_judge(each)]
    elsewhere = [each for each in old if _of_other_evaluation(each, run) and each not in new]
    signals = object_or_empty(tags.get("signals"))
    others = {name: value for name, value in signals.items() if name not in _SIGNALS}
    own = [name for name in _behaviours(tags) if not name.startswith(MODE)]
    changed = {
        **tags,
        "verdicts": [*opinions, *_sorted(elsewhere, new)],
        "signals": {**others, **found["signals"]},
        "behaviours": [*own, *found["modes"]],
    }
    ours = object_or_empty(data.get("goldleaf"))
    record = {
        **object_or_empty(ours.get("record")),
        "tags": {name: value for name, value in changed.items() if value not in ("", [], {})},
    }
    if not record["tags"]:
        del record["tags"]
    return with_table_columns({**data, "goldleaf": {**ours, "record": record}})


def _sorted(
    elsewhere: list[Mapping[str, Any]], new: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """Return verdicts as a curation orders them: the order of two imports leaves no mark."""
    if not elsewhere:
        return new
    names = ("screen", "verdict", "of")
    return sorted(
        (*elsewhere, *new), key=lambda each: [str(each.get(name) or "") for name in names]
    )


def _of_other_evaluation(verdict: Mapping[str, Any], run: CurationRun) -> bool:
    of = str(verdict.get("of") or "")
    looked_at = any(of.startswith(f"{name}:") for name in run.evaluations)
    return verdict.get("screen") == _CONTAMINATION and not looked_at


def _of_judge(verdict: Mapping[str, Any]) -> bool:
    return verdict.get("screen") == JUDGE


def _behaviours(tags: Mapping[str, Any]) -> list[str]:
    return [str(name) for name in list_or_empty(tags.get("behaviours"))]


def _tags(data: Mapping[str, Any]) -> Mapping[str, Any]:
    record = object_or_empty(object_or_empty(data.get("goldleaf")).get("record"))
    return object_or_empty(record.get("tags"))
