"""Transcripts: markers begin a turn only at the start of a paragraph, and doubt is refused."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Turn
from goldleaf.formats import hh_rlhf


def transcript(*texts):
    names = ("Human", "Assistant") * len(texts)
    return "".join(f"\n\n{name}: {text}" for name, text in zip(names, texts, strict=False))


def row(chosen, rejected):
    return {"chosen": chosen, "rejected": rejected}


def test_the_last_turns_are_compared():
    asked = ("Sky?", "Up.", "And its colour?")
    given = row(transcript(*asked, "Blue."), transcript(*asked, "Green."))
    assert hh_rlhf.recognises(given)
    assert hh_rlhf.read(given) == Comparison(
        (Turn("user", "Sky?"), Turn("assistant", "Up."), Turn("user", "And its colour?")),
        (
            Candidate((Turn("assistant", "Blue."),), rank=1),
            Candidate((Turn("assistant", "Green."),), rank=2),
        ),
    )


def test_a_name_inside_a_text_is_text():
    said = "He wrote\nHuman: who? and Assistant: me.\n\nThen he left."
    read = hh_rlhf.read(row(transcript("Who?", said), transcript("Who?", "No idea.")))
    assert read.candidates[0].turns[0].content == said


@pytest.mark.parametrize(
    ("chosen", "rejected", "reason"),
    [
        (transcript("a", ""), transcript("a", "b"), "empty_response"),
        (transcript("a", "b"), "", "empty_response"),
        (transcript("a", "b"), "a: b", "bad_messages"),
        (transcript("a", "b"), None, "missing_field"),
        (transcript("a", "b") + "\n\nAssistant: c", transcript("a", "d"), "role_order"),
        (transcript("a", "b"), transcript("x", "d"), "different_prompts"),
        (transcript("a", "b", "c", "d"), transcript("a", "b"), "different_prompts"),
        (transcript("a", "b"), transcript("a", "b"), "identical_pair"),
        (transcript("a", "b", "c"), transcript("a", "b", "d"), "trailing_user"),
        (transcript("a", "b\x00"), transcript("a", "c"), "control_chars"),
    ],
)
def test_doubt_is_refused(chosen, rejected, reason):
    with pytest.raises(BadRow) as refused:
        hh_rlhf.read(row(chosen, rejected))
    assert refused.value.reason == reason
