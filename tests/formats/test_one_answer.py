"""A prompt with one answer in plain columns: Alpaca, Self-Instruct, and whatever is called so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Turn
from goldleaf.formats import alpaca, prompt_response, self_instruct, unranked_answers
from goldleaf.formats.text_columns import says_no_input

ADD = {"instruction": "Add", "input": "2, 2", "output": "4"}


def refused(read, row):
    with pytest.raises(BadRow) as bad:
        read(row)
    return bad.value.reason


def user(text):
    return Turn("user", text)


def said(text):
    return Turn("assistant", text)


def test_instruction_and_input_are_one_turn():
    assert alpaca.read(ADD) == Demonstration((user("Add\n\n2, 2"),), (said("4"),))
    assert alpaca.read({"instruction": "Hi", "output": "Hello"}).context == (user("Hi"),)


def test_system_and_history_come_first():
    row = {**ADD, "input": "", "system": "Be brief.", "history": [["1+1?", "2"], ["Good.", "Yes."]]}
    expected = (
        Turn("system", "Be brief."),
        *(user("1+1?"), said("2"), user("Good."), said("Yes.")),
        user("Add"),
    )
    assert alpaca.read(row).context == expected
    assert alpaca.read({**row, "history": json.dumps(row["history"])}).context == expected
    assert alpaca.read({**row, "history": None, "system": " "}).context == (user("Add"),)


def test_dollys_names():
    row = {"instruction": "Who?", "context": "Ada wrote it.", "response": "Ada.", "category": "qa"}
    assert alpaca.recognises(row)
    assert alpaca.read(row) == Demonstration((user("Who?\n\nAda wrote it."),), (said("Ada."),))


def test_ranked_rows():
    row = {"instruction": "Sky?", "input": "", "chosen": "Blue.", "rejected": "Green."}
    assert alpaca.recognises(row)
    pair = (Candidate((said("Blue."),), rank=1), Candidate((said("Green."),), rank=2))
    assert alpaca.read(row) == Comparison((user("Sky?"),), pair)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({**ADD, "output": ""}, "empty_response"),
        ({**ADD, "output": "<nooutput>"}, "empty_response"),
        ({**ADD, "output": "<无输出>"}, "empty_response"),
        ({**ADD, "output": 4}, "not_text"),
        ({**ADD, "output": None}, "missing_field"),
        ({**ADD, "instruction": "  "}, "no_prompt"),
        ({**ADD, "instruction": None}, "no_prompt"),
        ({**ADD, "input": ["2"]}, "not_text"),
        ({**ADD, "output": "a\x00b"}, "control_chars"),
        ({**ADD, "history": [["only a question"]]}, "bad_history"),
        ({**ADD, "history": "yesterday"}, "bad_history"),
        ({**ADD, "history": {"a": "b"}}, "bad_history"),
        ({**ADD, "history": [["", "b"]]}, "empty_response"),
        ({"instruction": "a", "chosen": "b", "rejected": "b"}, "identical_pair"),
        ({"instruction": "a", "chosen": "b", "rejected": None}, "missing_field"),
    ],
)
def test_alpaca_refuses(row, reason):
    assert refused(alpaca.read, row) == reason


@pytest.mark.parametrize(
    "marker",
    [
        *("noinput", "No input", "<no input>", "< noinput >", "<noinput>.", "No Input Required."),
        *(
            "No input needed",
            "N/A",
            "<none>",
            "无",
            "<无输入>",
            "（没有输入）",
            "不需要输入。",
            "`<noinput>`",
        ),
    ],
)
def test_a_marker_for_no_input_is_no_input(marker):
    assert says_no_input(marker)
    assert alpaca.read({**ADD, "input": marker}).context == (user("Add"),)
    row = {"instruction": "Add", "input": marker, "answer_a": "1", "answer_b": "2"}
    assert unranked_answers.read(row).context == (user("Add"),)


@pytest.mark.parametrize(
    "text",
    [
        "No pain, no gain",
        "Piano",
        "None of the students",
        "无名氏",
        "我没有多少钱。",
        "No lemon",
        "Input: 2",
    ],
)
def test_what_only_looks_like_a_marker_stays(text):
    assert alpaca.read({**ADD, "input": text}).context == (user(f"Add\n\n{text}"),)


@given(st.text(max_size=60))
def test_markers_are_found_in_any_text_without_harm(text):
    found = says_no_input(text)
    assert found == says_no_input(f" {text}\n") or len(text) > 28


def test_prompt_and_response_by_any_name():
    for asked in ("prompt", "question", "query"):
        for answered in ("response", "answer", "output"):
            row = {asked: "Sky?", answered: "Blue."}
            assert prompt_response.recognises(row)
            assert prompt_response.read(row) == Demonstration((user("Sky?"),), (said("Blue."),))


def test_reasoning_stands_apart():
    read = prompt_response.read({"prompt": "2+2?", "response": "<think>\nadd\n</think>\n\n4"})
    assert isinstance(read, Demonstration)
    assert read.response == (Turn("assistant", "4", reasoning="add"),)


def test_an_answer_that_was_turned_down_is_no_demonstration():
    row = {"prompt": "Sky?", "response": "Green."}
    for label in (False, "False", "false"):
        read = prompt_response.read({**row, "label": label})
        assert isinstance(read, Judgement)
        assert read.good is False
    assert isinstance(prompt_response.read({**row, "label": "geography"}), Demonstration)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"prompt": "", "response": "a"}, "no_prompt"),
        ({"prompt": "a", "response": " "}, "empty_response"),
        ({"prompt": "a", "response": None}, "missing_field"),
        ({"question": "a", "answer": 3}, "not_text"),
    ],
)
def test_prompt_response_refuses(row, reason):
    assert refused(prompt_response.read, row) == reason


def test_every_instance_of_a_task_is_a_demonstration():
    instances = [{"input": "2, 2", "output": "4"}, {"input": "", "output": "?"}]
    row = {"id": "seed_task_1", "instruction": "Add", "instances": instances}
    assert self_instruct.recognises(row)
    assert self_instruct.read(row) == (
        Demonstration((user("Add\n\n2, 2"),), (said("4"),)),
        Demonstration((user("Add"),), (said("?"),)),
    )
    assert refused(self_instruct.read, {**row, "instances": []}) == "missing_field"
    assert refused(self_instruct.read, {**row, "instances": [3]}) == "missing_field"
    empty = [{"input": "", "output": ""}]
    assert refused(self_instruct.read, {**row, "instances": empty}) == "empty_response"
