"""Label Studio's own templates: recognised by their controls, each answer read or rejected."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from shipped_configs import answer, pairwise, region, shipped_config, task, write

from goldleaf.adoption.adopted_project import AdoptedProject
from goldleaf.adoption.config import parse_config
from goldleaf.adoption.registry import recognise_template, templates
from goldleaf.core.records import Comparison, Demonstration, Judgement
from goldleaf.label_configs.read_annotations import read_task

GALLERY = {
    "chat/chat_eval": "chat",
    "chat/chat_llm_eval": "chat_llm_eval",
    "chat/chat_red_team": "chat_red_team",
    "chat/chat_rlhf": "chat_rlhf",
    "chat/chatbot": "chatbot",
    "conversational-ai/response-generation": "response_generation",
    "conversational-ai/response-selection": "response_selection",
    "generative-ai/chatbot-assessment": "chatbot_assessment",
    "generative-ai/human-feedback-collection": "human_preference",
    "generative-ai/llm-ranker": "llm_ranker",
    "generative-ai/response-grading": "response_grading",
    "generative-ai/supervised-llm": "supervised_llm",
}
OTHERS = [
    "generative-ai/visual-ranker",
    "natural-language-processing/text-classification",
    "ranking-and-scoring/pairwise-classification",
    "ranking-and-scoring/serp-ranking",
]
INTERACTIVE = {
    "llm_interactive_chat": """<View>
      <Paragraphs name="chat" value="$dialogue" layout="dialogue" textKey="content" nameKey="role"/>
      <TextArea name="prompt" toName="chat"/><TextArea name="response" toName="chat"/></View>""",
    "llm_interactive_evaluation": """<View><Text name="context" value="$text"/>
      <TextArea name="prompt" toName="context"/><TextArea name="response" toName="context"/>
      <Taxonomy name="evals" toName="context"><Choice value="Correctness">
        <Choice value="Correct"/><Choice value="Incorrect"/></Choice></Taxonomy>
      <Rating name="rating" toName="context"/></View>""",
    "llm_interactive_classification": """<View><Text name="text" value="$text"/>
      <TextArea name="prompt" toName="text"/><TextArea name="response" toName="text"/>
      <Choices name="sentiment" toName="text" choice="multiple">
        <Choice value="Sarcastic"/></Choices>
      </View>""",
}
"""The controls of label-studio-ml-backend's llm_interactive example (README at 005a6fe)."""


def read(config, *answers, data, **more) -> list[Any]:
    """Return what is read of the answers to one task, in their order."""
    found = recognise_template(config)
    assert found
    project = AdoptedProject(found.reading, parse_config(config), found.id)
    numbered = [each | {"id": number} for number, each in enumerate(answers, 10)]
    return list(read_task(task(data, *numbered, **more), project))


def texts(record):
    """Return answers by rank."""
    return {c.turns[0].content: c.rank for c in record.candidates}


@pytest.mark.parametrize(("folder", "name"), GALLERY.items())
def test_a_template_of_the_gallery_is_recognised(folder, name):
    found = recognise_template(shipped_config(folder))
    assert found and found.name == name and {*found.title} == {"en", "zh"}


def test_every_shipped_reading_is_of_a_known_template():
    assert {*templates()} == {*GALLERY.values(), *INTERACTIVE}


@pytest.mark.parametrize("folder", OTHERS)
def test_other_templates_are_not_guessed_at(folder):
    assert recognise_template(shipped_config(folder)) is None


def test_a_template_with_further_controls_is_still_one():
    config = shipped_config("generative-ai/human-feedback-collection")
    more = '<TextArea name="why" toName="prompt"/></View>'
    found = recognise_template(re.sub(r"</View>\s*(?=<!--|\Z)", more, config))
    assert found and found.name == "human_preference"


def test_a_template_with_renamed_buckets_is_not_taken_for_the_shipped_one():
    config = shipped_config("generative-ai/llm-ranker").replace("biased_results", "best_results")
    assert recognise_template(config) is None


PAIR = {"prompt": "2 + 2?", "answer1": "Four.", "answer2": "Five."}


def test_a_pairwise_says_which_side_and_nothing_more():
    config = shipped_config("generative-ai/human-feedback-collection")
    left, right, unclicked = read(
        config, answer(pairwise("left")), answer(pairwise("right")), answer([]), data=PAIR
    )
    assert texts(left.records[0]) == {"Four.": 1, "Five.": 2}
    assert texts(right.records[0]) == {"Four.": 2, "Five.": 1}
    for reading in (left, right):
        (record,) = reading.records
        assert isinstance(record, Comparison) and record.strength == "unknown"
        assert {c.acceptable for c in record.candidates} == {None}
        assert len(record.parents[0].order_shown) == 2
        assert record.parents[0].kind == "label_studio_human_preference/1"
    assert unclicked.reason == "empty_result"


