"""The audit of pairs: planted biases are found, clean sets have none, and every number is exact."""

import random
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from scipy import stats

from goldleaf.core.charts import IntervalRow, interval_chart
from goldleaf.core.record_hash import candidate_id
from goldleaf.core.records import Candidate, Comparison, Provenance, Tags, ToolCall, Turn
from goldleaf.core.translations import LANGUAGES, Translations
from goldleaf.curation.pair_audit.audit_page import pair_part, pair_sections
from goldleaf.curation.pair_audit.audit_records import audit_comparisons
from goldleaf.curation.pair_audit.choices import choice_schema
from goldleaf.curation.pair_audit.exact_tests import (
    exact_interval,
    half_p_value,
    holm_rejected,
    rest_p_value,
)
from goldleaf.curation.pair_audit.model_tiers import delta_of, model_size
from goldleaf.curation.pair_audit.pair_audit import audit_pairs
from goldleaf.curation.pair_audit.pair_columns import pair_class, pair_schema, too_near


def said(text, rank=None, **more):
    return Candidate((Turn("assistant", text),), rank=rank, **more)


def comparison(number, chosen, rejected, *, who="", first=True, task=None, **more):
    """Return a comparison as an annotation leaves it; `first`: was the better one shown first."""
    better, worse = said(chosen, 1), said(rejected, 2)
    order = [candidate_id(better), candidate_id(worse)]
    parent = Provenance(
        source="S5",
        project=1,
        task=number if task is None else task,
        annotation=number,
        annotator=who,
        order_shown=tuple(order if first else reversed(order)),
    )
    prompt = more.pop("prompt", f"Question {number}?")
    return Comparison(
        (Turn("user", prompt),), (better, worse), strength="slight", parents=(parent,), **more
    )


def drawn(seed, people, pairs=500):
    """Return 500 comparisons; `people`: annotator -> (share first, share longer)."""
    draw, names = random.Random(seed), sorted(people)
    for number in range(pairs):
        who = names[number % len(names)]
        first, longer = people[who]
        texts = ["a" * draw.randint(1, 90), "b" * draw.randint(91, 400)]
        longest = draw.random() < longer
        chosen, rejected = reversed(texts) if longest else texts
        yield comparison(number + 1, chosen, rejected, who=who, first=draw.random() < first)


def audited(records):
    audit = audit_comparisons(records)
    assert audit is not None
    return audit


def found(audit):
    return {(rate.annotator, rate.measure) for rate in audit.rates if rate.reported}


FAIR = {f"person:{name}": (0.5, 0.5) for name in "abcde"}


@pytest.mark.parametrize("seed", range(4))
def test_planted_biases_are_found_and_nobody_else_is_named(seed):
    people = FAIR | {"person:a": (0.85, 0.5), "person:b": (0.5, 0.9)}
    named = found(audited(drawn(seed, people)))
    assert {key for key in named if key[0]} == {("person:a", "first"), ("person:b", "longer")}


def test_a_set_may_lean_though_nobody_in_it_is_sure():
    people = {f"person:{number}": (0.62, 0.62) for number in range(10)}
    assert {("", "first"), ("", "longer")} <= found(audited(drawn(1, people)))


def test_a_single_annotator_is_named_and_the_set_is_not_counted_twice():
    audit = audited(drawn(2, {"person:a": (0.9, 0.5)}, 100))
    assert found(audit) == {("person:a", "first")}
    assert {(r.annotator, r.measure) for r in audit.rates} == {
        ("person:a", "first"),
        ("person:a", "longer"),
    }


