"""A validator of the published rules for fine-tuning files of the OpenAI shape.

No service is asked and nothing is uploaded: what OpenAI, Azure, Together and Fireworks publish
about their files is held against every row. Where they differ the strictest rule is taken. Fewer
rows than a service asks for are remarked on and no fault of the file: its rows are good.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

MAX_BYTES = 512 * 2**20
MIN_ROWS = 10
"""OpenAI and Azure refuse a file with fewer; Fireworks asks for three."""
_FUNCTION = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ROLES = ("system", "user", "assistant", "tool")
_KEYS = {
    "system": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", "weight"},
    "tool": {"role", "content", "tool_call_id"},
}


def load(tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check one file; see `goldleaf.trainers.trainer.Loader`. The tokenizer is not used.

    Samples hold texts in place of token ids, and 1 or -100 as labels.

    Raises:
        ValueError: the file breaks a rule; of its rows the first that does is named.
    """
    path = Path(job["out"], job["file"])
    if path.suffix != ".jsonl":
        raise ValueError("a file must be .jsonl")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"a file may have {MAX_BYTES} bytes")
    samples: list[Any] = []
    count = 0
    with open(path, encoding="utf-8", newline="\n") as file:
        for count, line in enumerate(file, 1):
            row = json.loads(line)
            problems = list(_pair(row) if job["method"] == "dpo" else _conversation(row))
            if problems:
                raise ValueError(f"line {count}: {'; '.join(problems)}")
            if len(samples) < job["samples"]:
                samples.append(_shown(row))
    few = {"few_rows": {"least": MIN_ROWS, "rows": count}}
    return {"rows": count, "samples": samples, "remarks": few if count < MIN_ROWS else {}}


def _conversation(row: Mapping[str, Any]) -> Iterator[str]:
    if strange := row.keys() - {"messages", "tools", "parallel_tool_calls"}:
        yield f"unknown keys {sorted(strange)}"
    yield from _messages(row.get("messages"), "messages", row.get("tools"))
    messages: list[dict[str, Any]] = row.get("messages") or []
    answers = [message for message in messages if message.get("role") == "assistant"]
    if not answers:
        yield "no assistant message"
    elif not any(m.get("weight", 1) for m in answers):
        yield "every assistant message has weight 0"
    elif messages[-1].get("role") != "assistant":
        yield "the last message is not the assistant's"


def _pair(row: Mapping[str, Any]) -> Iterator[str]:
    if set(row) != {"input", "preferred_output", "non_preferred_output"}:
        yield f"the keys are {sorted(row)}"
        return
    asked = row["input"]
    if strange := asked.keys() - {"messages", "tools", "parallel_tool_calls"}:
        yield f"unknown keys {sorted(strange)} in input"
    yield from _messages(asked.get("messages"), "input.messages", asked.get("tools"))
    for side in ("preferred_output", "non_preferred_output"):
        output: list[dict[str, Any]] = row[side]
        if len(output) != 1:
            yield f"{side} must be one message"
        elif set(output[0]) != {"role", "content"} or output[0]["role"] != "assistant":
            yield f"{side} must be a text of the assistant"
        elif not str(output[0]["content"] or "").strip():
            yield f"{side} says nothing"
    if row["preferred_output"] == row["non_preferred_output"]:
        yield "both outputs are the same"


def _messages(messages: list[dict[str, Any]] | None, where: str, tools: Any) -> Iterator[str]:
    if not messages:
        yield f"{where} must be a list of messages"
        return
    declared: set[str] = set()
    for number, tool in enumerate(tools or ()):
        yield from _tool(tool, f"{where}: tools[{number}]")
        declared.add(tool.get("function", {}).get("name", ""))
    waiting: set[str] = set()
    for number, message in enumerate(messages):
        at = f"{where}[{number}]"
        if message.get("role") not in _ROLES:
            yield f"{at}: role {message.get('role')!r}"
            continue
        yield from _message(message, at, first=not number)
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                yield f"{at}: no call has the id {message.get('tool_call_id')!r}"
            waiting.discard(message.get("tool_call_id", ""))
        elif waiting:
            yield f"{at}: calls without a result: {sorted(waiting)}"
        for call in message.get("tool_calls", ()):
            waiting.add(call.get("id", ""))
            yield from _call(call, at, declared)


def _tool(tool: Mapping[str, Any], at: str) -> Iterator[str]:
    function = tool.get("function", {})
    if tool.get("type") != "function" or not _FUNCTION.fullmatch(str(function.get("name", ""))):
        yield f"{at}: a tool needs the type function and a name of letters, digits, _ and -"
    if not isinstance(function.get("parameters", {}), dict):
        yield f"{at}: parameters must be an object"


def _message(message: Mapping[str, Any], at: str, *, first: bool) -> Iterator[str]:
    role = message["role"]
    if strange := message.keys() - _KEYS[role]:
        yield f"{at}: unknown keys {sorted(strange)}"
    if role == "system" and not first:
        yield f"{at}: a system message may only come first"
    if not isinstance(message.get("content"), str):
        yield f"{at}: content must be a text"
    elif not message["content"] and role in ("system", "user"):
        yield f"{at}: content is empty"
    if role == "assistant" and not (message.get("content") or message.get("tool_calls")):
        yield f"{at}: neither content nor calls"
    if message.get("weight", 1) not in (0, 1):
        yield f"{at}: weight must be 0 or 1"


def _call(call: Mapping[str, Any], at: str, declared: set[str]) -> Iterator[str]:
    function = call.get("function", {})
    if not call.get("id") or call.get("type") != "function":
        yield f"{at}: a call needs an id and the type function"
    if not _FUNCTION.fullmatch(str(function.get("name", ""))):
        yield f"{at}: {function.get('name')!r} is no name of a function"
    if declared and function.get("name") not in declared:
        yield f"{at}: {function.get('name')!r} is not declared"
    try:
        parsed = json.loads(function.get("arguments"))
    except (TypeError, ValueError):
        parsed = None
    if not isinstance(parsed, dict):
        yield f"{at}: arguments must be the JSON text of an object"


def _shown(row: Mapping[str, Any]) -> dict[str, tuple[Sequence[str], Sequence[int]]]:
    """Return part -> (texts, what is learned): there is no template, so messages stand as JSON."""
    if "messages" in row:
        return {"text": _texts(row["messages"], row.get("tools"))}
    asked, _ = _texts(row["input"]["messages"], row["input"].get("tools"))
    return {
        part: ([*asked, *_texts(row[side], None)[0]], [*[-100] * len(asked), 1])
        for part, side in (("chosen", "preferred_output"), ("rejected", "non_preferred_output"))
    }


def _texts(messages: Sequence[Mapping[str, Any]], tools: Any) -> tuple[list[str], list[int]]:
    texts = [json.dumps(message, ensure_ascii=False) + "\n" for message in messages]
    learned = [1 if m["role"] == "assistant" and m.get("weight", 1) else -100 for m in messages]
    if tools:
        texts.insert(0, json.dumps({"tools": tools}, ensure_ascii=False) + "\n")
        learned.insert(0, -100)
    return texts, learned
