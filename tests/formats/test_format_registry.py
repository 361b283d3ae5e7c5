"""Formats are found, told apart, and offered by other packages through the same door."""

import sys

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Comparison, Demonstration, Turn
from goldleaf.formats import goldleaf_records
from goldleaf.formats.format_registry import (
    format_named,
    formats,
    guess_format,
)
from goldleaf.trainers.registry import writer_named

ONE_OF_EACH = {
    "alpaca": {"instruction": "a", "input": "", "output": "b"},
    "answers": {"prompt": "a", "answer_a": "b", "answer_b": "c"},
    "argilla": {"fields": {"instruction": "a"}, "responses": {}, "suggestions": {}},
    "bfcl": {"question": [[{"role": "user", "content": "a"}]], "function": [{"name": "f"}]},
    "chat_logs": {"request": {"messages": [{"role": "user"}]}, "response": {"choices": []}},
    "easy_dataset": {"question": "a", "answer": "b", "cot": "c"},
    "hh": {"chosen": "\n\nHuman: a\n\nAssistant: b", "rejected": "\n\nHuman: a\n\nAssistant: c"},
    "judged_pairs": {"instruction": "a", "output_1": "b", "output_2": "c", "preference": 1},
    "kiln": {"input": "a", "output": {"output": "b"}, "model_type": "task_run"},
    "kto": {"messages": [{"role": "user", "content": "a"}], "label": True},
    "langfuse": {"type": "GENERATION", "traceId": "a", "input": "b", "output": "c"},
    "llamafactory": {"conversations": [{"from": "human", "value": "a"}]},
    "messages": {"messages": [{"role": "user", "content": "a"}]},
    "moss": {"meta_instruction": "a", "chat": {"turn_1": {"Human": "b", "MOSS": "c"}}},
    "oasst": {"prompt": {"role": "prompter", "text": "a", "replies": []}},
    "open_instruct": {"messages": [{"role": "user", "content": "a"}], "ground_truth": "b"},
    "openai": {"input": {"messages": []}, "preferred_output": [], "non_preferred_output": []},
    "parquet": {"messages": '[{"role": "user", "content": "a"}]', "tools": "[]"},
    "prm800k": {"question": {"problem": "a"}, "label": {"steps": []}},
    "prompt_only": {"prompt": "a", "topic": "b"},
    "prompt_response": {"prompt": "a", "response": "b"},
    "records": {"record": "comparison"},
    "prompts": {"prompt": [{"role": "user", "content": "a"}], "tools": "[]"},
    "rubrics": {
        "prompt": [{"role": "user", "content": "a"}],
        "rubrics": [{"name": "correct", "description": "It is true.", "weight": 1.0}],
    },
    "rlvr": {
        "prompt": [{"role": "user", "content": "a"}],
        "ground_truth": "1",
        "verifier": "number",
    },
    "scored_answers": {"instruction": "a", "completions": [{"response": "b"}]},
    "self_instruct": {"instruction": "a", "instances": [{"input": "", "output": "b"}]},
    "sgd": {"services": ["a"], "turns": [{"speaker": "USER", "utterance": "b"}]},
    "swift": {"messages": [{"role": "user", "content": "a"}], "rejected_response": "b"},
    "verl": {"prompt": [{"role": "user", "content": "a"}], "reward_model": {"ground_truth": "1"}},
    "text2sql": {"sentences": [{"text": "a"}], "sql": ["b"]},
    "trl": {"prompt": "a", "chosen": "b", "rejected": "c"},
}


def test_every_format_has_an_example_here():
    assert set(ONE_OF_EACH) == set(formats())


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_formats_do_not_overlap(name):
    row = ONE_OF_EACH[name]
    assert [found for found, unit in formats().items() if unit.recognises(row)] == [name]
    assert name == guess_format([row]).NAME


def test_a_bad_row_does_not_spoil_the_guess():
    assert guess_format([{"x": 1}, *[ONE_OF_EACH["hh"]] * 3]).NAME == "hh"


def test_no_format_fits():
    with pytest.raises(UsageError) as refused:
        guess_format([{"question": "a", "label": 1}])
    assert "label, question" in str(refused.value)
    assert "--map" in str(refused.value)


def test_a_whole_data_set_in_one_object_says_where_its_rows_are():
    rows = [{"prompt": "a", "response": "b"}]
    with pytest.raises(UsageError, match="inside it: train, test") as refused:
        guess_format([{"version": "1", "train": rows, "test": rows}])
    assert "jq .train FILE" in str(refused.value.fix)


@pytest.mark.parametrize(
    "row",
    [
        {"instance_id": "1", "user_id": "ada", "labels": {"better": {"selection": "A"}}},
        {"instance_id": "1", "user_id": "ada", "better.selection": "A"},
    ],
    ids=["jsonl", "csv"],
)
def test_labels_of_potato_are_named_as_such(row):
    with pytest.raises(UsageError, match="Potato's labels, without the texts") as refused:
        guess_format([row, row])
    assert "instance_id" in refused.value.fix


def test_a_joined_row_of_potato_is_read():
    joined = {"instance_id": "1", "user_id": "ada", "instruction": "Sky?"}
    joined |= {"output_1": "Blue.", "output_2": "Green.", "preference": 1.5}
    found = guess_format([joined])
    assert found.NAME == "judged_pairs"
    read = found.read(joined)
    assert isinstance(read, Comparison)
    assert [each.rank for each in read.candidates] == [1, 1]


def test_unknown_names_list_the_known_ones():
    with pytest.raises(UsageError, match="trl"):
        format_named("dpo")
    with pytest.raises(UsageError, match="choose one of: alpaca, llamafactory"):
        writer_named("hh")


def test_records_read_back_as_they_were():
    record = Demonstration((Turn("user", "a"),), (Turn("assistant", "b"),))
    assert goldleaf_records.read(goldleaf_records.write(record)) == record


def test_another_package_offers_a_format(tmp_path, monkeypatch):
    (tmp_path / "their_format.py").write_text(
        "NAME = 'theirs'\nTITLE = 'theirs'\nLOSES = ()\n"
        "def recognises(row): return False\ndef read(row): raise NotImplementedError\n"
    )
    info = tmp_path / "their_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-package\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[goldleaf.formats]\ntheirs = their_format\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    formats.cache_clear()
    try:
        assert "theirs" in formats()
    finally:
        formats.cache_clear()
        sys.modules.pop("their_format", None)