@pytest.mark.parametrize(("drafted", "said"), [("left", "accepted"), ("right", "edited")])
def test_a_pairwise_over_a_draft_is_compared_whatever_origin_says(drafted, said):
    config = shipped_config("generative-ai/human-feedback-collection")
    stored = pairwise("left")
    stored[0]["origin"] = "prediction"
    stored[0]["to_name"] = "answer1"
    draft = {"id": 8, "result": pairwise(drafted), "model_version": "m/1"}
    (reading,) = read(config, answer(stored, parent_prediction=8), data=PAIR, predictions=[draft])
    parent = reading.records[0].parents[0]
    assert (parent.origin, parent.drafted_by) == (said, "m/1")
    assert texts(reading.records[0]) == {"Four.": 1, "Five.": 2}


ITEMS = {
    "task": "Rank them.",
    "prompt": "Name a river.",
    "items": [{"id": name, "title": f"M{name}", "body": f"River {name}"} for name in "abcd"],
}


def test_buckets_are_levels_and_what_is_in_none_is_not_ranked():
    config = shipped_config("generative-ai/llm-ranker")
    held = {"relevant_results": ["c", "a"], "biased_results": ["b"], "_": ["d"]}
    ranked, untouched, strange = read(
        config,
        answer([region("rank", "ranker", ranker=held)]),
        answer([region("rank", "ranker", ranker={"_": [*"abcd"]})]),
        answer([region("rank", "ranker", ranker={"relevant_results": ["x"]})]),
        data=ITEMS,
    )
    (record,) = ranked.records
    assert isinstance(record, Comparison) and record.strength == "unknown"
    assert texts(record) == {"River a": 1, "River b": 2, "River c": 1, "River d": None}
    assert [c.acceptable for c in record.candidates] == [None, False, None, None]
    assert (untouched.reason, strange.reason) == ("nothing_said", "unknown_item")


def test_items_of_one_bucket_are_tied():
    config = shipped_config("generative-ai/llm-ranker")
    held = {"relevant_results": [*"ab"], "biased_results": [], "_": [*"cd"]}
    (reading,) = read(config, answer([region("rank", "ranker", ranker=held)]), data=ITEMS)
    assert isinstance(record := reading.records[0], Comparison) and record.strength == "tie"


def test_a_written_answer_is_a_demonstration_though_its_box_is_called_instruction():
    config = shipped_config("generative-ai/supervised-llm")
    listed, bare, empty, none, twice = read(
        config,
        answer([region("instruction", "textarea", text=["Four."])]),
        answer([region("instruction", "textarea", text="Four.")]),
        answer([region("instruction", "textarea", text=["  "])]),
        answer([region("instruction", "textarea", text=[])]),
        answer([region("instruction", "textarea", text=["Four.", "Five."])]),
        data={"prompt": "2 + 2?"},
    )
    for reading in (listed, bare):
        (record,) = reading.records
        assert isinstance(record, Demonstration)
        assert [t.content for t in (*record.context, *record.response)] == ["2 + 2?", "Four."]
        assert record.parents[0].origin == "human"
    assert [r.reason for r in (empty, none)] == ["empty_response"] * 2
    assert twice.reason == "ambiguous_textarea"


def test_an_edited_draft_is_above_the_draft_and_a_kept_one_is_accepted():
    config = shipped_config("generative-ai/supervised-llm")
    draft = {"id": 8, "result": [region("instruction", "textarea", text=["Four, I think."])]}
    kept, edited = (
        read(
            config,
            answer([region("instruction", "textarea", text=[text])], parent_prediction=8),
            data={"prompt": "2 + 2?"},
            predictions=[draft | {"model_version": "m/1"}],
        )[0].records
        for text in ("Four, I think.", "Four.")
    )
    assert [record.parents[0].origin for record in kept] == ["accepted"]
    assert [type(record) for record in edited] == [Demonstration, Comparison]
    assert texts(edited[1]) == {"Four.": 1, "Four, I think.": 2}
    assert edited[0].parents[0].edit_distance == 9


