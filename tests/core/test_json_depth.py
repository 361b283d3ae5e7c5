"""JSON that is nested too deep is refused whatever the parser would do with it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from goldleaf.core.json_depth import MAX_DEPTH, TooDeep, end_of_deep, is_deep, loads


@pytest.fixture(autouse=True)
def a_parser_that_goes_deep() -> Iterator[None]:
    """Python 3.13 parses thousands of levels; older ones do where recursion is allowed."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield
    sys.setrecursionlimit(before)


def nested(depth: int, open: str = "[", close: str = "]") -> str:
    return open * depth + "1" + close * depth


@pytest.mark.parametrize(("open", "close"), [("[", "]"), ('{"a": ', "}"), ('[{"\\"[": ', "}]")])
def test_levels_are_counted(open, close):
    levels = 2 if open.startswith("[{") else 1
    most = MAX_DEPTH // levels
    assert loads(nested(most, open, close))
    assert end_of_deep(nested(most, open, close), 0) == 0
    for depth in (most + 1, 5_000):
        text = nested(depth, open, close)
        assert end_of_deep(f"{text}, 2", 0) == len(text)
        for content in (text, text.encode()):
            with pytest.raises(TooDeep, match="nested more than 250 levels"):
                loads(content)


@pytest.mark.parametrize(
    "text",
    [
        '"' + "[" * 5_000 + '"',
        '["\\"' + "[" * 5_000 + '"]',
        '["\\\\", "' + "{" * 5_000 + '"]',
        "[" + "[], " * 5_000 + "{}]",
    ],
)
def test_brackets_in_texts_and_side_by_side_are_no_levels(text):
    assert not is_deep(text) and not is_deep(text.encode())
    assert end_of_deep(text, 0) == 0
    loads(text)


def test_a_value_that_never_ends():
    assert is_deep("[" * 5_000)
    assert end_of_deep("[" * 5_000, 0) == -1
    assert end_of_deep('{"a' + "[" * 5_000, 0) == 0  # the string never ends, so nothing is deep
