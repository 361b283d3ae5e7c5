"""Readings for exports: small comparisons written for these tests, half of them Chinese."""

from __future__ import annotations

import pytest

from goldleaf.core.input_results import InputResult
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Record,
    Source,
    Tags,
    ToolCall,
    Turn,
)

COLOURS = ["blue", "green", "red", "蓝色", "绿色", "红色"]


class Made:
    """Makes records and readings."""

    def comparison(self, prompt="Sky?", answers=("Blue.", "Green."), ranks=(1, 2), **more):
        origins = more.pop("origins", ("imported",) * len(answers))
        parent = Provenance(source="S5", file=more.pop("file", "f"), line=more.pop("line", 1))
        parents = (more.pop("parent", parent),)
        candidates = tuple(
            Candidate((Turn("assistant", answer),), rank=rank, origin=origin)
            for answer, rank, origin in zip(answers, ranks, origins, strict=True)
        )
        more.setdefault("strength", "slight")
        return Comparison((Turn("user", prompt),), candidates, parents=parents, **more)

    def tool_comparison(self, number=0):
        arguments = {"city": "Paris"} if number % 2 else {"size": number, "deep": {"a": [1]}}
        call = ToolCall("look", arguments, f"c{number}")
        tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
        context = (
            Turn("user", f"What is it like at {number}?"),
            Turn("assistant", "", tool_calls=(call,)),
            Turn("tool", "21", tool_call_id=f"c{number}", name="look"),
        )
        said = ("It is 21 there.", "I cannot tell.")
        candidates = tuple(
            Candidate((Turn("assistant", text),), rank=rank) for rank, text in enumerate(said, 1)
        )
        return Comparison(context, candidates, (tool,), "strong")

    def demonstration(self, number=0, behaviours=(), source: Source = "S2", **more):
        parent = Provenance(source=source, file=more.pop("file", "sft"), line=number)
        asked = more.pop("prompt", f"Task {number}: name a colour.")
        tags = Tags(behaviours=tuple(behaviours), language="en")
        response = (Turn("assistant", more.pop("answer", f"{COLOURS[number % 6]}, {number}.")),)
        return Demonstration((Turn("user", asked),), response, tags=tags, parents=(parent,), **more)

    def judgement(self, number=0, good=True):
        parent = Provenance(source="S5", file="kto", line=number)
        asked = (Turn("user", f"Verdict {number}: which colour?"),)
        said = (Turn("assistant", f"{COLOURS[number % 6]}, {number}."),)
        return Judgement(asked, said, good=good, parents=(parent,))

    def conversation(self, number, *, train):
        """Return a dialogue; with `train` false its first answer is context only."""
        turns = (
            Turn("user", f"Dialogue {number}."),
            Turn("assistant", "Which colour?", train=train),
            Turn("user", "Blue."),
        )
        return Demonstration(turns, (Turn("assistant", f"Blue it is, {number}."),))

    def tool_demonstration(self, number):
        pair = self.tool_comparison(number)
        return Demonstration(pair.context, pair.candidates[0].turns, pair.tools)

    def reading(self, record, key=None):
        if isinstance(record, Record):
            (parent,) = record.parents or (Provenance(),)
            return InputResult(key or f"{parent.file}:{parent.line}", (record,))
        return InputResult(key or "f:0", reason=record)

    def many(self, count):
        """Return readings of distinct comparisons, and some that came to nothing."""
        readings = []
        for number in range(count):
            key = f"rows.jsonl:{number + 1}"
            if number % 10 == 9:
                readings.append(InputResult(key, reason="json", detail="cut off"))
                continue
            colour = COLOURS[number % len(COLOURS)]
            record = self.comparison(
                f"Question {number}: which colour?",
                (f"It is {colour}, number {number}.", f"I do not know, number {number}."),
                line=number + 1,
            )
            readings.append(InputResult(key, (record,)))
        return readings


@pytest.fixture(scope="session")
def made():
    return Made()


@pytest.fixture(scope="session")
def bytes_of():
    """Return a function that gives every file under a folder with its bytes."""

    def read(folder):
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read


@pytest.fixture(scope="session")
def rows_of():
    """Return a function that gives the rows of one file of an export."""
    import json

    def read(out, side="train", table="dpo"):
        path = out / "trl" / table / f"{side}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]

    return read
