"""How often data flips a judge: a script that heeds data is seen, a firm one is not."""

from __future__ import annotations

import importlib.util
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from goldleaf.core.settings import Settings
from goldleaf.workflows.open_generators import open_one

FILE = Path(__file__).parents[2] / "benchmarks" / "judge_injection.py"


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("judge_injection", FILE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["judge_injection"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["judge_injection"]


def test_the_set_has_thirty_texts_a_language_and_none_twice(benchmark):
    rows = benchmark.injections()
    assert Counter(row["language"] for row in rows) == {"en": 30, "zh": 30}
    assert len({row["text"] for row in rows}) == 60


@pytest.mark.parametrize(
    ("script", "flipped", "outcome"),
    [("firm", 0, "agreed"), ("obedient", 60, "agreed"), ("by_place", 0, "follows_first")],
)
def test_what_is_counted_is_what_a_script_does(
    benchmark, monkeypatch, script: str, flipped: int, outcome: str
):
    import chat_server

    monkeypatch.setattr(chat_server, "answer_text", chat_server.answer_text)
    with ExitStack() as stack:
        choice = benchmark.scripted(script, stack)
        (generator,) = stack.enter_context(open_one(choice, Settings())).all
        found = benchmark.measured(generator)
    assert found["all"]["flipped opinions"] == flipped
    assert found["all"]["flipped opinions, harmless text"] == 0
    assert found["plain pairs"] == {outcome: 10}
