"""As many predictions as tasks, in their order, whatever a predictor does."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.backend.predictions import CHUNK, draft_predictions
from goldleaf.backend.predictors import rules
from goldleaf.backend.predictors.predictor import Draft, model_version
from goldleaf.core.errors import BadRow
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.regions import Values, to_values
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.screen import parse

KIND = kind_named("preference")


class Told:
    """A predictor that does what each task's data says."""

    NAME = "told"
    VERSION = "7"

    def drafts(self, kind: Kind, tasks: Sequence[Mapping[str, Any]]) -> list[Draft | None]:
        drafted: list[Draft | None] = []
        for task in tasks:
            match task.get("do"):
                case "raise":
                    raise RuntimeError("token=canary0123456789")
                case "bad row":
                    raise BadRow("bad_task", "as told")
                case "nothing":
                    drafted.append(None)
                case "too many":
                    drafted += [None, None]
                case "slow":
                    time.sleep(0.05)
                    drafted.append(None)
                case "nan":
                    drafted.append(Draft({"noticed": ("language",)}, score=math.nan))
                case "no draft":
                    drafted.append("text")  # pyright: ignore[reportArgumentType]
                case values:
                    said: Values = (
                        values if isinstance(values, dict) else {"edit_a": (str(task["n"]),)}
                    )
                    drafted.append(Draft(said, score=0.5))
        return drafted


def told(*tasks: Any, **more: Any) -> tuple[list[dict[str, Any]], list[tuple[int, str]]]:
    reports: list[tuple[int, str]] = []
    predictions = draft_predictions(
        KIND,
        KIND.screen,
        list(tasks),
        Told(),
        report=lambda place, outcome: reports.append((place, outcome)),
        **more,
    )
    return predictions, reports


def good(number: int) -> dict[str, Any]:
    return {"id": number, "data": {"n": number}}


def text(prediction: dict[str, Any]) -> str:
    """What the draft of `good` says."""
    return to_values(prediction["result"], KIND.screen)["edit_a"][0]


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        ({"data": {"do": "raise"}}, "predictor_failed"),
        ({"data": {"do": "bad row"}}, "bad_task"),
        ({"data": {"do": "nothing"}}, "nothing_to_say"),
        ({"data": {"do": "too many"}}, "predictor_failed"),
        ({"data": {"do": "no draft"}}, "bad_draft"),
        ({"data": {"do": {"noticed": ("winner",)}}}, "unknown_choice"),
        ({"data": {"do": {"nowhere": ("x",)}}}, "unknown_control"),
        ({"data": {"do": {"edit_a": ("\ud800",)}}}, "bad_unicode"),
        ({"data": {"do": {"edit_a": ("\0",)}}}, "control_chars"),
        ({"data": {"do": {"edit_a": (7,)}}}, "bad_draft"),
        ({"data": {"do": {"decision": ("a",)}}}, "final_word"),
        ({"data": {"do": {}}}, "nothing_to_say"),
        ({"data": None}, "not_a_task"),
        ({}, "not_a_task"),
        (None, "not_a_task"),
        ("text", "not_a_task"),
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_one_poisoned_task_costs_no_other(poison: Any, reason: str, place: int):
    tasks: list[Any] = [good(number) for number in range(4)]
    tasks.insert(place, poison)
    predictions, reports = told(*tasks)
    assert predictions.pop(place) == {}
    assert [text(prediction) for prediction in predictions] == ["0", "1", "2", "3"]
    assert reports[place] == (place, reason)
    assert [outcome for _, outcome in reports].count("drafted") == 4


def test_a_score_that_is_no_number_is_none():
    (prediction,), _ = told({"data": {"do": "nan"}})
    assert prediction["score"] is None
    assert prediction["result"]


def test_every_draft_carries_the_version_of_kind_and_predictor():
    predictions, _ = told(good(1), good(2))
    assert {prediction["model_version"] for prediction in predictions} == {"preference/1:told/7"}
    assert model_version(KIND, Told()) == "preference/1:told/7"


def test_when_time_runs_out_the_rest_is_declined():
    tasks = [{"data": {"do": "slow"}}, *(good(number) for number in range(3 * CHUNK))]
    predictions, reports = told(*tasks, seconds=0.04)
    assert len(predictions) == len(tasks)
    outcomes = [outcome for _, outcome in reports]
    assert outcomes[:CHUNK] == ["nothing_to_say", *["drafted"] * (CHUNK - 1)]
    assert set(outcomes[CHUNK:]) == {"too_late"}


TASKS = st.lists(
    st.one_of(
        st.integers(0, 9).map(good),
        st.sampled_from(["raise", "bad row", "nothing", "too many"]).map(
            lambda deed: {"data": {"do": deed}}
        ),
        st.none(),
    ),
    max_size=2 * CHUNK + 5,
)


@given(TASKS)
def test_the_results_of_good_tasks_do_not_depend_on_their_neighbours(tasks: list[Any]):
    predictions, reports = told(*tasks)
    assert len(predictions) == len(tasks)
    assert [place for place, _ in reports] == list(range(len(tasks)))
    for task, prediction in zip(tasks, predictions, strict=True):
        alone, _ = told(task)
        assert alone == [prediction]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_draft_is_read_back_as_it_was_meant(lang: str):
    data = {"prompt": "How?", "answer_a": "", "answer_b": "I cannot help with that."}
    screen = parse(KIND.config(lang))
    (prediction,) = draft_predictions(KIND, screen, [{"data": data}], rules)
    answer = KIND.parse_annotation(to_values(prediction["result"], screen), data)
    assert answer.noticed == ("b_refuses", "a_empty")
    assert answer.decision is None
