"""The rules see what is there, judge nothing, and are silent otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.backend.predictors import rules
from goldleaf.backend.predictors.predictor_registry import predictor_named, predictors
from goldleaf.backend.rules import preference as preference_rules
from goldleaf.backend.rules.texts import MAX_TEXT
from goldleaf.core.errors import BadRow, UsageError
from goldleaf.label_configs.preference.codec import NOTICED
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("preference")
EN = "Knead the dough for ten minutes, let it rest, and bake it in a hot oven."
ZH = "把面团揉十分钟，放在温暖的地方发酵，然后放进烤箱里烤到金黄。"
NO_EN = "I'm sorry, but I can't help with that."
NO_ZH = "抱歉，我无法提供这方面的帮助。"
ASK_EN = "How do I bake bread?"
ASK_ZH = "怎么烤面包？"


def noticed(prompt: str, a: str, b: str) -> tuple[str, ...]:
    (draft,) = rules.drafts(KIND, [{"prompt": prompt, "answer_a": a, "answer_b": b}])
    return draft.values["noticed"] if draft else ()


@pytest.mark.parametrize(
    ("prompt", "a", "b", "seen"),
    [
        (ASK_EN, EN, EN + " Enjoy.", ()),
        (ASK_EN, NO_EN, EN, ("a_refuses",)),
        (ASK_EN, EN, NO_EN, ("b_refuses",)),
        (ASK_ZH, NO_ZH, ZH, ("a_refuses",)),
        (ASK_ZH, NO_ZH, "很抱歉，这个请求我不能帮您完成。", ("both_refuse",)),
        (ASK_EN, NO_EN, NO_EN, ("both_refuse", "identical")),
        (ASK_EN, "", EN, ("a_empty",)),
        (ASK_EN, EN, " \n", ("b_empty",)),
        (ASK_EN, "", "", ("a_empty", "b_empty", "identical")),
        (ASK_EN, EN, EN + "\r\n", ("identical",)),
        (ASK_EN, ZH, EN, ("language",)),
        (ASK_ZH, ZH, EN, ("language",)),
        (ASK_ZH, NO_EN, ZH, ("a_refuses", "language")),
        ("Translate into Chinese: " + EN, ZH, ZH + "好。", ()),
        ("把这句话翻译成英文：" + ZH, EN, EN + " Enjoy.", ()),
        ("用英语介绍你自己。", EN, EN + " Enjoy.", ()),
        (ASK_ZH, "```python\nbake(bread)\n```", ZH, ()),
        ("9.11 和 9.9 哪个大？", "9.9", "9.11", ()),
        ("哪位作家写了《尤利西斯》？", "James Joyce", "乔伊斯", ()),
    ],
)
def test_what_is_noticed(prompt: str, a: str, b: str, seen: tuple[str, ...]):
    assert noticed(prompt, a, b) == seen


TEXTS = st.sampled_from(["", " ", EN, ZH, NO_EN, NO_ZH]) | st.text(max_size=80)


@given(TEXTS, TEXTS, TEXTS)
def test_a_draft_never_decides_and_swapping_the_answers_swaps_the_draft(
    prompt: str, a: str, b: str
):
    (draft,) = rules.drafts(KIND, [{"prompt": prompt, "answer_a": a, "answer_b": b}])
    (mirrored,) = rules.drafts(KIND, [{"prompt": prompt, "answer_a": b, "answer_b": a}])
    if draft is None:
        assert mirrored is None
        return
    assert set(draft.values) == {"noticed"}
    answer = KIND.parse_annotation(draft.values, {})
    assert (answer.decision, answer.reasons, answer.note) == (None, (), "")
    swap = {
        "a_refuses": "b_refuses",
        "b_refuses": "a_refuses",
        "a_empty": "b_empty",
        "b_empty": "a_empty",
    }
    assert mirrored
    assert {swap.get(name, name) for name in draft.values["noticed"]} == set(
        mirrored.values["noticed"]
    )
    assert draft.score == mirrored.score
    assert draft.score is not None and 0 < draft.score < 1


def test_everything_that_can_be_noticed_has_a_priority():
    assert set(preference_rules.PRIORITY) == set(NOTICED)


@pytest.mark.parametrize(
    "data", [{}, {"prompt": "x"}, {"prompt": 1, "answer_a": "", "answer_b": ""}]
)
def test_a_task_without_its_texts_is_a_bad_row(data: dict[str, Any]):
    with pytest.raises(BadRow, match="bad_task"):
        rules.drafts(KIND, [data])


def test_a_huge_text_is_not_looked_at():
    with pytest.raises(BadRow, match="too_long"):
        noticed("x", "y" * (MAX_TEXT + 1), "z")


def test_the_rules_are_found_by_their_file():
    assert predictors()["rules"] is predictor_named("rules")
    assert list(predictors()) == ["auto", "classifier", "rules"]
    with pytest.raises(UsageError, match="no predictor 'oracle'"):
        predictor_named("oracle")
