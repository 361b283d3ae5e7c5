"""Rules for ranking and dialogue: what can be seen is drafted, no rank and no verdict."""

from typing import Any

import pytest

from goldleaf.backend.rules import dialogue, ranking
from goldleaf.core.errors import BadRow
from goldleaf.core.records import Candidate, Comparison, Demonstration, Tags, Turn
from goldleaf.label_configs.registry import kind_named

RANKING, DIALOGUE = kind_named("ranking"), kind_named("dialogue")
REFUSAL = "I'm sorry, but I can't help with that request."


def ranked(*answers):
    candidates = tuple(Candidate((Turn("assistant", text),)) for text in answers)
    return RANKING.codec.to_task(
        Comparison((Turn("user", "Name a colour of the sky."),), candidates)
    )


def talk(*answers, behaviours=()):
    turns, tags = [], Tags(behaviours=behaviours)
    for text in answers:
        turns += [Turn("user", "And now?"), Turn("assistant", text)]
    return DIALOGUE.codec.to_task(Demonstration(tuple(turns[:-1]), (turns[-1],), tags=tags))


def noticed(task):
    """Return text -> what was noticed of it."""
    found = ranking.draft(task)
    values = found.values if found else {}
    assert all(name.startswith("noticed_") for name in values)
    assert all(RANKING.may_draft(name) for name in values)
    return {
        f"{place} {answer['text']}": set(values.get(f"noticed_{place}", ()))
        for place, answer in enumerate(task["answers"])
    }


def drafted(rule, task) -> Any:
    return rule.draft(task)


def test_each_answer_has_its_own_marks():
    task = ranked("Blue on a clear day.", REFUSAL, "", "It is grey when it rains, and")
    found = {text.partition(" ")[2]: marks for text, marks in noticed(task).items()}
    assert found["Blue on a clear day."] == set()
    assert found[REFUSAL] == {"refuses"} and found[""] == {"empty"}
    assert drafted(ranking, task).score == ranking.SOME_REFUSE


def test_of_equal_answers_the_first_is_not_called_the_same():
    task = ranked("Blue.", "Blue.\n", "Blue.", "Grey.")
    marks = [found for text, found in noticed(task).items() if "Blue" in text]
    assert marks == [set(), {"same"}, {"same"}]
    assert drafted(ranking, task).score == ranking.SAME


def test_nothing_seen_is_no_draft():
    assert drafted(ranking, ranked("Blue.", "Grey.", "Red at dusk.")) is None
    assert drafted(dialogue, talk("Blue.")) is None


def test_an_answer_of_a_dialogue_is_tidied_in_its_place():
    found = drafted(dialogue, talk("It is blue.", "Assistant: It is grey.", "It is red."))
    assert found.values == {"edit_1": ("It is grey.",), "behaviours": ("multi_turn",)}
    assert found.score == dialogue.TIDIED
    assert all(DIALOGUE.may_draft(name) for name in found.values)


def test_what_was_imported_is_ticked_and_a_refusal_comes_first():
    found = drafted(dialogue, talk(REFUSAL, behaviours=("refusal", "refusal_unsettled")))
    assert found.values == {"behaviours": ("refusal",)} and found.score == dialogue.REFUSES


@pytest.mark.parametrize("rule", [ranking, dialogue])
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"answers": "x", "turns": "x", "prompt": ""},
        {"answers": [{"text": 1}], "turns": [{"text": 1}], "prompt": ""},
        {
            "answers": [{"text": "a" * 1_000_001}],
            "turns": [{"text": "a" * 1_000_001}],
            "prompt": "",
        },
    ],
)
def test_a_task_that_cannot_be_read_is_refused(rule, data):
    with pytest.raises(BadRow):
        rule.draft(data)
