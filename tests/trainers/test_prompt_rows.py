"""Prompts without answers: rows of `rubrics` (with the criteria that decided) and `prompts`."""

import json
import sys
from dataclasses import replace

import pytest
from forgetting import forgotten

from goldleaf.core.criteria import CRITERIA
from goldleaf.core.errors import BadRow
from goldleaf.core.input_results import InputResult
from goldleaf.core.record_hash import merge_records, record_id
from goldleaf.core.records import Candidate, Comparison, Demonstration, Provenance, Tags, Turn
from goldleaf.exporters.export import export
from goldleaf.formats.format_registry import format_named, guess_format
from goldleaf.label_configs.preference.codec import BAD, GOOD, Answer, to_records, to_task
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split
from goldleaf.trainers import dummy_model
from goldleaf.trainers.registry import trainer_named, writers
from goldleaf.trainers.subprocess_runner import load
from goldleaf.trainers.trainer import Job

RUBRICS, PROMPTS = writers()["rubrics"], writers()["prompts"]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


def comparison(asked="Why does water boil?", better="It is hot."):
    answers = (Candidate((Turn("assistant", text),)) for text in (better, "No idea."))
    return Comparison((Turn("user", asked),), tuple(answers))


def answered(annotator, asked="Why does water boil?", better="It is hot.", **said):
    """Return what an annotator's answer becomes; A is better where nothing else is said."""
    given = Answer(**{"decision": "a", **said})
    provenance = Provenance(annotation=annotator, annotator=f"person:{annotator}")
    (record,) = to_records(to_task(comparison(asked, better)), given, provenance)
    return record


def exported(records, out, formats):
    found = [InputResult(f"f:{place}", (record,)) for place, record in enumerate(records)]
    recipe = Recipe(split=Split(test=0.0))
    return export(found, recipe, out, formats=formats).out


def rows_of(out, file):
    return [json.loads(line) for line in (out / file).read_text("utf-8").splitlines()]


def weights(row):
    return {each["name"]: each["weight"] for each in row["rubrics"]}


def pair(record):
    """Return a comparison as the pair that an export makes of it."""
    ranked = sorted(record.candidates, key=lambda c: c.rank)
    return replace(record, candidates=tuple(replace(c, acceptable=None) for c in ranked))


def test_what_is_asked_on_the_screen_has_a_description_in_both_languages():
    assert set(GOOD) <= CRITERIA.keys()
    assert len({*GOOD, *BAD}) == 2 * len(GOOD)
    for criterion in CRITERIA.values():
        assert {"en", "zh"} == criterion.description.keys()


def test_what_decided_becomes_criteria_in_the_language_of_the_prompt():
    said = {"good_a": ("correct", "clear"), "bad_a": ("unsafe",), "bad_b": ("incomplete", "mine")}
    row = RUBRICS.write(pair(answered(1, **said)))["rubrics"]
    assert row["prompt"] == [{"role": "user", "content": "Why does water boil?"}]
    names = {"correct": 1.0, "complete": 1.0, "clear": 1.0, "mine": 1.0}
    assert weights(row) == names and list(weights(row)) == list(names)
    told = {each["name"]: each["description"] for each in row["rubrics"]}
    assert told["complete"] == CRITERIA["complete"].description["en"] and told["mine"] == "mine"
    (chinese,) = RUBRICS.write(pair(answered(1, "水为什么会沸腾？", good_a=("safe",)))).values()
    assert chinese["rubrics"][0]["description"] == CRITERIA["safe"].description["zh"]
    (older,) = RUBRICS.write(pair(answered(1, reasons=("honest",)))).values()
    assert weights(older) == {"honest": 1.0}


