"""Odd values anywhere in a foreign task: each answer counted, no traceback."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from shipped_configs import answer, pairwise, region, shipped_config, task

from goldleaf.adoption.adopted_project import AdoptedProject
from goldleaf.adoption.config import parse_config
from goldleaf.adoption.registry import recognise_template
from goldleaf.label_configs.read_annotations import read_task

ODD = [None, -1, 2**70, 1.5, "", "\ud800", "\x1b[31m\u202e", [], {}, [[]], [{}], {"a": []}, True]
PAIR = {"prompt": "2 + 2?", "answer1": "Four.", "answer2": "Five."}
ITEMS = [{"id": name, "title": name, "body": f"Answer {name}"} for name in "abc"]
TALK = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
GIVEN = {
    "generative-ai/human-feedback-collection": (PAIR, pairwise("left")),
    "generative-ai/llm-ranker": (
        {"task": "t", "prompt": "?", "items": ITEMS},
        [region("rank", "ranker", ranker={"relevant_results": ["a"], "biased_results": ["b"]})],
    ),
    "generative-ai/supervised-llm": (
        {"prompt": "?"},
        [region("instruction", "textarea", text=["Four."])],
    ),
    "generative-ai/response-grading": (
        {"document": ["a", "b"], "summary": "c"},
        [region("rating", "rating", rating=5)],
    ),
    "generative-ai/chatbot-assessment": (
        {"messages": TALK},
        [
            region("likert_scale", "rating", rating=7),
            region("hallucination", "choices", choices=["Yes"]),
        ],
    ),
    "chat/chat_red_team": (
        {"text": "", "chat": TALK[:1]},
        [
            region("chat", "chatmessage", chatmessage=TALK[1]) | {"id": "m1"},
            region("assistant_outcome", "choices", choices=["Compliant"]) | {"id": "m1"},
        ],
    ),
}


def paths(value, at=()):
    if at:
        yield at
    inner = list(enumerate(value)) if isinstance(value, list) else []
    for key, each in value.items() if isinstance(value, dict) else inner:
        yield from paths(each, (*at, key))


def odd_tasks(folder):
    data, result = GIVEN[folder]
    began = {"id": 8, "model_version": "m/1", "result": copy.deepcopy(result)}
    whole = task(data, answer(result, parent_prediction=8), predictions=[began])
    yield whole
    for at in paths(whole):
        for odd in ODD:
            changed: Any = copy.deepcopy(whole)
            inner = changed
            for key in at[:-1]:
                inner = inner[key]
            inner[at[-1]] = odd
            yield changed


@pytest.mark.parametrize("folder", GIVEN)
def test_odd_values_are_read_or_rejected(folder):
    config = shipped_config(folder)
    template = recognise_template(config)
    assert template
    project = AdoptedProject(template.reading, parse_config(config), template.id)
    good, *odd = [list(read_task(each, project)) for each in odd_tasks(folder)]
    assert [bool(reading.records) for reading in good] == [True]
    assert len(odd) > 200
    for reading in (reading for found in odd for reading in found):
        assert bool(reading.records) != bool(reading.reason)


def test_odd_values_in_a_file(inside, tmp_path):
    tasks = list(odd_tasks("generative-ai/human-feedback-collection"))
    for number, each in enumerate(tasks):
        each["id"] = number
    file = tmp_path / "odd.json"
    file.write_text(json.dumps(tasks))
    done = inside("export", file, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["answers"]
    assert answers["read"] == sum(count for fate, count in answers.items() if fate != "read")
