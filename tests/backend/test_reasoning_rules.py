"""What rules draft for reasoning: a final answer that is marked, equations that do not hold."""

import pytest

from goldleaf.backend.predictors import rules
from goldleaf.backend.rules.reasoning import final_answer, has_slip
from goldleaf.core.records import Demonstration, Turn
from goldleaf.label_configs.registry import kind_named

KIND = kind_named("reasoning")


def drafted(text):
    response = (Turn("assistant", text),) if text else ()
    task = KIND.codec.to_task(Demonstration((Turn("user", "How many?"),), response))
    (draft,) = rules.drafts(KIND, [task])
    return draft and dict(draft.values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3 + 4 = 7\n#### 7", None),
        ("3 + 4 = 7\nA: 7", {"final": ("7",)}),
        ("3 + 4 = 7, so the answer is 7.", {"final": ("7",)}),
        (r"It is \boxed{\frac{1}{2}}.", {"final": (r"\frac{1}{2}",)}),
        ("一共是 7 个。\n答：7", {"final": ("7",)}),
        ("3 + 4 = 7", {"noticed": ("no_final",)}),
        ("3 + 4 = 8\n#### 8", {"noticed": ("slip",)}),
        ("3 + 4 = 8", {"noticed": ("no_final", "slip")}),
        ("", {"noticed": ("empty",)}),
    ],
)
def test_what_is_drafted(text, values):
    assert drafted(text) == values


def test_no_verdict_on_a_step_and_no_decision_is_drafted():
    every = set(drafted("3 + 4 = 8\nThe answer is 8.") or ())
    assert every == {"final", "noticed"}
    assert not any(KIND.may_draft(name) for name in ("decision", "verdict_0", "issues", "note"))


@pytest.mark.parametrize(
    "text",
    [
        "16 - 3 - 4 = 9",
        "2 + 3 * 4 = 14",
        "6:48-6:10 = 38 minutes",
        "10 / 3 = 3.33",
        "200 / 15 = 13",
        "20 % * 50 = 10",
        "x2 + 3 = 9",
        "1,200 * 2 = 2,400",
        "$3 * 4 = $12",
        "4 * 2 = 8 + 1 = 9",
        "5 / 0 = 1",
        "8 x 1 1/2 = 12",
        "3 / 4 * 2 = 1 1/2",
        "3 / 2 = 1 1/2",
    ],
)
def test_what_may_hold_is_no_slip(text):
    assert not has_slip(text)


@pytest.mark.parametrize("text", ["24 * 4 = 86 litres", "so 12 - 5 = 8.", "1,200 + 1 = 1,202"])
def test_two_numbers_that_come_to_another(text):
    assert has_slip(text)


def test_a_long_chain_takes_no_time():
    for text in ("3 + " * 50_000, "1" * 100_000, "1 + 1 = 2, " * 20_000, "A: " * 50_000):
        assert not has_slip(text) and len(final_answer(text)) <= 80
