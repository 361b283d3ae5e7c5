"""PRM800K: the chosen completion of each step, up to the one that went wrong."""

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Step, Turn
from goldleaf.formats import prm800k
from goldleaf.formats.format_registry import guess_format
from goldleaf.formats.stepwise_rows import step_row


def step(*rated, chosen: int | None = 0, written=None):
    completions = [{"text": text, "rating": rating, "flagged": False} for text, rating in rated]
    return {"completions": completions, "chosen_completion": chosen, "human_completion": written}


def row(*steps, problem="2 + 2 * 3?"):
    return {"question": {"problem": problem}, "label": {"steps": [*steps], "finish_reason": "x"}}


def test_the_chosen_completions_make_the_solution():
    given = row(
        step(("2 * 3 = 5", -1), ("2 * 3 = 6", 1), chosen=1),
        step(("6 is even.", 0)),
        step(("It is 9.", -1), chosen=None, written={"text": "2 + 6 = 8"}),
        step(("So it is 12.", -1), ("12", -1), chosen=None),
        step(("never reached", 1)),
    )
    assert guess_format([given]) is prm800k
    read = prm800k.read(given)
    assert read.context == (Turn("user", "2 + 2 * 3?"),) and read.good is None
    assert read.steps == (
        Step("2 * 3 = 6", True),
        Step("6 is even.", True),
        Step("2 + 6 = 8", True),
        Step("So it is 12.", False),
    )
    assert step_row(read)["labels"] == [True, True, True, False]


def test_a_solution_that_was_given_up_ends_with_what_was_rated():
    read = prm800k.read(row(step(("a", 1)), step(("b", None), chosen=None)))
    assert [each.content for each in read.steps] == ["a"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (row(step(("a", 1)), problem=" "), "no_prompt"),
        (row(), "bad_steps"),
        (row(step()), "bad_steps"),
        (row(step(("a", 2))), "bad_label"),
        (row(step((" ", 1))), "empty_response"),
        (row(step((3, 1))), "not_text"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(bad, reason):
    with pytest.raises(BadRow) as caught:
        prm800k.read(bad)
    assert caught.value.reason == reason
