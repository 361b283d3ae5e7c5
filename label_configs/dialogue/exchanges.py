"""A dialogue as the screen shows it: one exchange for each answer that can be judged and edited.

An exchange is what came before an answer (the user's turns, calls with what the tools answered) and
the answer itself. A turn of the assistant that calls tools belongs to the answer that follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from goldleaf.core.records import Record, Turn
from goldleaf.label_configs.safe_html import tags_html, to_safe_html, turn_html
from goldleaf.label_configs.shown_provenance import provenance_html


def reply_places(turns: Sequence[Turn]) -> list[int]:
    """Return the places of the answers: turns of the assistant that no tool's result follows."""
    return [
        place
        for place, turn in enumerate(turns)
        if turn.role == "assistant"
        and not (place + 1 < len(turns) and turns[place + 1].role == "tool")
    ]


def shown_turns(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """Return what the screen shows of each exchange: `shown` as safe HTML, `text` of the answer."""
    found: list[dict[str, str]] = []
    begin = 0
    for place in reply_places(turns):
        found.append(
            {"shown": exchange_html(turns[begin : place + 1]), "text": turns[place].content}
        )
        begin = place + 1
    return found


def exchange_html(turns: Sequence[Turn]) -> str:
    """Return turns as safe HTML, with reasoning, without the system's (`prompt_html`)."""
    return "".join(turn_html(turn, reasoning=True) for turn in turns if turn.role != "system")


def prompt_html(record: Record, turns: Sequence[Turn]) -> str:
    """Return what holds for the whole dialogue as safe HTML.

    That is where it is from, the system prompt, tools and imported tags; the tools are a fold of
    class `gl-tools`. "" where there is nothing of these.
    """
    system = "".join(turn_html(turn) for turn in turns if turn.role == "system")
    return provenance_html(record) + system + _tools_html(record.tools) + tags_html(record.tags)


def _tools_html(tools: Sequence[Mapping[str, Any]]) -> str:
    if not tools:
        return ""
    text = "\n".join(json.dumps(tool, ensure_ascii=False, sort_keys=True) for tool in tools)
    shown = f'<pre style="white-space:pre-wrap"><span>{escape(text, quote=False)}</span></pre>'
    return f'<details class="gl-raw gl-tools"><summary></summary>{shown}</details>'


def continuation_html(turns: Sequence[Turn]) -> str:
    """Return the turns behind the last answer, to which two continuations reply, as safe HTML."""
    places = reply_places(turns)
    return exchange_html(turns[places[-1] + 1 :] if places else turns)


def answer_html(turn: Turn) -> str:
    """Return one of two continuations as safe HTML, with its reasoning."""
    thought = f'<div class="gl-thought">{to_safe_html(turn.reasoning)}</div>'
    return (thought if turn.reasoning.strip() else "") + to_safe_html(turn.content)