def columns(seed, people=5, pairs=500):
    """Return the columns of a clean set of pairs, without texts."""
    draw = random.Random(seed)
    rows, choices = [], []
    for number in range(pairs):
        gap = draw.choice([-1, 1]) * draw.randint(1, 400)
        first = draw.random() < 0.5
        rows.append(("chat", gap, gap // 3, False, "unknown", None, None))
        who = f"person:{number % people}"
        choices.append((who, number, "", 1, number, number, 7, first, gap))
    return (
        pl.DataFrame(rows, schema=pair_schema(), orient="row"),
        pl.DataFrame(choices, schema=choice_schema(), orient="row"),
    )


def test_of_clean_sets_at_most_one_in_twenty_has_a_bias_reported():
    """Figures of more sets: `python benchmarks/pair_biases.py`."""
    sets = 240
    false = sum(bool(found(audit_pairs(*columns(seed)))) for seed in range(sets))
    assert false <= 0.05 * sets


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (0, 7), (7, 7), (3, 10), (310, 500)])
def test_intervals_and_tests_are_those_of_scipy(hits, trials):
    if trials:
        known: Any = stats.binomtest(hits, trials)
        interval = known.proportion_ci(0.95, "exact")
        assert exact_interval(hits, trials) == pytest.approx((interval.low, interval.high))
        assert half_p_value(hits, trials) == pytest.approx(known.pvalue)
    else:
        assert exact_interval(0, 0) == (0.0, 1.0)
        assert half_p_value(0, 0) == 1.0
    for other, rest in [(5, 20), (0, 9), (40, 41)]:
        table = [[hits, trials - hits], [other, rest - other]]
        fisher: Any = stats.fisher_exact
        tails = [fisher(table, side).pvalue for side in ("less", "greater")]
        assert rest_p_value(hits, trials, other, rest) == pytest.approx(
            min(1.0, 2 * min(tails)), abs=1e-9
        )


def test_many_tests_are_corrected_together():
    assert holm_rejected([0.02, 0.5, 0.01]) == [True, False, True]
    assert holm_rejected([0.03, 0.5, 0.01]) == [False, False, True]
    assert holm_rejected([0.03] * 10) == [False] * 10
    assert holm_rejected([]) == []


def test_a_contradiction_within_a_person_is_found_and_one_between_people_is_not():
    one = comparison(1, "Yes.", "No.", who="person:a", prompt="Same?")
    again = comparison(2, "No.", "Yes.", who="person:a", prompt="Same?")
    other = comparison(3, "No.", "Yes.", who="person:b", prompt="Same?")
    audit = audited([one, other])
    assert (audit.repeated, audit.contradicted) == (0, 0)
    audit = audited([other, again, one])
    assert (audit.repeated, audit.contradicted) == (1, 1)
    assert audit.contradictions[0].annotator == "person:a"
    assert audit.contradictions[0].tasks == ((1, 1), (1, 2))
    newer = replace(again.parents[0], annotation=1, task=1, updated_at="2026-01-02")
    older = replace(one.parents[0], updated_at="2026-01-01")
    states = [replace(one, parents=(older,)), replace(again, parents=(newer,))]
    assert audited(states).contradicted == 0, "a corrected answer is no contradiction"


def test_of_a_ranking_best_and_worst_are_compared_and_ties_know_no_order():
    candidates = (said("first", 2), said("second one", 1), said("third", 3))
    order = tuple(map(candidate_id, candidates))
    parent = Provenance(annotator="person:a", annotation=1, order_shown=order)
    ranked = Comparison((Turn("user", "?"),), candidates, parents=(parent,))
    (rate, _) = audited([ranked]).rates
    assert (rate.measure, rate.hits, rate.trials) == ("first", 1, 1)
    first = 0
    for number in range(400):
        tied = (said(f"a{number}", 1), said(f"b{number}", 1), said(f"c{number}", 2))
        shown = (tied[0], tied[2], tied[1])
        parent = Provenance(
            annotator="person:a", annotation=number, order_shown=tuple(map(candidate_id, shown))
        )
        record = Comparison((Turn("user", "?"),), tied, parents=(parent,))
        first += audited([record]).rates[0].hits
    assert 150 < first < 250


@pytest.mark.parametrize(
    ("one", "other", "delta"),
    [
        ("qwen2.5-3b-instruct", "Qwen/Qwen2.5-1.5B-Instruct", "other_tier"),
        ("llama-3.1-8b", "qwen2.5-7b", "same_tier"),
        ("m@1", "m@2", "same_model"),
        ("gpt-4o", "llama-3.1-8b", "other_model"),
        ("gpt-4o", "", "unknown"),
    ],
)
def test_the_tier_of_models_is_told_by_their_names(one, other, delta):
    assert delta_of(said("a", drafted_by=one), said("b", drafted_by=other)) == delta
    assert delta_of(said("a", origin="edited"), said("b")) == "own_text"


