"""Every state and every odd value that an answer may have: its one right outcome.

What is here is read through readings; goldleaf's own kinds have theirs in
`tests/label_configs/test_annotations.py`, contradicting annotators in `tests/agreement/`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from shipped_configs import answer, pairwise, region, shipped_config, task, write

from goldleaf.adoption.adopted_project import AdoptedProject
from goldleaf.adoption.config import parse_config
from goldleaf.adoption.reading import parse_reading
from goldleaf.core.records import Demonstration
from goldleaf.label_configs.read_annotations import read_task

WRITTEN = """<View><Text name="prompt" value="$prompt"/>
  <TextArea name="text" toName="prompt"/><TextArea name="unread" toName="prompt"/>
  <Choices name="kind" toName="prompt"><Choice value="Yes" alias="y"/><Choice value="No"/></Choices>
  </View>"""
COMPARED = """<View><Text name="p" value="$prompt"/><Text name="a" value="$a"/>
  <Text name="b" value="$b"/><Pairwise name="pw" toName="a,b"/></View>"""
DIALOGUE = """<View><Paragraphs name="d" value="$d" nameKey="role" textKey="content"/>
  <Rating name="r" toName="d"/></View>"""


def one(reading, config, given, data, **more) -> Any:
    """Return what is read of one annotation."""
    project = AdoptedProject(
        parse_reading(reading.encode(), "r"), parse_config(config), "reading/x"
    )
    (found,) = read_task(task(data, given, **more), project)
    return found


def text(value, *more):
    return answer([region("text", "textarea", text=value), *more])


def written(given, data=None):
    return one("{prompt: prompt, edited: text}", WRITTEN, given, data or {"prompt": "2 + 2?"})


@pytest.mark.parametrize("nothing", [[], [""], ["  \n"], "", " "])
def test_an_empty_box_is_an_empty_answer(nothing):
    assert written(text(nothing)).reason == "empty_response"


@pytest.mark.parametrize("value", ["Four.", ["Four."]])
def test_a_text_may_be_a_string_or_a_list_of_one(value):
    assert written(text(value)).records[0].response[0].content == "Four."


def test_several_texts_of_one_box_are_not_joined():
    assert written(text(["One.", "Two.", "Three."])).reason == "ambiguous_textarea"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (text(["Four."]) | {"was_cancelled": True}, "cancelled"),
        (answer([]), "empty_result"),
        (answer(None), "empty_result"),
        (text(["Four."], region("gone", "choices", choices=["x"])), "unknown_control"),
        (answer([region("text", "choices", choices=["Four."])]), "type_mismatch"),
        (answer([region("text", "textarea", choices=["Four."])]), "type_mismatch"),
        (answer(["text"]), "bad_region"),
        (answer({"text": 1}), "bad_region"),
        (answer([region("unread", "textarea", text=["A remark."])]), "nothing_said"),
        (text(["a\ud800"]), "bad_unicode"),
        (text(["a\x00b"]), "control_chars"),
    ],
)
def test_an_answer_that_cannot_be_used_has_its_reason(given, reason):
    found = written(given)
    assert (found.reason, found.records) == (reason, ())
    assert found.group and found.parent  # so that it replaces an older state of itself
    if reason == "nothing_said":
        assert found.detail == "the reading looked for text; the answer holds unread"


def test_what_a_reading_does_not_read_does_no_harm():
    """Not even a choice that the config lost: what is read was said."""
    more = region("kind", "choices", choices=["gone"]), region("unread", "textarea", text=["x"])
    assert written(text(["Four."], *more)).records
    relation = {"type": "relation", "from_id": "a", "to_id": "b", "direction": "right"}
    assert written(text(["Four."], relation)).records


def test_a_choice_is_read_by_alias_and_by_value_and_a_lost_one_is_rejected():
    reading = "{prompt: prompt, edited: text, verdict: kind, good: [Yes], bad: [No]}"
    for said, kept in (("y", True), ("Yes", True), ("No", True), ("gone", False)):
        found = one(
            reading,
            WRITTEN,
            text(["Four."], region("kind", "choices", choices=[said])),
            {"prompt": "2?"},
        )
        assert (found.reason == "") == kept and (found.reason == "unknown_choice") != kept


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "no_prompt"),
        ({"prompt": ""}, "no_prompt"),
        ({"prompt": None}, "no_prompt"),
        ({"prompt": [{"role": "king", "content": "Hi"}]}, "bad_role"),
        ({"prompt": [{"role": "assistant", "content": "Hi"}]}, "role_order"),
        ({"prompt": [{"role": "user", "content": "a"}] * 2}, "role_order"),
        (
            {"prompt": [{"role": r, "content": "a"} for r in ("user", "assistant", "system")]},
            "role_order",
        ),
        ({"prompt": {"text": "?"}}, "not_text"),
        ({"prompt": ["a", 3]}, "not_text"),
    ],
)
def test_a_prompt_that_is_none_has_its_reason(data, reason):
    assert written(text(["Four."]), data or {"other": 1}).reason == reason


@pytest.mark.parametrize(
    "prompt",
    [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}],
        [{"from": "system", "value": "Be brief."}, {"from": "human", "value": "2 + 2?"}],
        '[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]',
    ],
)
def test_a_prompt_of_messages_is_read_as_a_chat(prompt):
    record = written(text(["Four."]), {"prompt": prompt}).records[0]
    assert [(t.role, t.content) for t in record.context] == [
        ("system", "Be brief."),
        ("user", "2 + 2?"),
    ]


CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
ADD = {"type": "function", "function": {"name": "add", "parameters": {}}}


def conversation(*messages, tools=None):
    data = {"d": [*messages]} | ({"tools": tools} if tools else {})
    reading = "{turns: d, verdict: r" + (", tools: $tools}" if tools else "}")
    return one(reading, DIALOGUE, answer([region("r", "rating", rating=5)]), data)


ASKED = {"role": "user", "content": "2 + 2?"}


def called(**function):
    changed = CALL | {"function": {**CALL["function"], **function}}
    return {"role": "assistant", "content": None, "tool_calls": [changed]}


def test_an_answer_without_content_that_calls_a_tool_is_read():
    result = {"role": "tool", "tool_call_id": "c1", "content": "4"}
    found = conversation(ASKED, called(), result, {"role": "assistant", "content": "Four."})
    assert found.records[0].context[1].tool_calls[0].arguments == {"a": 2}
    assert conversation(ASKED, called(), tools=[ADD]).records[0].tools == (ADD,)


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (lambda: conversation(ASKED), "trailing_user"),
        (lambda: conversation(ASKED, {"role": "robot", "content": "4"}), "bad_role"),
        (lambda: conversation(ASKED, called(arguments="{")), "tool_args_json"),
        (lambda: conversation(ASKED, called(name="sub"), tools=[ADD]), "tool_unknown"),
        (
            lambda: conversation(
                ASKED,
                called(),
                {"role": "tool", "tool_call_id": "c9", "content": "4"},
                {"role": "assistant", "content": "Four."},
            ),
            "tool_orphan",
        ),
        (lambda: conversation(ASKED, ASKED, {"role": "assistant", "content": "4"}), "role_order"),
    ],
)
def test_a_conversation_out_of_order_has_its_reason(found, reason):
    assert found().reason == reason


@pytest.mark.parametrize("names", [("gpt", "human"), ("bot", "prompter"), ("ai", "user")])
def test_known_names_of_roles_are_mapped(names):
    answering, asking = names
    found = conversation(
        {"role": asking, "content": "2 + 2?"}, {"role": answering, "content": "Four."}
    )
    assert [t.role for t in (*found.records[0].context, *found.records[0].response)] == [
        "user",
        "assistant",
    ]


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("Four.", "Four.", "identical_pair"),
        ("Four.", " Four.\n", "identical_pair"),
        ("caf\u00e9", "cafe\u0301", "identical_pair"),
        ("a\r\nb", "a\nb", "identical_pair"),
        ("Four.", "", "empty_response"),
        ("Four.", None, "missing_field"),
        ("Four.", 5, "not_text"),
        ("Four.", "four.", ""),
    ],
)
def test_two_answers_that_cannot_be_compared_have_their_reason(a, b, reason):
    data = {"prompt": "2 + 2?", "a": a, "b": b}
    reading = "{prompt: p, answers: [a, b], choice: pw}"
    assert one(reading, COMPARED, answer(pairwise("left", "pw")), data).reason == reason


def test_a_text_left_as_it_was_drafted_is_accepted():
    given = text([" Four.\n"]) | {"parent_prediction": 8}
    draft = {"id": 8, "model_version": "m/1", "result": text(["Four."])["result"]}
    found = one(
        "{prompt: prompt, edited: text}",
        WRITTEN,
        given,
        {"prompt": "2 + 2?"},
        predictions=[draft],
    )
    (record,) = found.records
    assert (record.parents[0].origin, record.parents[0].drafted_by) == ("accepted", "m/1")
    by_number = one(
        "{prompt: prompt, edited: text}", WRITTEN, given, {"prompt": "2?"}, predictions=[8]
    )
    assert by_number.records[0].parents[0].origin == "unknown"


def exported(inside, tmp_path, tasks, recipe=""):
    """Export tasks of a file; return the counts and the rows."""
    (tmp_path / "recipe.yaml").write_text(f"split: {{test: 0}}\n{recipe}")
    file = write(tmp_path / "tasks.json", tasks)
    done = inside(
        *("export", file, "--out", tmp_path / "out", "--json"), "--recipe", tmp_path / "recipe.yaml"
    )
    rows = [
        json.loads(line)
        for path in (tmp_path / "out").rglob("trl/**/*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    return done, rows


def test_predictions_and_drafts_are_no_answers(inside, tmp_path):
    data = {"prompt": "2 + 2?"}
    said = [region("instruction", "textarea", text=["Four."])]
    tasks = [
        task(data, answer(said)),
        task(data, number=6, predictions=[{"id": 1, "result": said}]),
        task(data, number=7, drafts=[{"id": 2, "annotation": None, "result": said}]),
    ]
    done, rows = exported(inside, tmp_path, tasks)
    counts = json.loads(done.stdout)
    assert counts["answers"]["read"] == 2 and len(rows) == 1
    assert counts["reasons"]["rejected"] == {"draft": 1}


def test_several_annotators_may_answer_one_task_differently(inside, tmp_path):
    given = [
        answer([region("instruction", "textarea", text=[said])], number, who)
        for number, (who, said) in enumerate([(1, "Four."), (2, "It is four."), (2, "Now 4.")], 9)
    ]
    given[1]["updated_at"] = "2026-01-01T00:00:00Z"
    _, rows = exported(inside, tmp_path, [task({"prompt": "2 + 2?"}, *given)])
    assert {row["messages"][-1]["content"] for row in rows} == {"Four.", "Now 4."}


def test_an_answer_marked_as_ground_truth_stands_against_any_majority(inside, tmp_path):
    data = {"prompt": "2 + 2?", "answer1": "Four.", "answer2": "Five."}
    sides = ["right", "right", "left"]
    given = [answer(pairwise(side), number, number) for number, side in enumerate(sides, 9)]
    _, rows = exported(inside, tmp_path, [task(data, *given)])
    assert rows[0]["chosen"][0]["content"] == "Five."
    given[-1]["ground_truth"] = True
    _, rows = exported(inside, tmp_path, [task(data, *given)])
    assert [row["chosen"][0]["content"] for row in rows] == ["Four."]
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"adjudicated": 1}


def items(*names):
    return [{"id": name, "title": name, "body": f"Answer {name}"} for name in names]


def test_ties_of_a_ranking_give_no_pair_and_unranked_items_none_either(inside, tmp_path):
    data = {"task": "t", "prompt": "Name a river.", "items": items(*"abcd")}
    held = {"relevant_results": ["a", "b"], "biased_results": ["c"], "_": ["d"]}
    given = answer([region("rank", "ranker", ranker=held)])
    _, rows = exported(inside, tmp_path, [task(data, given)], "pairs: {policy: all}")
    pairs = {(row["chosen"][0]["content"], row["rejected"][0]["content"]) for row in rows}
    assert pairs == {("Answer a", "Answer c"), ("Answer b", "Answer c")}


def test_everything_in_one_bucket_is_a_tie(inside, tmp_path):
    data = {"task": "t", "prompt": "Name a river.", "items": items(*"ab")}
    held = {"relevant_results": ["a", "b"], "biased_results": [], "_": []}
    done, rows = exported(
        inside, tmp_path, [task(data, answer([region("rank", "ranker", ranker=held)]))]
    )
    assert rows == [] and done.returncode == 4
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"tie": 1}


def test_a_cycle_of_pairs_is_left_for_review(inside, tmp_path):
    cycle = [("A", "B"), ("B", "C"), ("C", "A")]
    tasks = [
        task(
            {"prompt": "Name a river.", "answer1": one_side, "answer2": other},
            answer(pairwise("left"), number),
            number=number,
        )
        for number, (one_side, other) in enumerate(cycle, 1)
    ]
    done, rows = exported(inside, tmp_path, tasks)
    assert rows == [] and done.returncode == 4
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"needs_review_cycle": 3}


def test_an_older_state_of_an_answer_is_replaced_by_a_skip(inside, tmp_path):
    data = {"prompt": "2 + 2?", "answer1": "Four.", "answer2": "Five."}
    old = answer(pairwise("left"))
    new = old | {"updated_at": "2026-02-02T00:00:00Z", "was_cancelled": True}
    done, rows = exported(inside, tmp_path, [task(data, old), task(data, new)])
    assert rows == [] and done.returncode == 4
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["reasons"]["rejected"]["cancelled"] == 1
    assert manifest["answers"]["used"] == 0 or "superseded" in str(manifest["reasons"])


def test_a_shipped_config_that_was_changed_after_annotating_keeps_what_still_fits():
    config = shipped_config("generative-ai/supervised-llm").replace("instruction", "answer")
    given = answer([region("instruction", "textarea", text=["Four."])])
    found = one("{prompt: prompt, edited: answer}", config, given, {"prompt": "2 + 2?"})
    assert found.reason == "unknown_control" and "'instruction'" in found.detail
    renewed = answer([region("answer", "textarea", text=["Four."])])
    record = one("{prompt: prompt, edited: answer}", config, renewed, {"prompt": "2?"}).records[0]
    assert isinstance(record, Demonstration)
