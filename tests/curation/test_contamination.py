"""Evaluation prompts in training rows: whole, wrapped, mistyped, reordered, and what is not one."""

import polars as pl
import pytest

from goldleaf.curation.contamination.contamination import (
    CONTAMINATION,
    EVALUATION,
    Evaluation,
    contamination,
)
from goldleaf.curation.contamination.hashed_evaluation import hashed, hashed_contamination
from goldleaf.curation.contamination.ngram_index import RUN, TokenHashes, run_keys, tokens

PROMPTS = {
    "set:0": "How many oranges does Wilma sell if she fills fourteen crates with nine each?",
    "set:1": "Describe how a lighthouse keeper in Norway spends the longest night of the winter.",
    "set:2": "一位图书管理员每天整理四十本书，七天以后她一共整理了多少本书？",
    "set:3": "Who is Wilma Oransky?",
    "set:4": "Write a poem about the sun and the tired gardener.",
    "set:5": "Compare the tax systems of Sweden and Portugal for small shipping companies.",
    "set:6": "Explain to a child why glaciers look blue although snow is white.",
}
EVALUATED = Evaluation(
    pl.DataFrame({"of": list(PROMPTS), "text": list(PROMPTS.values())}, schema=EVALUATION)
)


def rows(*pairs: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        [(str(n), prompt, prompt, answer) for n, (prompt, answer) in enumerate(pairs)],
        schema=["record", "prompt", "question", "answer"],
        orient="row",
    )


def one(prompt: str, answer: str = "Yes.") -> tuple[str, str] | None:
    found = contamination(rows((prompt, answer)), EVALUATED)
    return found.select("verdict", "of").row(0) if found.height else None


@pytest.mark.parametrize("of", PROMPTS)
def test_whole_and_wrapped(of):
    text = PROMPTS[of]
    assert one(text) == ("contained", of)
    assert one(text.upper()) == ("contained", of)
    assert one(f"Answer carefully.\n\n{text}\n\nThink step by step.") == ("contained", of)


def test_changed():
    assert one("Describe how a lighthouse keeeper in Norway spnds the longest night of the winter.")
    assert one(
        "The longest night of the winter: describe how a Norway lighthouse keeper spends it."
    )
    assert one(PROMPTS["set:0"].replace("fourteen crates with nine", "fourteen boxes with nine"))
    cut = one("Describe how a lighthouse keeper in Norway spends the longest night")
    assert cut == ("similar", "set:1")


def test_in_the_answer():
    assert one("Invent a question.", f"Here is one: {PROMPTS['set:0']}") == ("contained", "set:0")


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "Write a poem about the moon and the tired sailor.",
        "Who is Ada Lovelace?",
        "Describe how a baker in Norway spends the morning.",
        "一位老师每天批改三十份作业，五天以后他一共批改了多少份作业？",
        "Tell me about the winter.",
        "?!",
    ],
)
def test_others(prompt):
    assert one(prompt) is None


def test_frames():
    none = contamination(rows(), EVALUATED)
    assert none.schema == CONTAMINATION
    empty = Evaluation(pl.DataFrame(schema=EVALUATION))
    assert contamination(rows(("Why?", "So.")), empty).height == 0


def test_the_order_of_the_evaluation_plays_no_part():
    frame = pl.DataFrame({"of": list(PROMPTS), "text": list(PROMPTS.values())})
    asked = rows(*((text, "") for text in PROMPTS.values()))
    turned = Evaluation(frame.reverse())
    assert contamination(asked, EVALUATED).equals(contamination(asked, turned))


def test_hashes_alone():
    known = hashed("set", ((of.removeprefix("set:"), text) for of, text in PROMPTS.items()))
    assert all(len(keys) <= 16 for keys in known["keys"].to_list())
    asked = rows(
        (PROMPTS["set:1"], ""),
        (f"Please answer.\n{PROMPTS['set:2']}", ""),
        (PROMPTS["set:3"], ""),
        ("Who is Ada Lovelace?", ""),
    )
    found = hashed_contamination(asked, known)
    assert found.select("record", "verdict", "of").rows() == [
        ("0", "contained", "set:1"),
        ("1", "contained", "set:2"),
        ("2", "contained", "set:3"),
    ]


def test_runs():
    hashes = TokenHashes()
    words = tokens("One two three four five six seven")
    assert len(run_keys(hashes.of(words))) == len(words) - RUN + 1
    assert len(run_keys(hashes.of(words[:2]))) == 1
    assert len(run_keys(hashes.of([]))) == 0
    assert run_keys(hashes.of(words))[1] == run_keys(hashes.of(words[1:]))[0]
