"""Language and behaviours that can be seen without reading for meaning."""

import pytest

from goldleaf.core.records import (
    BEHAVIOURS,
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.sources.structural_tags import add_structural_tags, structural_behaviours

ASKED = (Turn("user", "Which colour has the sky?"),)
TOOL = {"name": "weather", "parameters": {}}
CALL = Turn("assistant", tool_calls=(ToolCall("weather"),))
SAID = Turn("assistant", "Blue.")


def demonstration(*turns, tools=(), tags=None):
    return Demonstration(turns[:-1], turns[-1:], tools, tags or Tags())


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        (demonstration(*ASKED, SAID), ()),
        (demonstration(*ASKED, SAID, *ASKED, SAID), ("multi_turn",)),
        (demonstration(*ASKED, CALL, tools=(TOOL,)), ("tool_call",)),
        (demonstration(*ASKED, CALL, Turn("tool", "20"), SAID), ("tool_call",)),
        (demonstration(*ASKED, SAID, tools=(TOOL,)), ("no_tool",)),
        (demonstration(*ASKED, Turn("assistant", '{"a": 1}')), ("structured_output",)),
        (demonstration(*ASKED, Turn("assistant", "4", reasoning="2+2")), ("reasoning_chain",)),
        (Judgement(ASKED * 2, (SAID,), good=True), ("multi_turn",)),
        (Comparison(ASKED, (Candidate((SAID,)), Candidate((CALL,)))), ("tool_call",)),
        (Comparison(ASKED, (Candidate(()), Candidate((SAID,)))), ()),
    ],
)
def test_behaviours(record, seen):
    assert structural_behaviours(record) == seen
    assert set(seen) <= set(BEHAVIOURS)
    once = add_structural_tags(record)
    assert once.tags.behaviours == seen
    assert add_structural_tags(once) == once


@pytest.mark.parametrize(
    ("prompt", "answer", "language"),
    [
        ("天空是什么颜色？", "Blue.", "zh"),
        ("Sky?", "蓝色。", "en"),
        ("2+2=?", "等于四。", "zh"),
        ("1 + 1", "2", ""),
    ],
)
def test_the_prompt_says_the_language_before_the_answer_does(prompt, answer, language):
    record = demonstration(Turn("user", prompt), Turn("assistant", answer))
    assert add_structural_tags(record).tags.language == language


def test_what_is_said_stays():
    tags = Tags(language="fr", behaviours=("writing",), risk="none")
    record = demonstration(*ASKED, SAID, *ASKED, SAID, tags=tags)
    assert add_structural_tags(record).tags == Tags(
        language="fr", behaviours=("writing", "multi_turn"), risk="none"
    )
