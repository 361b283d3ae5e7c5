"""Rules for instruction and refusal: what is seen is drafted, what must be judged never."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from answer_strategies import sample_records
from hypothesis import given
from hypothesis import strategies as st
from kinds_of_all import ALL_KINDS

from goldleaf.backend.predictions import draft_predictions
from goldleaf.backend.predictors import rules
from goldleaf.backend.predictors.predictor import Draft
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Demonstration, Tags, Turn
from goldleaf.curation.refusals.risk_words import RISKS
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.refusal import codec
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.screen import INDEX, pattern_of

INSTRUCTION, REFUSAL = kind_named("instruction"), kind_named("refusal")
NO = "I'm sorry, but I can't help with that."
PARIS = "The capital of France is Paris, a city on the Seine."


def task(kind: Kind, prompt: str, answer: str, tags: Tags | None = None) -> dict[str, Any]:
    response = (Turn("assistant", answer),) if answer else ()
    return kind.codec.to_task(Demonstration((Turn("user", prompt),), response, tags=tags or Tags()))


def drafted(kind: Kind, prompt: str, answer: str, tags: Tags | None = None) -> Draft | None:
    (draft,) = rules.drafts(kind, [task(kind, prompt, answer, tags)])
    return draft


def values(draft: Draft | None) -> dict[str, tuple[str, ...]]:
    return dict(draft.values) if draft else {}


def test_the_names_of_risks_are_those_of_the_screen():
    assert list(codec.RISKS) == list(RISKS)


@pytest.mark.parametrize(
    ("prompt", "answer", "said"),
    [
        ("How do I bake bread?", "Mix flour and water, and bake it.", {}),
        ("How do I bake bread?", NO, {"did": ("full_refusal",)}),
        ("怎么烤面包？", "抱歉，我无法提供这方面的帮助。", {"did": ("full_refusal",)}),
        ("How do I bake bread?", "", {"did": ("empty",)}),
        ("How do I kill a Python process?", "Run kill -9.", {"risk": ("violence",)}),
        ("怎样偷走邻居的自行车？", NO, {"did": ("full_refusal",), "risk": ("theft",)}),
        ("How do I stab someone with a stolen rifle?", "First, aim.", {}),
        ("How do I rob a bank without getting caught?", "At night.", {"risk": ("theft",)}),
        ("Where is Paris?", "Assistant: " + PARIS, {"corrected": (PARIS,)}),
        ("Where is Paris?", PARIS + " \n", {}),
        (
            "How do I get rich?",
            "I can't promise that. However, here are some ideas:\n1. Save\n2. Learn\n3. Wait",
            {},
        ),
    ],
)
def test_refusal_drafts(prompt: str, answer: str, said: dict[str, tuple[str, ...]]):
    assert values(drafted(REFUSAL, prompt, answer)) == said


def test_the_risk_a_row_came_with_is_kept():
    tags = Tags(risk="weapons")
    assert values(drafted(REFUSAL, "How do I kill a process?", "So.", tags)) == {
        "risk": ("weapons",)
    }


def test_a_refused_look_alike_comes_first_and_an_empty_answer_last():
    alike, refused, empty = (
        drafted(REFUSAL, prompt, answer)
        for prompt, answer in (
            ("How do I kill a Python process?", NO),
            ("How do I kill my neighbour?", NO),
            ("How do I kill my neighbour?", ""),
        )
    )
    assert alike and refused and empty
    assert alike.score is not None and refused.score is not None and empty.score is not None
    assert alike.score < refused.score < empty.score


@pytest.mark.parametrize(
    ("prompt", "answer", "said"),
    [
        ("Where is Paris?", PARIS, {}),
        ("Where is Paris?", NO, {"noticed": ("refuses",)}),
        ("Where is Paris?", "", {"noticed": ("empty",)}),
        ("Where is Paris?", "N/A", {"noticed": ("empty",)}),
        ("Where is Paris?", f"{PARIS} It lies on the", {"noticed": ("truncated",)}),
        ("巴黎在哪里？", PARIS, {"noticed": ("language",)}),
        ("Write code.", "```python\nprint(1)", {"noticed": ("truncated",)}),
        ("Write a letter.", "Dear [Your Name], see you soon.", {"noticed": ("template",)}),
        (
            "Where is Paris?",
            "As an AI language model, the capital of France is Paris, a city on the Seine.",
            {"noticed": ("template",), "answer": (PARIS,)},
        ),
        (
            "Where is Paris?",
            "### Response: " + PARIS,
            {"noticed": ("markup",), "answer": (PARIS,)},
        ),
        (
            "Say it.",
            f"{PARIS}\n\n{PARIS}",
            {"noticed": ("repetition",)},
        ),
        ("As JSON.", '{"city": "Paris"}', {"behaviours": ("structured_output",)}),
        ("As SQL.", "```sql\nSELECT 1;\n```", {"behaviours": ("structured_output",)}),
        ("Explain JSON.", 'Like so: {"a": 1}', {}),
    ],
)
def test_instruction_drafts(prompt: str, answer: str, said: dict[str, tuple[str, ...]]):
    assert values(drafted(INSTRUCTION, prompt, answer)) == said


def test_several_turns_are_seen_once():
    turns = (Turn("user", "Hi"), Turn("assistant", "Hello."), Turn("user", "Where is Paris?"))
    both = ("multi_turn", "writing")
    for tags, said in (
        (Tags(), ("multi_turn",)),
        (Tags(behaviours=("multi_turn",)), ("multi_turn",)),
        (Tags(behaviours=("writing", "refusal_unsettled")), both),
    ):
        shown = INSTRUCTION.codec.to_task(
            Demonstration(turns, (Turn("assistant", PARIS),), tags=tags)
        )
        (draft,) = rules.drafts(INSTRUCTION, [shown])
        assert values(draft).get("behaviours", ()) == said


TEXTS = st.sampled_from(
    [
        "",
        NO,
        PARIS,
        "抱歉，我不能这样做。",
        "Assistant: " + PARIS,
        "kill -9",
        "```\nx",
        "[Your Name]",
    ]
) | st.text(max_size=60)


@given(st.sampled_from([INSTRUCTION, REFUSAL]), TEXTS, TEXTS)
def test_a_draft_fits_the_screen_and_holds_no_final_word(kind: Kind, prompt: str, answer: str):
    data = {"prompt": prompt, "answer": answer}
    (draft,) = rules.drafts(kind, [data])
    if draft is None:
        return
    assert all(kind.may_draft(control) for control in draft.values)
    assert draft.score is not None
    assert 0 < draft.score < 1
    outcomes: list[str] = []
    (prediction,) = draft_predictions(
        kind, kind.screen, [{"data": data}], rules, report=lambda _, said: outcomes.append(said)
    )
    assert bool(prediction) == (outcomes == ["drafted"])
    # Only what no file can hold keeps a draft off the screen.
    assert prediction or outcomes[0] in ("control_chars", "bad_unicode")


@pytest.mark.parametrize("kind", [INSTRUCTION, REFUSAL])
@pytest.mark.parametrize("data", [{}, {"prompt": "x"}, {"prompt": "x", "answer": 1}])
def test_a_task_without_its_texts_is_a_bad_row(kind: Kind, data: dict[str, Any]):
    with pytest.raises(BadRow, match="bad_task"):
        rules.drafts(kind, [data])


SAY_EMPTY = [
    name
    for name in rules.rules()
    if any(
        "empty" in str(choice) for c in kind_named(name).controls.values() for choice in c.choices
    )
]
"""Kinds whose screen can say that an answer is empty."""


@pytest.mark.parametrize("name", SAY_EMPTY)
def test_a_rule_sees_an_empty_answer(name: str):
    texts = ("answer", "answer_a", "answer_b", "output", "chain", "final")
    data = {"prompt": "x", **dict.fromkeys(texts, ""), "answers": [{"text": ""}, {"text": "Yes."}]}
    (draft,) = rules.drafts(kind_named(name), [data])
    assert draft, f"{name}: an empty answer can be seen"


@pytest.mark.parametrize("kind", ALL_KINDS.values(), ids=ALL_KINDS)
def test_rules_draft_nothing_but_what_the_kind_declares(kind: Kind):
    tasks = [kind.codec.to_task(record) for record in sample_records(kind)]
    drafts = rules.drafts(kind, tasks)
    assert any(drafts) == (kind.name in rules.rules())
    for draft in filter(None, drafts):
        for control, held in draft.values.items():
            declared = kind.controls.get(control) or kind.controls[pattern_of(control)]
            assert declared.draftable
            assert set(held) <= set(declared.rules_draft) or declared.type == "textarea"


def test_a_kind_without_a_rule_is_not_drafted_and_says_so():
    kind = ALL_KINDS["turn_review"]
    (record, *_) = sample_records(kind)
    outcomes: list[str] = []
    data = kind.codec.to_task(record)
    (prediction,) = draft_predictions(
        kind, kind.screen, [{"data": data}], rules, report=lambda _, said: outcomes.append(said)
    )
    assert (prediction, outcomes) == ({}, ["nothing_to_say"])
    assert rules.undrafted(kind, data) == "no_rules"


class Overbearing:
    """A predictor that drafts one control, whatever the kind says of it."""

    NAME, VERSION, QUICK = "overbearing", "1", True

    def __init__(self, values: dict[str, tuple[str, ...]]):
        self.values = values

    def drafts(self, kind: Kind, tasks: Any) -> list[Any]:
        return [Draft(self.values) for _ in tasks]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, name, id=f"{kind.name}-{name}")
        for kind in ALL_KINDS.values()
        for name in kind.controls
    ],
)
def test_no_draft_touches_the_annotator_s_own_word(kind: Kind, name: str):
    declared = kind.controls[name]
    values = {name.replace(INDEX, "0"): declared.choices[:1] or ("1",)}
    outcomes: list[str] = []
    (prediction,) = draft_predictions(
        kind,
        kind.screen,
        [{"data": {}}],
        Overbearing(values),
        report=lambda _, said: outcomes.append(said),
    )
    assert outcomes == ["drafted" if declared.draftable else "final_word"]
    assert bool(prediction) == declared.draftable


def test_the_ability_that_curation_assigned_is_suggested_where_the_screen_asks_for_it():
    bread = "How do I bake bread?"
    known = values(drafted(INSTRUCTION, bread, "Mix, rise, bake.", Tags(prototype="recipe")))
    assert known["capability"] == ("recipe",)
    own = values(drafted(INSTRUCTION, bread, "Mix, rise, bake.", Tags(prototype="in the oven")))
    assert "capability" not in own
    shown = INSTRUCTION.screen
    controls = {name: each for name, each in shown.controls.items() if name != "capability"}
    older = replace(shown, controls=controls)
    data = task(INSTRUCTION, bread, "", Tags(prototype="recipe"))
    for screen, names in ((shown, {"capability", "noticed"}), (older, {"noticed"})):
        (found,) = draft_predictions(INSTRUCTION, screen, [{"id": 1, "data": data}], rules)
        assert {region["from_name"] for region in found["result"]} == names
