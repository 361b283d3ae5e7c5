"""Rows that several formats could claim are claimed by one."""

import pytest

from goldleaf.formats.format_registry import formats

ASKED = [{"role": "user", "content": "a"}]
SAID = [{"role": "assistant", "content": "b"}]
PACKED = '[{"role": "assistant", "content": "b"}]'
A, B = {"answer_a": "c", "answer_b": "d"}, {"chosen": "c", "rejected": "d"}


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ({"prompt": PACKED, "chosen": PACKED, "rejected": PACKED}, "parquet"),
        ({"prompt": PACKED, "completion": PACKED, "label": True}, "parquet"),
        ({"messages": PACKED, "label": True}, "parquet"),
        ({"prompt": "a", "completion": '[{"name": "Ada"}]'}, "trl"),
        ({"prompt": "a", "chosen": SAID, "rejected": SAID, "messages": ASKED + SAID}, "trl"),
        ({"prompt": "a", "response": "b", "completion": "c"}, "trl"),
        ({"prompt": "a", "response": "b", **B}, "trl"),
        ({"prompt": "a", "completion": "b", "label": False}, "trl"),
        ({"messages": ASKED + SAID, "label": True, "tools": "[]"}, "kto"),
        ({"messages": ASKED + SAID, "label": "geography"}, "messages"),
        ({"messages": ASKED + SAID, "prompt": "a", "prompt_id": "x"}, "messages"),
        ({"messages": ASKED, "rejected_messages": SAID}, "swift"),
        ({"messages": ASKED + SAID, "rejected_response": "x", "label": True}, "swift"),
        ({"instruction": "a", "input": "b", **B}, "alpaca"),
        ({"instruction": "a", "context": "b", "response": "c", "category": "d"}, "alpaca"),
        ({"instruction": "a", "output": "b", **A}, "answers"),
        ({"instruction": "a", "response": "b", "responses": ["c", "d"]}, "answers"),
        ({"instruction": "a", "output": "b", "instances": []}, "self_instruct"),
        ({"conversations": ASKED, **B}, "llamafactory"),
        ({"input": "a", "output": "b"}, "prompt_response"),
        ({"system": "s", "question": "a", **B}, "prompt_response"),
        ({"question": "a", "answer": "b", "options": []}, "prompt_response"),
        ({"prompt": "a", "completions": ["b"], "labels": [True]}, "trl"),
        ({"prompt": "a", "response 1": "b", "response 2": "c", "label": 1}, "judged_pairs"),
        ({"instruction": "a", "response1": "b", "response2": "c", "annotator1": 0}, "judged_pairs"),
        ({"instruction": "a", "output": "b", "output_1": "c", "preference": 1}, "alpaca"),
        ({"instruction": "a", "output_1": "b", "output_2": "c", "preference": 2}, "judged_pairs"),
        ({"instruction": "a", "completions": [{"response": "b"}], "models": []}, "scored_answers"),
        ({"prompt": "a", "answers": [{"answer": "b", "rank": 1}], "turns": 1}, "scored_answers"),
        ({"id": "a", "question": [ASKED], "function": [], "ground_truth": []}, "bfcl"),
        ({"chat": {"turn_1": {}}, "meta_instruction": "", "category": "a"}, "moss"),
        ({"sentences": [{"text": "a"}], "sql": ["b"], "variables": []}, "text2sql"),
        ({"question": {"problem": "a"}, "label": {"steps": []}}, "prm800k"),
        ({"services": [], "turns": [{"speaker": "USER", "utterance": "a"}]}, "sgd"),
    ],
)
def test_one_format_claims_it(row, name):
    assert [found for found, unit in formats().items() if unit.recognises(row)] == [name]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": ASKED + SAID, "label": 0},
        {"prompt": "a", "response": "b", "label": "1"},
    ],
)
def test_a_number_that_may_be_a_thumb_is_left_to_a_person(row):
    assert not any(unit.recognises(row) for unit in formats().values())