def test_sizes_in_names():
    names = ["Mixtral-8x7B", "qwen3-30b-a3b", "smollm2-135m", "gpt-4", "llama-3.1-8b-2bit", "b7"]
    assert [model_size(name) for name in names] == [56.0, 30.0, 0.135, None, 8.0, None]


def test_pairs_too_near_to_teach_in_both_languages():
    text = "The bridge was built in 1932 and is 503 metres long."
    assert too_near(text, text.replace("503", "504"))
    assert not too_near(text, "It is long, and it was built in the thirties.")
    chinese = "这座大桥建成于一九三二年，全长五百零三米，是当时世界上最宽的桥梁之一。"
    assert too_near(chinese, chinese.replace("三米", "四米"))


def test_classes_of_pairs():
    plain = comparison(1, "a", "b")
    assert pair_class(plain) == "chat"
    assert pair_class(replace(plain, tags=Tags(behaviours=("refusal",)))) == "safety"
    assert pair_class(replace(plain, tags=Tags(risk="weapons"))) == "safety"
    assert pair_class(replace(plain, tags=Tags(behaviours=("reflection",)))) == "reasoning"
    call = Candidate((Turn("assistant", tool_calls=(ToolCall("look"),)),), rank=2)
    assert pair_class(replace(plain, candidates=(plain.candidates[0], call))) == "tool_use"


def test_lengths_scores_and_deltas_are_counted():
    records = [
        Comparison(
            (Turn("user", f"{number}?"),),
            (
                said("x" * 700, 1, drafted_by="m-7b", score=3.0),
                said("x" * (100 + number), 2, drafted_by="m-1b", score=3.0 + number),
            ),
        )
        for number in range(3)
    ]
    audit = audited(records)
    (gap,) = audit.gaps
    assert (gap.pair_class, gap.pairs, gap.over, gap.longer) == ("chat", 3, 3, 3)
    assert (gap.median_chars, gap.median_tokens) == (599, 200)
    assert audit.deltas == {"other_tier": 3}
    assert (audit.sized, audit.larger_won) == (3, 3)
    assert (audit.scored, audit.score_against, audit.score_equal) == (3, 2, 1)
    assert audit.small_delta == 0
    assert audit_comparisons([]) is None
    tie = Comparison((Turn("user", "?"),), (said("a", 1), said("b", 1)))
    assert audit_comparisons([tie]) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_audit_is_shown_with_its_advice_and_data_is_never_interpreted(lang):
    words = Translations(lang)
    people = {"person:<b>x</b>": (1.0, 0.9), "person:b": (0.5, 0.5)}
    records = [
        *drawn(1, people, 200),
        comparison(900, "Yes, it is so. " * 9, "Yes, it is so. " * 8 + "Yes, it was so. "),
    ]
    records += [
        comparison(901, "One.", "Two.", who="person:b", prompt="Again?"),
        comparison(902, "Two.", "One.", who="person:b", prompt="Again?"),
    ]
    audit = audited(records)
    html = pair_part(audit, words)
    assert "<b>x</b>" not in html and "&lt;b&gt;x" in html
    assert "near_pairs: {drop: true}" in html and "pair_length_gap: {chat: 100}" in html
    assert words("pairs.found_near", count=1) in html
    assert html.count("<svg") == 6, "three charts, each for wide windows and for phones"
    shown = "\n".join(str(section) for section in pair_sections(audit, words))
    assert words("pairs.collect_again", count=1) in shown
    called = pair_part(audit, words, lambda who: "Ann" if "b>" in who else "Bob")
    assert "Ann" in called and "person:" not in called
    clean = audited(drawn(3, FAIR, 40))
    assert words("pairs.fine") in pair_part(clean, words)


def test_the_audit_does_not_depend_on_the_order_of_records():
    records = list(drawn(5, FAIR, 60))
    once = audited(records).plain()
    random.Random(1).shuffle(records)
    assert audited(records).plain() == once


def test_an_interval_chart_says_its_numbers():
    rows = [IntervalRow("<a>", 0.62, 0.5, 0.73, True, "62 of 100"), IntervalRow("b", 0.5, 0, 1)]
    svg = interval_chart(rows, Translations("zh"), "标题")
    assert "62.0 %" in svg and "62 of 100" in svg and "&lt;a&gt;" in svg
    assert svg.count('class="short"') == 4, "point, interval, mark and legend"
