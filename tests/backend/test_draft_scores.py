"""What became of drafts, from annotations as Label Studio's API gives them."""

from __future__ import annotations

from typing import Any

from goldleaf.backend.draft_scores import draft_scores
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions

from .refusal_tasks import KIND

SCREEN = KIND.screen


def regions(**said: Any) -> list[dict[str, Any]]:
    return to_regions(KIND.to_annotation(codec.Answer(**said)), SCREEN)


def task(number: int, answer: list[Any], draft: list[Any] | None, seconds: float) -> dict[str, Any]:
    drafted = [] if draft is None else [{"id": 7, "result": draft, "model_version": "m/1"}]
    annotation = {"result": answer, "lead_time": seconds, "parent_prediction": draft and 7}
    return {"id": number, "data": {}, "annotations": [annotation], "predictions": drafted}


def test_drafts_are_accepted_edited_overruled_and_save_time():
    draft = regions(did="comply", corrected="Take a cloth.")
    full = {"decision": "benign_comply", "risk": "none"}
    rows = [
        task(1, regions(did="comply", corrected="Take a cloth.", **full), draft, 20),
        task(2, regions(did="full_refusal", corrected="Take a towel.", **full), draft, 40),
        task(3, regions(did="comply", **full), None, 90),
        {**task(4, regions(did="comply", **full), draft, 9), "predictions": []},
        {**task(5, [], None, 9)},
    ]
    found = draft_scores(rows, KIND, SCREEN)
    counts = [(s.control, s.version, s.accepted, s.edited, s.overruled) for s in found.scores]
    assert counts == [("corrected", "m/1", 1, 1, 0), ("did", "m/1", 1, 0, 1)]
    assert (found.answers, found.unreadable) == (3, 1)
    assert found.minutes_saved == 2.0
    assert found.plain()["controls"][1]["coverage"] == 0.6667


def test_without_annotations_there_is_nothing_to_say():
    plain = draft_scores([], KIND, SCREEN).plain()
    assert (plain["answers"], plain["controls"], plain["minutes_saved"]) == (0, [], None)
