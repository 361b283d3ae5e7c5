"""Signals for hard examples: how new a prompt is, answers and labels that disagree."""

import json
import random
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from goldleaf.core.record_files import read_records
from goldleaf.core.records import Demonstration, Provenance, Tags, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.curation.answer_checks.inconsistent_answers import inconsistent_answers
from goldleaf.curation.meaning import novelty
from goldleaf.curation.meaning.label_disagreement import has_labels, label_disagreement
from goldleaf.curation.meaning.novelty import Prompts
from goldleaf.curation.meaning.predicted_quality import predicted_quality
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens.screen import SIGNALS
from goldleaf.workflows.curate import curate

QUESTIONS = "How do {} sleep?,Why do {} migrate?,What do {} eat in winter?,Where can one see {}?"
TASKS = (
    "Write a poem about {}.,Compose a short story on {}.,Write a song for {}.,Draft a tale of {}."
)
NOUNS = "bats,whales,storks,foxes,owls,wolves,eels,hares,crows,seals,mice,bears,goats,newts".split(
    ","
)

PRAISE = "lovely,bright,gentle,splendid,graceful,clever,radiant,noble,charming,superb".split(",")
BLAME = "dull,drab,nasty,shabby,rotten,clumsy,vile,grim,awkward,foul".split(",")


def record(question: str, answer: str, person: bool = False, **tags) -> Demonstration:
    parent = Provenance(source="S2", annotator="person:0123456789abcdef" if person else "")
    context, response = (Turn("user", question),), (Turn("assistant", answer),)
    return Demonstration(context, response, parents=(parent,), tags=Tags(**tags))


@pytest.fixture
def curated(tmp_path):
    """Return a function that curates records and returns question -> signals, and the facts."""

    def run(*records):
        path = tmp_path / "records.jsonl"
        path.write_bytes(b"".join(to_line(each) + b"\n" for each in records))
        facts = curate(path, tmp_path / "out", overwrite=True).facts
        read = read_records(tmp_path / "out" / "records.jsonl")
        return {r.context[-1].content: dict(r.tags.signals) for r in read}, facts

    return run


