"""Pairwise evaluation sets: each says in its own numbers which answer is better."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.formats import pairwise_judgements
from goldleaf.formats.format_registry import guess_format


def alpaca_eval(preference, **more):
    row = {"instruction": "Sky?", "output_1": "Blue.", "output_2": "No.", "preference": preference}
    return row | {"generator_1": "m1", "generator_2": "m2", "dataset": "d"} | more


def auto_j(label):
    return {
        "scenario": "s",
        "prompt": "Sky?",
        "response 1": "A.",
        "response 2": "B.",
        "label": label,
    }


def panda(*votes, **more):
    asked = {"instruction": "Mend it.", "input": "He go.", "response1": "He goes.", "idx": 3}
    said = {f"annotator{number}": vote for number, vote in enumerate(votes, 1)}
    return asked | {"response2": "He went.", "gpt_result": "1"} | said | more


@pytest.mark.parametrize(
    ("row", "ranks"),
    [
        (alpaca_eval(1), [1, 2]),
        (alpaca_eval(2.0), [2, 1]),
        (alpaca_eval(1.2), [1, 2]),
        (alpaca_eval(1.5), [1, 1]),
        (alpaca_eval(0), [1, 1]),
        (auto_j(0), [1, 2]),
        (auto_j(1), [2, 1]),
        (auto_j(2), [1, 1]),
        (panda(1, 1, 2), [1, 2]),
        (panda(2, 2, 2), [2, 1]),
        (panda(0, 0, 1), [1, 1]),
    ],
)
def test_ranks(row, ranks):
    assert guess_format([row]) is pairwise_judgements
    read = pairwise_judgements.read(row)
    assert [candidate.rank for candidate in read.candidates] == ranks
    assert read.strength == ("tie" if ranks == [1, 1] else "unknown")


def test_models_and_inputs_are_kept():
    assert [c.drafted_by for c in pairwise_judgements.read(alpaca_eval(1)).candidates] == [
        "m1",
        "m2",
    ]
    assert pairwise_judgements.read(panda(1, 1, 1)).context[0].content == "Mend it.\n\nHe go."


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (alpaca_eval(None), "bad_label"),
        (alpaca_eval(True), "bad_label"),
        (alpaca_eval(3), "bad_label"),
        (auto_j("1"), "bad_label"),
        (panda(1, 2, 0), "disagreement"),
        (panda(1, 2), "disagreement"),
        (panda(1, 1, 7), "bad_label"),
        (panda(1, 1, 1, response1=True), "not_text"),
        (alpaca_eval(1, output_2="Blue."), "identical_pair"),
        (alpaca_eval(1, output_2=" "), "empty_response"),
    ],
)
def test_what_says_nothing_clear_is_refused(row, reason):
    with pytest.raises(BadRow) as refused:
        pairwise_judgements.read(row)
    assert refused.value.reason == reason
