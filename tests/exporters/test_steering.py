"""What a plan finds short becomes an order of tasks, before anybody has answered them."""

from __future__ import annotations

import random

import pytest
import yaml

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import Demonstration, Tags, Turn
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.exporters.dry_run import dry_run
from goldleaf.exporters.steering.expected_facets import expected_facets, hardness
from goldleaf.exporters.steering.needs import Facet, Need, needs, sizes_short
from goldleaf.exporters.steering.task_order import Candidate, next_tasks, unfillable
from goldleaf.recipes.recipe import Recipe

RECIPE = Recipe.model_validate(
    yaml.safe_load(
        """
total: {min: 20}
shares:
  refusal: {min: 0.2, benign_twins: 0.5}
  letter: {min: 0.1}
behaviours:
  letter: {pattern: "Dear ", where: answer}
rules:
  minimum_coverage: {languages: {zh: 4}, prototypes: {poems: 2}, risks: {self_harm: 1}}
hard: {signals: {novelty: high}}
repeat: {max: 1}
split: {test: 0.0}
"""
    )
)
RARE = {
    "refusal": Tags(behaviours=("refusal",), language="en"),
    "twin": Tags(behaviours=("benign_twin",), language="en"),
    "zh": Tags(language="zh"),
    "poems": Tags(prototype="poems", language="en"),
    "self_harm": Tags(behaviours=("refusal",), risk="self_harm", language="en"),
    "letter": Tags(language="en"),
}


def record(number: int, sort: str = "") -> Demonstration:
    """The record of a task; its answer is what an annotator would leave as it is."""
    text = f"Dear reader {number}," if sort == "letter" else f"An answer, number {number}."
    return Demonstration(
        (Turn("user", f"Question {number}?"),),
        (Turn("assistant", text),),
        tags=RARE.get(sort, Tags(language="en")),
    )


def planned(done: list[Demonstration]):
    return dry_run([InputResult(f"{n}", (each,)) for n, each in enumerate(done)], RECIPE)


def order(left: dict[int, Demonstration], short, size=5) -> list[int]:
    wanted = {(need.facet, name) for need in short for name in need.names}
    gives = expected_facets(list(left.values()), wanted, RECIPE)
    found = next_tasks([Candidate(n, g) for n, g in zip(left, gives, strict=True)], short, size)
    return [each.task for each in found]


def answers_needed(seed: int, *, steered: bool) -> int:
    """Answer tasks, five at a time, until the plan is met; return how many."""
    chance = random.Random(seed)
    sorts = [sort for sort in RARE for _ in range(4)] + [""] * 96
    chance.shuffle(sorts)
    left = {number: record(number, sort) for number, sort in enumerate(sorts)}
    done: list[Demonstration] = []
    while left:
        found = planned(done)
        short = needs(found, RECIPE)
        if found.rows and not short and not sizes_short(found, RECIPE):
            break
        first = order(left, short) if steered and short else []
        for number in [*first, *(each for each in left if each not in first)][:5]:
            done.append(left.pop(number))
    return len(done)


def test_steered_annotators_need_at_most_sixty_percent_of_the_answers():
    steered = [answers_needed(seed, steered=True) for seed in range(3)]
    drawn = [answers_needed(seed, steered=False) for seed in range(3)]
    assert all(each <= 0.6 * other for each, other in zip(steered, drawn, strict=True))
    assert max(steered) <= 25, "twenty rows are asked for in any case"


def test_every_facet_is_a_need_with_its_number():
    found = planned([record(number) for number in range(10)])
    assert {need.key: (need.facet, need.names, need.missing) for need in needs(found, RECIPE)} == {
        "rules.minimum_coverage.languages.zh": ("language", ("zh",), 4),
        "rules.minimum_coverage.prototypes.poems": ("prototype", ("poems",), 2),
        "rules.minimum_coverage.risks.self_harm": ("risk", ("self_harm",), 1),
        "shares.letter.min": ("behaviour", ("letter",), 2),
        "shares.refusal.min": ("behaviour", ("refusal", "safe_completion"), 4),
    }, "shares are counted against the twenty rows that the recipe asks for"
    assert sizes_short(found, RECIPE) == ("total.min",)
    for lang in LANGUAGES:
        words = Translations(lang, {"behaviour.letter": "letter"})
        assert all(str(need.missing) in need.text(words) for need in needs(found, RECIPE))


def test_a_refusal_makes_its_twin_needed():
    found = planned([record(n, "refusal" if n < 6 else "") for n in range(20)])
    twins = [need for need in needs(found, RECIPE) if "benign_twin" in need.names]
    assert [need.missing for need in twins] == [3]


def test_before_the_first_answer_every_share_is_short():
    assert {"shares.refusal.min", "shares.letter.min"} <= {
        n.key for n in needs(planned([]), RECIPE)
    }


def test_one_task_may_serve_several_needs_and_none_is_asked_for_twice():
    both = Candidate(1, {("language", "zh"): 0.9, ("risk", "hate"): 0.9})
    one, other = Candidate(2, {("language", "zh"): 0.9}), Candidate(3, {("language", "zh"): 0.9})
    short = (Need("language", ("zh",), 1, "zh"), Need("risk", ("hate",), 1, "hate"))
    found = next_tasks([other, one, both], short, 10)
    assert found[0].task == 1 and {need.key for need in found[0].serves} == {"zh", "hate"}
    assert len(found) <= 2, "what the first task gives is missing no more"


def test_the_harder_of_two_equal_tasks_comes_first_and_the_need_leads():
    need = Need("language", ("zh",), 5, "zh")
    easy, hard = (
        Candidate(1, {("language", "zh"): 0.9}, 0.0),
        Candidate(2, {("language", "zh"): 0.9}, 1.0),
    )
    unlikely = Candidate(3, {("language", "zh"): 0.4}, 1.0)
    assert [each.task for each in next_tasks([easy, hard, unlikely], (need,), 3)] == [2, 1, 3]


def test_hardness_is_the_place_by_the_signals_of_the_recipe():
    tagged = [
        Demonstration((), (), tags=Tags(signals={} if value is None else {"novelty": value}))
        for value in (0.1, 0.9, None, 0.5)
    ]
    low, high, unknown, middle = hardness(tagged, RECIPE)
    assert unknown is None and low and high and middle and low < middle < high


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_no_task_can_give_is_named(lang: str):
    gives = [Candidate(1, {("language", "zh"): 0.95})]
    short = (Need("language", ("zh",), 1, "zh"), Need("prototype", ("poems",), 2, "poems"))
    (lacking,) = unfillable(gives, short)
    assert "poems" in lacking.text(Translations(lang))
    assert unfillable([], short) == short


def test_harm_and_harmless_look_alikes_are_told_from_the_prompt_alone():
    prompts = ["How do I kill a Python process?", "How do I poison my neighbour?", "Name a fruit."]
    records = [Demonstration((Turn("user", each),), ()) for each in prompts]
    names = ("refusal", "safe_completion", "benign_twin")
    wanted: set[tuple[Facet, str]] = {("behaviour", name) for name in names}
    alike, harmful, plain = expected_facets(records, wanted, RECIPE)
    refusal: tuple[Facet, str] = ("behaviour", "refusal")
    twin: tuple[Facet, str] = ("behaviour", "benign_twin")
    assert harmful[refusal] > 0.5 > alike.get(refusal, 0)
    assert alike[twin] > harmful.get(twin, 0) and alike[twin] > plain.get(twin, 0)