def vectors(*rows):
    found = np.array(rows, np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def values(frame):
    return dict(frame.select("record", "value").iter_rows())


def test_novelty_is_the_distance_to_the_nearest_other_prompt():
    prompts = Prompts()
    prompts.add(["a", "b", "c"], ["one", "two", "three"], vectors([1, 0], [0.8, 0.6], [0, -1]))
    prompts.add(["d", "e"], ["", "one"], np.array([[0, 0], [1, 0]], np.float32))
    found = prompts.novelty()
    assert found.schema == SIGNALS
    # "d" asks nothing, "a" and "e" ask the same, and nothing is like "c"
    assert values(found) == {"a": 0.0, "b": pytest.approx(0.2, abs=2e-3), "c": 1.0, "e": 0.0}
    alone = Prompts()
    alone.add(["a"], ["one"], vectors([1, 0]))
    assert not alone.novelty().height, "nothing to compare with"


def test_novelty_does_not_depend_on_order_or_blocks(monkeypatch):
    drawn = np.random.default_rng(1).normal(size=(700, 32))
    names = [f"{n:03}" for n in range(700)]
    whole = Prompts()
    whole.add(names, names, vectors(*drawn))
    expected = whole.novelty()
    assert expected["value"].n_unique() > 300
    monkeypatch.setattr(novelty, "_ROWS", 7)
    monkeypatch.setattr(novelty, "_COLUMNS", 50)
    parts = Prompts()
    for start in (350, 0):
        rows = slice(start, start + 350)
        parts.add(names[rows], names[rows], vectors(*drawn)[rows])
    assert parts.novelty().equals(expected)


def test_a_large_set_is_compared_with_a_part_of_it(monkeypatch):
    monkeypatch.setattr(novelty, "COMPARED", 50)
    drawn = np.random.default_rng(2).normal(size=(200, 8))
    names = [f"{n:03}" for n in range(200)]
    large = Prompts()
    large.add([*names, "copy"], [*names, "007"], vectors(*drawn, drawn[7]))
    found = values(large.novelty())
    assert len(found) == 201
    assert found["007"] == found["copy"] == 0.0
    assert all(0 < found[name] <= 1 for name in names if name != "007")


def test_novelty_is_that_of_all_products(monkeypatch):
    monkeypatch.setattr(novelty, "_ROWS", 8)
    monkeypatch.setattr(novelty, "_COLUMNS", 20)
    drawn = vectors(*np.random.default_rng(3).normal(size=(90, 8)))
    names = [f"{n:03}" for n in range(90)]
    rounded = np.rint(drawn.astype(np.float64) * novelty.SCALE)
    rounded /= np.linalg.norm(rounded, axis=1, keepdims=True)
    cosines = rounded @ rounded.T
    np.fill_diagonal(cosines, -1)
    compared = {name: novelty._hash(name) for name in names}
    for most in (90, 33):
        monkeypatch.setattr(novelty, "COMPARED", most)
        chosen = [names.index(name) for name in sorted(names, key=compared.__getitem__)[:most]]
        prompts = Prompts()
        prompts.add(names, names, drawn)
        found = values(prompts.novelty())
        expected = dict(zip(names, 1 - cosines[:, chosen].max(axis=1), strict=True))
        assert found == pytest.approx(expected, abs=1e-4)


def test_closed_answers_and_refusals_disagree():
    refusal = "I'm sorry, but I can't help with that."
    long = "It is so for a number of long reasons, which I will now explain to you."
    rows = [
        *(("1", "Yes"), ("1", "yes."), ("1", "No"), ("1", long)),
        *(("2", "So 3 + 4 = 7.\n#### 7"), ("2", "It is $\\boxed{8}$.")),
        *(("3", long), ("3", long + " Indeed."), ("3", refusal)),
        *(("4", long), ("4", long + " Indeed."), ("5", "Yes"), (None, "Yes"), (None, "No")),
        *(("6", "是"), ("6", "不是"), ("7", ""), ("7", "Yes")),
    ]
    frame = pl.DataFrame(
        [(f"{n:02}", group, answer) for n, (group, answer) in enumerate(rows)],
        schema=["record", "group", "answer"],
        orient="row",
    )
    found = inconsistent_answers(frame)
    assert found.schema == SIGNALS
    assert values(found) == {
        **{"00": 0.5, "01": 0.5, "02": 1.0},
        **{"04": 1.0, "05": 1.0},
        **{"06": 0.5, "07": 0.5, "08": 1.0},
        **{"14": 1.0, "15": 1.0},
    }
    assert inconsistent_answers(frame.reverse()).equals(found)


def test_answers_to_nearly_the_same_prompt_are_compared(curated):
    asked = "Is the harbour of the old copper town open to ships in the winter months?"
    found, _ = curated(
        record(asked, "Yes"),
        record("Please, " + asked, "No"),
        record("What is 12 apples times 3 apples in the copper town by the harbour?", "36"),
        record("What is 12 apples times 4 apples in the copper town by the harbour?", "48"),
    )
    assert {
        q: s["answer_inconsistency"] for q, s in found.items() if "answer_inconsistency" in s
    } == {
        asked: 1.0,
        "Please, " + asked: 1.0,
    }
    assert all(0 <= signals["novelty"] <= 1 for signals in found.values())


def labelled(*, swapped: int = 0, person: bool = False, nouns: int = len(NOUNS)):
    """Return records with a label each, the first few of them with the other one."""
    kinds = {"question_answering": QUESTIONS, "writing": TASKS}
    made = []
    for noun in NOUNS[:nouns]:
        for name, texts in kinds.items():
            for text in texts.split(","):
                other = next(each for each in kinds if each != name)
                label = other if len(made) % 10 == 3 and len(made) < 10 * swapped else name
                answer = f"About {noun} there is this to say: they are seen by everybody."
                made.append((text.format(noun), label, label != name, answer))
    return made


@pytest.mark.parametrize("nouns", [3, 14])
def test_wrong_labels_come_first(curated, nouns):
    """By the shipped modes where there are few labels, else by what the others teach."""
    made = labelled(swapped=2, nouns=nouns)
    found, facts = curated(*(record(q, a, behaviours=(label,)) for q, label, _, a in made))
    order = sorted(made, key=lambda each: -found[each[0]]["label_disagreement"])
    assert [wrong for _, _, wrong, _ in order[:2]] == [True, True]
    assert facts["label_disagreement"]["learned_from"] == (0 if nouns == 3 else 112)
    assert facts["label_disagreement"]["labelled"] == len(made)


def test_what_a_curation_tagged_is_no_label(curated, tmp_path):
    made = [(q, a) for q, _, _, a in labelled(nouns=2)]
    found, facts = curated(*(record(q, a) for q, a in made))
    assert not any("label_disagreement" in signals for signals in found.values())
    again = curate(tmp_path / "out" / "records.jsonl", tmp_path / "again")
    assert again.facts["label_disagreement"] == facts["label_disagreement"] == {}
    tags = pl.DataFrame(
        {
            "behaviours": [["mode_create", "writing"]] * 2 + [["writing"], []],
            "annotated": [False, True, False, True],
        }
    )
    assert tags.select(has_labels()).to_series().to_list() == [False, True, True, False]


def test_structure_and_safety_are_no_labels():
    rows = {
        "record": ["a", "b"],
        "question": ["How do owls sleep?"] * 2,
        "answer": ["Well."] * 2,
        "behaviours": [["multi_turn", "tool_call", "reasoning_chain"], ["refusal", "benign_twin"]],
    }
    found, facts = label_disagreement(pl.DataFrame(rows))
    assert not found.height and facts == {}


def test_the_page_says_which_signals_there_are(curated, tmp_path):
    curated(record("How do owls sleep?", "Well."), record("Write a poem on owls.", "Owls, o owls."))
    page = (tmp_path / "out" / "curation.html").read_text("utf-8")
    assert "Signals, and how many records have them" in page and "how new a prompt is" in page
    facts = json.loads((tmp_path / "out" / "manifest.json").read_bytes())["facts"]
    assert facts["signals"]["novelty"] == 2


def rated(count: int, draw: random.Random, *, follows: bool):
    """Return answers rated by people: by what they say, or by chance."""
    made = []
    for number in range(count):
        good = draw.random() < 0.6
        noun, words = draw.choice(NOUNS), draw.sample(PRAISE if good else BLAME, 5)
        level = (4 if good else 1) + (draw.random() < 0.3)
        quality = level if follows else draw.choice([1, 2, 4, 4, 4, 5])
        answer = f"The {noun} is {', '.join(words)}, as everybody who saw it will tell you."
        made.append(record(f"Question {number}: how is the {noun}?", answer, True, quality=quality))
    return made


def test_quality_is_predicted_where_people_rated_enough(curated, tmp_path):
    draw = random.Random(4)
    open_rows = [
        record(f"How is the {noun}?", f"The {noun} is {', '.join(words[:5])}, they say.")
        for words, nouns in ((PRAISE, NOUNS[:3]), (BLAME, NOUNS[3:6]))
        for noun in nouns
    ]
    people = rated(120, draw, follows=True)
    found, facts = curated(*people, *open_rows)
    figures = facts["predicted_quality"]
    assert figures["rated"] == 120 and figures["predicted"] == 6
    assert figures["within_one"] >= 0.8 and figures["right"] > figures["majority"]
    values = [found[r.context[0].content].get("predicted_quality") for r in open_rows]
    assert min(values[:3]) > 3.5 > 2.5 > max(values[3:])
    # a person's rating stays, and is not joined by a guess
    assert not any("predicted_quality" in found[r.context[0].content] for r in people)
    page = (tmp_path / "out" / "curation.html").read_text("utf-8")
    assert "held-out ratings met within one point" in page
    assert f"<bdi>{figures['within_one']}</bdi>" in page


@pytest.mark.parametrize(("count", "follows", "person"), [(40, 1, 1), (120, 0, 1), (120, 1, 0)])
def test_quality_is_not_invented(count, follows, person):
    """Too few ratings, ratings that follow nothing, ratings that no person gave."""
    made = rated(count, random.Random(5), follows=bool(follows))
    if not person:
        made = [replace(each, parents=(Provenance(source="S2"),)) for each in made]
    made.append(record("How is the owl?", "The owl is dull and drab, they say."))
    rows, _ = record_frames((f"{n:03}", each) for n, each in enumerate(made))
    nothing = pl.DataFrame(schema={"record": pl.String, "screen": pl.String, "verdict": pl.String})
    found, validation = predicted_quality(rows, nothing, pl.DataFrame(schema=SIGNALS))
    assert not found.height and found.schema == SIGNALS
    assert (validation is not None) == (count >= 50 and bool(person))
    assert validation is None or not validation.holds