def test_the_row_reads_back_as_its_prompt_and_the_names():
    record = pair(answered(1, good_a=("correct",), bad_b=("unclear",)))
    row = json.loads(json.dumps(RUBRICS.write(record)["rubrics"]))
    assert guess_format([row]) is format_named("rubrics")
    assert forgotten(RUBRICS.read(row), RUBRICS) == forgotten(record, RUBRICS)
    prompt = RUBRICS.read(row)
    assert isinstance(prompt, Demonstration) and prompt.tags.reasons == ("correct", "clear")
    with pytest.raises(BadRow, match="no_criteria"):
        RUBRICS.read({**row, "rubrics": [{"weight": 1.0}]})


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (pair(answered(1)), "no_criteria"),
        (pair(answered(1, bad_a=("wrong",), good_b=("safe",))), "no_criteria"),
        (Demonstration((Turn("user", "?"),), (Turn("assistant", "!"),)), "no_criteria"),
        (replace(pair(answered(1, good_a=("safe",))), tools=(TOOL,)), "tools_unsupported"),
    ],
)
def test_a_pair_without_a_deciding_reason_has_no_rubric(record, reason):
    with pytest.raises(BadRow, match=reason):
        RUBRICS.write(record)


def test_weights_are_shares_of_the_annotators_and_means_over_the_pairs(tmp_path):
    one = answered(1, good_a=("correct",))
    two = answered(2, bad_b=("wrong", "unclear"))
    silent = answered(3)
    assert record_id(one) == record_id(two)
    merged = merge_records(merge_records(one, two), silent)
    assert weights(RUBRICS.write(pair(merged))["rubrics"]) == {"correct": 1.0, "clear": 0.5}
    second = answered(4, better="It gets heat.", good_a=("safe",))
    other = answered(5, "Who wrote Faust?", good_a=("complete",))
    out = exported([one, two, silent, second, other], tmp_path / "out", ("trl", "rubrics"))
    rows = rows_of(out, "rubrics/rubrics/train.jsonl")
    found = {row["prompt"][0]["content"]: weights(row) for row in rows}
    assert found["Who wrote Faust?"] == {"complete": 1.0}
    mean = {"correct": 0.5, "safe": 0.5, "clear": 0.25}
    assert len(rows) == 2 and found["Why does water boil?"] == mean
    assert {"id", "group_id", "repeat_of"} <= rows[0].keys()


@pytest.mark.parametrize("tools", [(), (TOOL,)])
def test_prompts_are_written_once_with_tools_and_read_back(tmp_path, tools):
    context = (Turn("system", "Be brief."), Turn("user", "Why?"))
    records = [
        Demonstration(context, (Turn("assistant", text),), tools, Tags(language="en"))
        for text in ("One.", "Two.")
    ]
    row = json.loads(json.dumps(PROMPTS.write(records[0])["prompts"]))
    assert guess_format([row]) is format_named("prompts")
    assert PROMPTS.read(row) == Demonstration(context, (), tools)
    out = exported([*records, pair(answered(1))], tmp_path / "out", ("prompts",))
    rows = rows_of(out, "prompts/prompts/train.jsonl")
    assert sorted(row["prompt"][-1]["content"] for row in rows) == ["Why does water boil?", "Why?"]
    assert guess_format(rows) is format_named("prompts")
    with pytest.raises(BadRow, match="answer_unread"):
        PROMPTS.read({**row, "answer": "Because."})


@pytest.mark.trainer
@pytest.mark.parametrize("name", ["rubrics", "prompts"])
def test_grpo_keeps_every_row_and_hands_its_columns_to_the_reward(name, tmp_path):
    records = [
        answered(1, f"Why does {n} water boil?", good_a=("correct",), bad_b=("unclear",))
        for n in range(4)
    ]
    out = exported(records, tmp_path / "out", (name,))
    file = f"{name}/{name}/train.jsonl"
    model = str(dummy_model.write(tmp_path))
    named = {"format": name, "table": name, "method": "grpo", "config": ""}
    job = Job(str(out), file, **named, model=model, max_length=512, steps=1)
    (loaded,) = load(trainer_named("grpo"), [(job, len(rows_of(out, file)))], sys.executable)
    assert loaded.whole, loaded.error
    assert "water boil" in "".join(text for text, _ in loaded.samples[0]["prompt"])
