"""Prompts whose answers a program checks: rows for TRL's GRPO, verl and open-instruct; rewards."""

import json
import sys
from dataclasses import replace

import polars as pl
import pytest
from forgetting import forgotten

from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Judgement, Provenance, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.formats.format_registry import format_named, guess_format
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Order
from goldleaf.trainers import dummy_model
from goldleaf.trainers.grpo import reward
from goldleaf.trainers.registry import trainer_named, writers
from goldleaf.trainers.subprocess_runner import load
from goldleaf.trainers.trainer import Job
from goldleaf.trainers.verify import verify

FORMATS = ("rlvr", "verl", "open_instruct")
BY_HAND = Provenance(source="S2", annotator="person:1", origin="accepted")


def solved(answer, parent=BY_HAND, asked="3 and 4?", **more):
    turns = (Turn("system", "Be brief."), Turn("user", asked))
    return Demonstration(turns, (Turn("assistant", answer),), parents=(parent,), **more)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("answer", ["3 and 4 make 7.\n#### 7", "7", "Yes.", "-2.5", "是。"])
def test_a_checked_answer_is_written_and_read_back(name, answer):
    unit, record = writers()[name], solved(answer)
    row = json.loads(json.dumps(unit.write(record)["rlvr"]))
    assert guess_format([row]) is format_named(name)
    assert unit.read(row) == forgotten(record, unit)


def test_rows_have_the_shapes_that_their_trainers_document():
    record = solved("So it is -5.\n#### -5")
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "3 and 4?"}]
    rows = {name: writers()[name].write(record)["rlvr"] for name in FORMATS}
    assert rows["rlvr"] == {"prompt": asked, "ground_truth": "-5", "verifier": "number"}
    assert rows["open_instruct"] == {"messages": asked, "ground_truth": "-5", "dataset": "math"}
    assert rows["verl"] == {
        "data_source": "goldleaf/number",
        "prompt": asked,
        "ability": "chat",
        "reward_model": {"style": "rule", "ground_truth": "-5"},
        "extra_info": {"verifier": "number"},
    }
    named = {"12": "gsm8k", "1.5": "gsm8k", "1/3": "math", "B": "flan"}
    for answer, verifier in named.items():
        assert writers()["open_instruct"].write(solved(answer))["rlvr"]["dataset"] == verifier


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (solved("It depends on the day."), "no_ground_truth"),
        (solved("Red."), "no_ground_truth"),
        (solved("7", Provenance(source="S2")), "answer_unchecked"),
        (solved("7", Provenance(source="S3", drafted_by="model")), "answer_unchecked"),
        (solved("7", replace(BY_HAND, origin="unknown")), "answer_unchecked"),
        (solved("7", tools=({"name": "add"},)), "tools_unsupported"),
        (Judgement((Turn("user", "?"),), (Turn("assistant", "7"),), good=True), "no_ground_truth"),
    ],
)
def test_what_nobody_checked_is_no_truth(record, reason):
    with pytest.raises(BadRow, match=reason):
        writers()["rlvr"].write(record)


@pytest.mark.parametrize(
    "record",
    [
        solved("7", Provenance(source="S4")),
        solved("7", Provenance(source="S2"), tags=Tags(signals={"math_correct": 1.0})),
        solved("7", replace(BY_HAND, origin="edited")),
    ],
)
def test_an_expert_a_known_result_and_an_annotator_check(record):
    assert writers()["rlvr"].write(record)["rlvr"]["ground_truth"] == "7"


@pytest.mark.parametrize(
    ("answer", "truth", "verifier", "wanted"),
    [
        ("First 3, then 4: 7 in all.", "7", "number", 1.0),
        ("#### 1,200", "1200", "number", 1.0),
        ("The answer is 7, not 8.", "7", "number", 1.0),
        ("Eight", "8", "number", 0.0),
        ("It is \\boxed{\\frac{1}{3}}.", "1/3", "number", 1.0),
        ("<think>Perhaps 7.</think>8", "7", "number", 0.0),
        ("-7", "7", "number", 0.0),
        ("答案是 12。", "12", "number", 1.0),
        ("Let me see.\nYes.", "yes", "exact", 1.0),
        ("Yes and no", "yes", "exact", 0.0),
        ("", "yes", "exact", 0.0),
        ("１２", "12", "number", 1.0),
    ],
)
def test_rewards(answer, truth, verifier, wanted):
    assert reward.score(answer, truth, verifier) == wanted
    messages = [{"role": "assistant", "content": answer}]
    assert reward.reward([messages], [truth], [verifier], prompts=[[]]) == [wanted]
    assert reward.compute_score(f"goldleaf/{verifier}", answer, truth) == wanted


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Sums, of which each is answered twice, as a staged export that repeats reasoning."""
    found = [
        InputResult(f"f:{number}:{again}", (solved(f"{again}#### {number}", asked=f"{number}?"),))
        for number in range(12)
        for again in ("", "So: ")
    ]
    out = tmp_path_factory.mktemp("checked") / "out"
    recipe = Recipe(order=Order(mode="staged"))
    return export(found, recipe, out, formats=("trl", *FORMATS)).out


def test_a_prompt_is_asked_once_without_stage(exported):
    lines = (exported / "rlvr/rlvr/train.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == len({row["group_id"] for row in rows}) <= 12
    assert not any(row["repeat_of"] for row in rows)
    frame = pl.read_parquet(exported / "verl/rlvr/train.parquet")
    assert frame.height == len(rows)
    assert frame["reward_model"].struct.field("ground_truth").to_list()
    assert "reward.reward" in (exported / "rlvr/rlvr.yaml").read_text("utf-8")
    text = (exported / "rlvr/reward.py").read_text("utf-8")
    assert "goldleaf" not in text


@pytest.mark.trainer
def test_grpo_keeps_every_row_and_takes_a_step(exported, tmp_path):
    rows = len((exported / "rlvr/rlvr/train.jsonl").read_text("utf-8").splitlines())
    job = Job(
        *(str(exported), "rlvr/rlvr/train.jsonl", "rlvr", "rlvr", "grpo"),
        model=str(dummy_model.write(tmp_path)),
        max_length=512,
        steps=1,
        config="rlvr/rlvr.yaml",
    )
    (loaded,) = load(trainer_named("grpo"), [(job, rows)], sys.executable)
    assert loaded.whole, loaded.error
    assert "Be brief." in "".join(text for text, _ in loaded.samples[0]["prompt"])
    assert not any(learned for _, learned in loaded.samples[0]["prompt"])


@pytest.mark.trainer
def test_check_asks_the_trainer(exported):
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    ((_, lacking, (loaded,)),) = verify(exported, manifest, ["grpo"])
    assert (lacking, loaded.whole) == ([], True)
