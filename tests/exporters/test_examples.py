"""Which examples a record gives, and which behaviours they show."""

from dataclasses import replace

import pytest

from goldleaf.core.records import (
    BEHAVIOURS,
    Demonstration,
    Judgement,
    Role,
    Step,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.token_estimate import estimated_tokens, max_length, tool_tokens
from goldleaf.exporters.ingest.behaviours import mask, shown
from goldleaf.exporters.ingest.examples import examples_of, use_of
from goldleaf.exporters.ingest.split import held_out, root
from goldleaf.recipes.recipe import Recipe
from goldleaf.trainers.trl import rows as trl

ROLES: dict[str, Role] = {"u": "user", "a": "assistant", "A": "assistant", "t": "tool"}


def dialogue(turns):
    """Make turns `u`, `A` (an answer to learn), `a` (context only), `t`; the last run answers."""
    made = [
        Turn(
            ROLES[c],
            f"{c}{at}",
            train=c != "a",
            tool_calls=(ToolCall("f"),) if turns[at + 1 : at + 2] == "t" else (),
        )
        for at, c in enumerate(turns)
    ]
    cut = turns.rindex("u") + 1
    return Demonstration(tuple(made[:cut]), tuple(made[cut:]))


@pytest.mark.parametrize(
    ("turns", "examples", "reasons"),
    [
        ("uA", ["u0|A1"], {}),
        ("uAuA", ["u0A1u2|A3"], {}),
        ("uauA", ["u0a1u2|A3"], {}),
        ("uAtA", ["u0|A1t2A3"], {}),
        ("uatA", ["u0a1t2|A3"], {}),
        ("uAuauA", ["u0|A1", "u0A1u2a3u4|A5"], {}),
        ("uAua", ["u0|A1"], {}),
        ("uauAua", ["u0a1u2|A3"], {}),
        ("ua", [], {"nothing_to_learn": 1}),
    ],
)
def test_answers_to_learn(turns, examples, reasons):
    found, why = examples_of(dialogue(turns), Recipe())
    assert all(isinstance(example, Demonstration) for example in found)
    told = [
        "|".join("".join(turn.content for turn in part) for part in (e.context, e.response))
        for e in found
        if isinstance(e, Demonstration)
    ]
    assert (told, dict(why)) == (examples, reasons)
    for example in found:
        assert len(trl.write(example)) == 1, "what comes out can be written"
    if len(found) > 1:
        assert not any(t.train for e in found for t in e.context if t.role == "assistant")


def test_a_judgement_needs_a_verdict():
    asked, said = dialogue("uA").context, dialogue("uA").response
    good = Judgement(asked, said, good=False)
    assert examples_of(good, Recipe()) == ([good], {})
    assert examples_of(Judgement(asked, said), Recipe()) == ([], {"no_verdict": 1})


def test_a_verdict_and_verdicts_on_steps_are_an_example_each():
    both = Judgement(ASKED, SAID, good=True, steps=(Step("!", good=False),))
    whole, steps = examples_of(both, Recipe())[0]
    assert (whole, use_of(whole)) == (replace(both, steps=()), "kto")
    assert (steps, use_of(steps)) == (replace(both, good=None), "stepwise")
    assert examples_of(steps, Recipe())[0] == [steps]


CALL = (Turn("assistant", "", tool_calls=(ToolCall("f"),)),)
ASKED = (Turn("user", "?"),)
SAID = (Turn("assistant", "!"),)


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (Demonstration(ASKED, SAID), ()),
        (Demonstration(ASKED, SAID, tags=Tags(behaviours=("chat", "strange"))), ("chat",)),
        (Demonstration((*ASKED, *SAID, *ASKED), SAID), ("multi_turn",)),
        (Demonstration(ASKED, CALL), ("tool_call",)),
        (Demonstration((*ASKED, *CALL, Turn("tool", "1")), SAID, ({},)), ("tool_call",)),
        (Demonstration(ASKED, SAID, ({"name": "f"},)), ("no_tool",)),
        (Demonstration(ASKED, (Turn("assistant", "!", "Hm."),)), ("reasoning_chain",)),
        (Judgement((*ASKED, *SAID, *ASKED), SAID), ("multi_turn",)),
    ],
)
def test_behaviours_that_shape_tells(record, names):
    assert shown(record) == mask(names)


def test_every_behaviour_has_its_bit():
    assert len({mask((name,)) for name in BEHAVIOURS}) == len(BEHAVIOURS)
    assert mask(BEHAVIOURS) == 2 ** len(BEHAVIOURS) - 1


def test_what_grows_from_one_question_has_one_root():
    later = (Turn("system", "Be kind."), Turn("user", " SKY?\n"), *SAID, *ASKED)
    assert root(later) == root((Turn("user", "sky?"),)) != root(ASKED)
    assert root((Turn("system", "Tell a story."),)) == "tell a story"
    sides = [held_out(7, f"question {n}", 0.25) for n in range(2_000)]
    assert 420 < sum(sides) < 580
    assert not any(held_out(7, f"question {n}", 0.0) for n in range(100))


def test_declared_tools_lengthen_the_prompt():
    tool = {"type": "function", "function": {"name": "look", "description": "a" * 3_000}}
    assert tool_tokens(()) == 0
    assert 1_000 < tool_tokens((tool,)) < 1_100
    assert estimated_tokens((Turn("user", "abc"), Turn("user", "蓝色"))) == 8 + 1 + 8 + 2
    assert (max_length(9), max_length(1_025)) == (1_024, 1_088)


def test_a_part_of_a_conversation_shows_what_it_holds_and_not_what_the_whole_did():
    call = ToolCall("weather", {"town": "Bern"}, "c1")
    turns = (
        Turn("user", "Hello"),
        Turn("assistant", "Hello!", reasoning="A greeting."),
        Turn("user", "Is it raining?"),
        Turn("assistant", tool_calls=(call,), reasoning="Look it up."),
    )
    tools = ({"type": "function", "function": {"name": "weather", "parameters": {}}},)
    told = Tags(behaviours=("multi_turn", "tool_call", "reasoning_chain", "refusal"))
    whole = Demonstration(turns[:-1], turns[-1:], tools, tags=told)
    greeting, calling = examples_of(whole, Recipe())[0]
    assert shown(greeting) == mask(("no_tool", "reasoning_chain", "refusal"))
    assert shown(calling) == mask(("multi_turn", "tool_call", "reasoning_chain", "refusal"))


def test_a_whole_conversation_keeps_what_was_said_of_it():
    turns = (Turn("user", "Hello"), Turn("assistant", "Hello!"))
    whole = Demonstration(turns[:1], turns[1:], tags=Tags(behaviours=("multi_turn",)))
    ((alone,), _) = examples_of(whole, Recipe())
    assert alone is whole
