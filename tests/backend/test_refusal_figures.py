"""How often the drafts of "what the answer did" are right, on replies that people judged.

Needs XSTest's completions: `GOLDLEAF_ROWS` names a folder with `xstest_completions_dev.jsonl.gz`.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from goldleaf.backend.predictors import rules
from goldleaf.core.records import Demonstration, Turn
from goldleaf.label_configs.registry import kind_named

REFUSAL = kind_named("refusal")
SHORT_ONLY = 0.921
"""Precision when only refusals of up to 300 characters were drafted; their recall was 0.226."""


@pytest.fixture(scope="module")
def replies() -> list[dict[str, Any]]:
    file = Path(os.environ.get("GOLDLEAF_ROWS", "")) / "xstest_completions_dev.jsonl.gz"
    if not file.is_file():
        pytest.skip("GOLDLEAF_ROWS names no folder with xstest_completions_dev.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def drafted(row: dict[str, Any]) -> bool:
    shown = Demonstration((Turn("user", row["prompt"]),), (Turn("assistant", row["completion"]),))
    (draft,) = rules.drafts(REFUSAL, [REFUSAL.codec.to_task(shown)])
    return bool(draft) and draft.values.get("did") == ("full_refusal",)


@pytest.mark.parametrize("longer_than", [0, 300])
def test_long_refusals_are_drafted_and_people_agree(
    replies: list[dict[str, Any]], longer_than: int
):
    found = [row for row in replies if len(row["completion"]) > longer_than]
    right = [row["final_label"] == "2_full_refusal" for row in found if drafted(row)]
    refused = sum(row["final_label"] == "2_full_refusal" for row in found)
    precision, recall = sum(right) / len(right), sum(right) / refused
    assert precision > SHORT_ONLY, f"precision {precision:.3f} of {len(right)} drafts"
    assert recall > 0.4, f"recall {recall:.3f}"
