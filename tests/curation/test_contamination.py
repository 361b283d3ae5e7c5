"""Evaluation prompts in training rows: whole, wrapped, mistyped, reordered, and what is not one."""

import gzip
import json
import os
from pathlib import Path

import polars as pl
import pytest

from goldleaf.core.errors import UsageError
from goldleaf.curation.contamination.contamination import (
    CONTAMINATION,
    EVALUATION,
    Evaluation,
    contamination,
)
from goldleaf.curation.contamination.evaluation_sets import (
    evaluation_sets,
    packed,
    read_hashed,
    sets_named,
)
from goldleaf.curation.contamination.hashed_evaluation import (
    HashedEvaluation,
    hashed,
    hashed_contamination,
)
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


GENERIC = [
    "What is the capital of France?",
    "Write a poem about spring.",
    "How are you?",
    "Tell me a joke about programmers, please.",
    "Write a python function to sort a list of numbers.",
    "Translate the following sentence into French.",
    "What happens when you mix bleach and vinegar?",
    "写一首关于春天的诗",
    "请把下面的句子翻译成英文。",
    "下列说法正确的是哪一项？",
]
HASHED = hashed("set", ((of.removeprefix("set:"), text) for of, text in PROMPTS.items()))


@pytest.fixture(scope="module")
def shipped():
    return HashedEvaluation(read_hashed(evaluation_sets()))


def by_hashes(*pairs: tuple[str, str], known: pl.DataFrame = HASHED) -> list[tuple[str, ...]]:
    found = hashed_contamination(rows(*pairs), HashedEvaluation(known))
    return found.select("record", "verdict", "of").rows()


def test_hashes_alone():
    assert all(len(keys) <= 16 for keys in HASHED["keys"].to_list())
    asked = (
        (PROMPTS["set:1"], ""),
        (f"Please answer.\n{PROMPTS['set:2']}", ""),
        ("Who is Ada Lovelace?", ""),
        ("Tell me more.", f"Here is one: {PROMPTS['set:0']}"),
        ("Describe how a lighthouse keeper in Norway spends the longest night", ""),
        ("Describe how a lighthouse keeper in Norway spends the morning.", ""),
    )
    assert by_hashes(*asked) == [
        ("0", "contained", "set:1"),
        ("1", "contained", "set:2"),
        ("3", "contained", "set:0"),
        ("4", "similar", "set:1"),
    ]


def test_what_anybody_may_ask_is_not_told_by_hashes():
    assert "set:3" not in HASHED["of"].to_list()
    assert by_hashes((PROMPTS["set:3"], "")) == []


def test_a_prompt_of_a_few_words_is_told_as_a_whole_text_or_line_alone():
    known = hashed("quiz", [("1", "Can coughing effectively stop a heart attack?")])
    asked = (
        ("can coughing effectively stop a heart attack", ""),
        ("Answer.\nCan coughing effectively stop a heart attack?", ""),
        ("My uncle asks: can coughing effectively stop a heart attack?", ""),
        ("Can coughing effectively stop a heart attack in older people?", ""),
    )
    assert [record for record, *_ in by_hashes(*asked, known=known)] == ["0", "1"]


def test_what_a_set_s_prompts_share_tells_none_of_them():
    things = "median mode range variance skew kurtosis".split()
    template = "Write a python function to find the {} of a list of given numbers."
    known = hashed("code", [(str(n), template.format(each)) for n, each in enumerate(things)])
    assert known.height == len(things)
    asked = [(template.format("median"), ""), (template.format("entropy"), "")]
    assert by_hashes(*asked, known=known) == [("0", "contained", "code:0")]


def test_shipped_sets_say_where_they_are_from():
    for name, each in evaluation_sets().items():
        frame = read_hashed([name])
        assert 0 < frame.height <= each.hashed <= each.rows, name
        assert each.licence in ("MIT", "Apache-2.0", "CC-BY-4.0"), name
        assert len(each.commit) == 40 and len(each.sha256) == 64 and each.repository, name
        assert all(of.startswith(f"{name}:") for of in frame["of"]), name
    assert read_hashed(evaluation_sets()).height > 15_000


@pytest.mark.parametrize("prompt", GENERIC)
def test_shipped_sets_leave_alone_what_anybody_asks(shipped, prompt):
    assert hashed_contamination(rows((prompt, prompt)), shipped).height == 0


def test_shipped_sets_find_their_prompts(shipped):
    """Needs the prompts, which are not shipped: `GOLDLEAF_ROWS` names a folder that has some."""
    file = Path(os.environ.get("GOLDLEAF_ROWS", "")) / "eval_prompts.jsonl.gz"
    if not file.is_file():
        pytest.skip("GOLDLEAF_ROWS names no folder with eval_prompts.jsonl.gz")
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    for source, name in {"gsm8k_test": "gsm8k", "humaneval": "humaneval"}.items():
        asked = [row["prompt"] for row in read if row["source"] == source][:100]
        found = hashed_contamination(rows(*((f"Solve:\n{text}", "") for text in asked)), shipped)
        assert found.filter(verdict="contained")["of"].str.starts_with(name).sum() == len(asked)
        assert [of.partition(":")[2] for of in found["of"][:3]] == ["1", "2", "3"]


def test_names_of_sets():
    assert sets_named([]) == ()
    assert sets_named(["mbpp", "gsm8k", "mbpp"]) == ("gsm8k", "mbpp")
    assert sets_named(["all"]) == tuple(sorted(evaluation_sets()))
    with pytest.raises(UsageError, match="no evaluation set 'gms8k'") as refused:
        sets_named(["all", "gms8k"])
    assert refused.value.fix == "did you mean 'gsm8k'?"


def test_what_is_shipped_is_read_again():
    kept = [(0, 7, 20, [3, 5]), (1, 65_000, 90_000, list(range(1, 17)))]
    array = packed(kept)
    assert array["keys"][0].tolist() == [3, 5, *[0] * 14]
    assert (array["row"].tolist(), array["runs"].tolist()) == ([7, 65_000], [20, 65_535])


def test_runs():
    hashes = TokenHashes()
    words = tokens("One two three four five six seven")
    assert len(run_keys(hashes.of(words))) == len(words) - RUN + 1
    assert len(run_keys(hashes.of(words[:2]))) == 1
    assert len(run_keys(hashes.of([]))) == 0
    assert run_keys(hashes.of(words))[1] == run_keys(hashes.of(words[1:]))[0]
