"""Which of our rows the chat templates that TRL ships render whole; prints a Markdown table.

    python benchmarks/templates.py           # the table
    python benchmarks/templates.py --update  # writes it into docs/formats.md

Every row is written by the format `trl`, and each thing in it that must be seen is looked for in
the rendered text: what is not there is learned by nobody.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from goldleaf.core.records import Demonstration, ToolCall, Turn
from goldleaf.trainers import dummy_model
from goldleaf.trainers.trl import rows as trl

DOCS = Path(__file__).parent.parent / "docs" / "formats.md"
BEGIN, END = "<!-- templates: begin -->", "<!-- templates: end -->"

LOOK = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Look something up.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
ASKED = Turn("user", "Question-1")
CALL = ToolCall("look_up", {"city": "Argument-1"}, "callnumb1")
OTHER = ToolCall("look_up", {"city": "Argument-2"}, "callnumb2")


def called(*calls: ToolCall) -> Demonstration:
    """Return a row with some calls and their results."""
    results = (Turn("tool", f"Result-{n}", tool_call_id=c.id) for n, c in enumerate(calls, 1))
    made = Turn("assistant", "", tool_calls=calls)
    return Demonstration((ASKED, made, *results), (Turn("assistant", "Answer-1"),), (LOOK,))


ROWS: dict[str, tuple[Demonstration, tuple[str, ...]]] = {
    "system": (
        Demonstration((Turn("system", "System-1"), ASKED), (Turn("assistant", "Answer-1"),)),
        ("System-1", "Question-1", "Answer-1"),
    ),
    "several turns": (
        Demonstration(
            (ASKED, Turn("assistant", "Answer-0"), Turn("user", "Question-2")),
            (Turn("assistant", "Answer-1"),),
        ),
        ("Question-1", "Answer-0", "Question-2", "Answer-1"),
    ),
    "reasoning": (
        Demonstration((ASKED,), (Turn("assistant", "Answer-1", "Thought-1"),)),
        ("Thought-1", "Answer-1"),
    ),
    "tool call": (called(CALL), ("look_up", "Argument-1", "Result-1", "Answer-1")),
    "parallel calls": (
        called(CALL, OTHER),
        ("Argument-1", "Argument-2", "Result-1", "Result-2", "Answer-1"),
    ),
    "tool not used": (
        Demonstration((ASKED,), (Turn("assistant", "Answer-1"),), (LOOK,)),
        ("look_up", "Answer-1"),
    ),
}
MARKS = {"whole": "✓", "lost": "lost", "error": "error"}


def outcome(tokenizer: Any, template: str, row: Demonstration, seen: tuple[str, ...]) -> str:
    """Return `whole`, `lost` or `error` for one row under one template."""
    from jinja2 import TemplateError

    (written,) = trl.write(row).values()
    tools = json.loads(written["tools"]) or None
    try:
        text = tokenizer.apply_chat_template(
            written["messages"], tools=tools, chat_template=template, tokenize=False
        )
    except (TemplateError, TypeError, ValueError, KeyError):
        return "error"
    spoiled = '"{\\"' in text or "None" in text
    return "lost" if spoiled or not all(part in text for part in seen) else "whole"


def table() -> str:
    """Return the table."""
    from transformers import AutoTokenizer

    with tempfile.TemporaryDirectory() as folder:
        tokenizer: Any = AutoTokenizer.from_pretrained(dummy_model.write(Path(folder)))
    tokenizer.bos_token = dummy_model.SPECIAL[0]
    lines = [f"| template | {' | '.join(ROWS)} |", f"|---|{'---|' * len(ROWS)}"]
    for file in sorted(files("trl").joinpath("chat_templates").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".jinja") or file.name.endswith("_training.jinja"):
            continue
        template = file.read_text("utf-8")
        found = [MARKS[outcome(tokenizer, template, *row)] for row in ROWS.values()]
        lines.append(f"| {file.name.removesuffix('.jinja')} | {' | '.join(found)} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table, or write it where it is shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write it into docs/formats.md")
    if not parser.parse_args().update:
        sys.stdout.write(table() + "\n")
        return
    text = DOCS.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    DOCS.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
