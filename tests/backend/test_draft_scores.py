"""What became of drafts, from annotations as Label Studio's API gives them."""

from __future__ import annotations

from typing import Any

import pytest
from refusal_tasks import KIND

from goldleaf.backend.calibration import CalibrationCurve
from goldleaf.backend.draft_scores import DraftScore, draft_scores
from goldleaf.backend.metrics import VERSIONS, Metrics
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.regions import to_regions

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


def test_a_draft_says_how_sure_it_was_and_whether_that_was_right():
    sure = to_regions({"did": ("comply",), "risk": ("none",)}, SCREEN, {"did": 0.93, "other": 1.0})
    assert [region.get("score") for region in sure if region["from_name"] == "did"] == [0.93]
    kept, changed = regions(did="comply", risk="none"), regions(did="full_refusal", risk="none")
    rows = [
        *(task(number, kept, sure, 9) for number in range(3)),
        task(3, changed, sure, 9),
        task(4, kept, [{**sure[0], "score": "high"}, {**sure[1], "score": 7}], 9),
    ]
    curves = draft_scores(rows, KIND, SCREEN).plain()["calibration"]
    assert list(curves) == ["did"], "a draft without a confidence is in no curve"
    (bin,) = curves["did"]
    assert (bin["from"], bin["to"], bin["drafts"], bin["right"]) == (0.9, 0.95, 4, 3)
    assert (bin["mean_confidence"], bin["accuracy"]) == (0.93, 0.75)
    assert bin["interval"] == [0.3006, 0.9544], "Wilson 1927, 3 of 4"


@pytest.mark.parametrize(
    ("confidence", "low", "high"),
    [(0, 0, 0.5), (0.5, 0.5, 0.6), (0.95, 0.95, 1), (1, 0.95, 1), (0.8999, 0.8, 0.9)],
)
def test_each_confidence_is_in_one_bin(confidence: float, low: float, high: float):
    curve = CalibrationCurve()
    curve.add(confidence, right=True)
    assert [(bin.low, bin.high, bin.right) for bin in curve.filled] == [(low, high, 1)]


def test_metrics_show_the_versions_answered_last():
    scores = [
        DraftScore("did", f'm "{number}"\n', accepted=number, overruled=1, newest=f"2026-01-{day}")
        for number, day in enumerate(range(10, 18))
    ]
    text = Metrics().exposition({}, {7: scores, 8: [DraftScore("risk", "r/1", edited=2)]})
    lines = [line for line in text.splitlines() if line.startswith("goldleaf_draft_answers{")]
    assert len(lines) == 3 * (VERSIONS + 1)
    here = r'goldleaf_draft_answers{project="7",control="did",version="m \"7\"\n"'
    assert here + ',outcome="accepted"} 7' in lines
    assert here + ',outcome="overruled"} 1' in lines
    assert not any(r'version="m \"2\"' in line for line in lines), "the oldest make room"
    assert text.count("# TYPE goldleaf_draft_answers gauge") == 1