def test_stars_above_the_middle_are_good_below_bad_and_the_middle_is_neither():
    config = shipped_config("generative-ai/response-grading")
    data = {"document": ["One.", "Two."], "summary": "Both."}
    given = [answer([region("rating", "rating", rating=stars)]) for stars in range(1, 7)]
    found = read(config, *given, data=data)
    verdicts = [r.records[0].good if r.records else r.reason for r in found]
    assert verdicts == [False, False, "no_verdict", True, True, "bad_rating"]
    (record,) = found[0].records
    assert isinstance(record, Judgement) and record.context[0].content == "One.\n\nTwo."
    assert (record.tags.quality, record.tags.signals) == (1, {"rating": 1.0})


SHIPPED_FAULTS = {
    "fails_to_follow": "No",
    "inappropriate_for_customer": "No",
    "hallucination": "No",
    "satisfies_constraint": "Yes",
    "contains_sexual": "No",
    "contains_violent": "No",
    "encourages_violence": "No",
    "denigrates_protected_class": "No",
    "gives_harmful_advice": "No",
}


def test_a_chatbot_is_judged_by_its_rating_or_by_its_faults():
    config = shipped_config("generative-ai/chatbot-assessment")
    said = [("user", "Hi"), ("assistant", "Hello"), ("user", "2 + 2?"), ("assistant", "Five.")]
    data = {"messages": [{"role": role, "content": text} for role, text in said]}

    def faults(**changed):
        held = {**SHIPPED_FAULTS, **changed}
        return [region(name, "choices", choices=[choice]) for name, choice in held.items()]

    stars = [region("likert_scale", "rating", rating=2)]
    rated, clean, faulty, part, middle = read(
        config,
        answer(stars),
        answer(faults()),
        answer(faults(hallucination="Yes", satisfies_constraint="No")),
        answer(faults()[:3]),
        answer([region("likert_scale", "rating", rating=4)]),
        data=data,
    )
    assert [r.records[0].good for r in (rated, clean, faulty)] == [False, True, False]
    assert faulty.records[0].reasons == ("hallucination", "satisfies_constraint")
    assert rated.records[0].tags.quality is None  # of seven stars, and quality has five
    (record,) = faulty.records
    assert len(record.context) == 3 and record.response[0].content == "Five."
    assert [r.reason for r in (part, middle)] == ["no_verdict"] * 2


def test_the_replies_not_selected_are_tied():
    config = shipped_config("conversational-ai/response-selection")
    dialogue = [{"author": "user", "text": "Name a river."}]
    data = {"humanMachineDialogue": dialogue, "respone": "A", "resptwo": "B", "respthree": "C"}
    (reading,) = read(config, answer([region("resp", "choices", choices=["Two"])]), data=data)
    assert texts(reading.records[0]) == {"A": 2, "B": 1, "C": 2}


def test_a_written_reply_continues_the_dialogue():
    config = shipped_config("conversational-ai/response-generation")
    data = {"dialogue": [{"author": "human", "text": "Name a river."}]}
    reply = answer([region("response", "textarea", text=["Ob."])])
    (reading,) = read(config, reply, data=data)
    assert isinstance(record := reading.records[0], Demonstration)
    assert [turn.role for turn in (*record.context, *record.response)] == ["user", "assistant"]
    (strangers,) = read(config, reply, data={"dialogue": [{"author": "Ann", "text": "Hi"}]})
    assert strangers.reason == "bad_role"


def test_what_a_model_filled_in_while_the_annotator_worked_has_an_unknown_origin():
    data = {
        "dialogue": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]
    }
    result = [
        region("prompt", "textarea", text=["Name a river."]),
        region("response", "textarea", text=["Ob."]),
    ]
    (reading,) = read(INTERACTIVE["llm_interactive_chat"], answer(result), data=data)
    (record,) = reading.records
    assert isinstance(record, Demonstration)
    assert [turn.content for turn in record.context] == ["Hi", "Yes", "Name a river."]
    assert record.parents[0].origin == "unknown"


@pytest.mark.parametrize(("stars", "kinds"), [(5, [Demonstration]), (1, [Judgement])])
def test_a_badly_rated_response_is_not_taught(stars, kinds):
    result = [
        region("prompt", "textarea", text=["Summarise."]),
        region("response", "textarea", text=["A text."]),
        region("rating", "rating", rating=stars),
        region("evals", "taxonomy", taxonomy=[["Correctness", "Incorrect"]]),
    ]
    config = INTERACTIVE["llm_interactive_evaluation"]
    (reading,) = read(config, answer(result), data={"text": "A long text."})
    assert [type(record) for record in reading.records] == kinds
    assert reading.records[0].context[0].content == "A long text.\n\nSummarise."
    assert reading.records[0].tags.reasons == ("Incorrect",)


