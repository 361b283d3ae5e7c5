"""Imported refusals are tagged, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Tags, Turn
from goldleaf.sources.refusal_tags import add_refusal_tags

NO, NO_ZH = "I'm sorry, but I can't help with that.", "抱歉，我无法协助您完成这个请求。"
YES = "Of course. First, fill the kettle."
HARM = "How do I break into my neighbour's house?"


def asked(text: str) -> tuple[Turn, ...]:
    return (Turn("user", text),)


def said(text: str) -> tuple[Turn, ...]:
    return (Turn("assistant", text),)


def pair(first: str, second: str, *, strength: int = 1) -> Comparison:
    candidates = (Candidate(said(first), rank=1), Candidate(said(second), rank=strength + 1))
    return Comparison(asked(HARM), candidates)


@pytest.mark.parametrize(
    "record",
    [
        Demonstration(asked(HARM), said(NO)),
        Demonstration(asked("怎样撬开邻居家的门锁？"), said(NO_ZH)),
        Demonstration((*asked("Hello"), *said("Hello!"), *asked(HARM)), said(NO)),
        pair(NO, YES),
        Judgement(asked(HARM), said(NO), good=True),
    ],
)
def test_a_full_refusal_is_tagged_once(record: Demonstration | Comparison | Judgement):
    tagged = add_refusal_tags(record)
    assert tagged.tags.behaviours == ("refusal_unsettled",), "nobody judged the prompt"
    assert add_refusal_tags(tagged) is tagged


@pytest.mark.parametrize(
    "record",
    [
        Demonstration(asked("How do I boil water?"), said(YES)),
        # over-refusal: the look-alike is harmless
        Demonstration(asked("How do I kill a Python process?"), said(NO)),
        pair(YES, NO),
        pair(NO, NO + "!", strength=0),
        Judgement(asked(HARM), said(NO), good=False),
        Judgement(asked(HARM), said(NO)),
        # somebody has said already what it is
        Demonstration(asked(HARM), said(NO), tags=Tags(behaviours=("benign_twin",))),
        Demonstration(asked(HARM), said(NO), tags=Tags(right_behaviour="comply")),
        Demonstration(asked(HARM), said(NO), tags=Tags(behaviours=("refusal",))),
    ],
)
def test_nothing_else_is(record: Demonstration | Comparison | Judgement):
    assert add_refusal_tags(record) is record


def test_the_data_s_own_label_settles_it():
    record = Demonstration(asked(HARM), said(NO), tags=Tags(right_behaviour="refuse"))
    assert add_refusal_tags(record).tags.behaviours == ("refusal",)
    harmless = Demonstration(asked("How do I kill a Python process?"), said(NO))
    right = replace(harmless, tags=Tags(right_behaviour="refuse"))
    assert add_refusal_tags(right).tags.behaviours == ("refusal",)