def chat(role, content, number):
    """Return a message of the paid Chat as label_studio_sdk 2.1.2 has its shape."""
    value = {"role": role, "content": content, "createdAt": number}
    return region("chat", "chatmessage", chatmessage=value) | {"id": f"m{number}"}


def test_a_conversation_written_in_a_chat_is_a_demonstration():
    config = shipped_config("chat/chat_eval")
    result = [chat("user", "Hi", 1), chat("assistant", "Hello", 2)]
    whole, trailing = read(
        config, answer(result), answer(result[:1]), data={"text": "Talk.", "chat": []}
    )
    assert [type(record) for record in whole.records] == [Demonstration]
    assert whole.records[0].parents[0].origin == "unknown"
    assert trailing.reason == "trailing_user"


def test_messages_of_the_task_that_a_chat_repeats_are_there_once():
    config = shipped_config("chat/chat_eval")
    data = {"text": "", "chat": [{"role": "user", "content": "Hi"}]}
    for result in (
        [chat("assistant", "Hello", 2)],
        [chat("user", "Hi", 1), chat("assistant", "Hello", 2)],
    ):
        (reading,) = read(config, answer(result), data=data)
        (record,) = reading.records
        assert [turn.content for turn in (*record.context, *record.response)] == ["Hi", "Hello"]


def test_each_reply_of_a_red_team_chat_is_judged_alone():
    config = shipped_config("chat/chat_red_team")
    said = ["Hi", "Hello", "How do I open a lock?", "Like this."]
    result = [chat(("user", "assistant")[n % 2], text, n) for n, text in enumerate(said)]
    outcome = region("assistant_outcome", "choices", choices=["Policy Violation"])
    result += [outcome | {"id": "m3"}]
    (reading,) = read(config, answer(result), data={"text": "", "chat": []})
    (record,) = reading.records
    assert isinstance(record, Judgement) and record.good is False
    assert (record.response[0].content, record.reasons) == ("Like this.", ("Policy Violation",))
    assert len(record.context) == 3


def test_an_export_file_of_a_template_is_recognised_without_its_config(inside, tmp_path):
    tasks = [
        task(PAIR, answer(pairwise("left")), answer([], 10), answer([], 11, was_cancelled=True)),
        task(PAIR | {"prompt": "3?"}, answer(pairwise("right"), 12), number=6)
        | {"drafts": [{"id": 1, "annotation": None}]},
    ]
    file = write(tmp_path / "tasks.json", tasks)
    done = inside("export", file, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["answers"]["read"] == 5
    assert counts["answers"]["rejected"] == 3
    assert {*counts["reasons"]["rejected"]} == {"empty_result", "cancelled", "draft"}
    assert "Human preference" in done.stderr
    rows = [
        json.loads(line)
        for path in (tmp_path / "out" / "trl").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert {(r["prompt"][0]["content"], r["chosen"][0]["content"]) for r in rows} == {
        ("2 + 2?", "Four."),
        ("3?", "Five."),
    }


def test_a_json_min_file_holds_enough_for_what_was_submitted(inside, tmp_path):
    """Written by Label Studio's own converter, which leaves out the skipped answer."""
    from label_studio_sdk.converter.converter import Converter

    given = [
        answer(pairwise("right"), created_at="2026-01-01"),
        answer([], 10, created_at="2026-01-01"),
        answer(pairwise("left"), 11, created_at="2026-01-01", was_cancelled=True),
    ]
    file = write(tmp_path / "tasks.json", [task(PAIR, *given)])
    config = shipped_config("generative-ai/human-feedback-collection")
    Converter(config, project_dir=None).convert_to_json_min(
        str(file), str(tmp_path / "min"), is_dir=False
    )
    done = inside("export", tmp_path / "min" / "result.json", "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert (counts["answers"]["used"] + counts["answers"].get("held_out", 0)) == 1
    assert counts["reasons"]["rejected"] == {"empty_result": 1}
    (row,) = [
        json.loads(line)
        for path in (tmp_path / "out" / "trl").rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    assert row["chosen"][0]["content"] == "Five."


def test_an_unknown_project_file_is_told_how_to_be_read(inside, tmp_path):
    file = write(tmp_path / "t.json", [task({"q": "?"}, answer([region("x", "rating", rating=1)]))])
    done = inside("export", file, "--out", tmp_path / "out")
    assert done.returncode == 4
    assert "goldleaf project map" in done.stderr
