"""What is right for each of the sample requests, and a better output where one went wrong.

The sample tasks hold the same 17 requests in English and then in Chinese, so the place tells which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from goldleaf.label_configs.tool_use.codec import Answer, Decision

REQUESTS = 17


@dataclass(frozen=True)
class Right:
    """What is right, a better output by language, and what was wrong."""

    decision: Decision
    better: Mapping[str, str] | None = None
    issues: tuple[str, ...] = ()


def _call(name: str, **arguments: Any) -> str:
    return json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)


RIGHT = (
    Right("call"),
    Right("call"),
    Right(
        "call",
        {
            "en": _call(
                "find_trains", origin="Basel", destination="Milan", day="2026-05-01", seats=2
            ),
            "zh": _call(
                "find_trains", origin="巴塞尔", destination="米兰", day="2026-05-01", seats=2
            ),
        },
        ("wrong_values",),
    ),
    Right(
        "no_tool",
        {
            "en": "From Italian 'ombrello', a little shade; the Latin word is 'umbra', shadow.",
            "zh": "“伞”是象形字：上面像张开的伞面，中间一竖是伞柄。",
        },
        ("needless",),
    ),
    Right(
        "ask",
        {
            "en": "I can look it up. What is the number of your order?",
            "zh": "我可以帮您查。请问订单号是多少？",
        },
        ("invented",),
    ),
    Right(
        "cannot",
        {
            "en": "I cannot book tables here. I can look up trains or the weather for tonight.",
            "zh": "我在这里订不了桌子，可以帮您查今晚的列车或天气。",
        },
    ),
    Right("call"),
    Right("call"),
    Right("call"),
    Right("call"),
    Right(
        "call",
        {
            "en": _call(
                "send_mail",
                to=["ada@example.org"],
                subject="Meeting on Friday",
                body="The meeting moves to Friday.",
            ),
            "zh": _call(
                "send_mail", to=["ada@example.org"], subject="会议改到周五", body="会议改到周五了。"
            ),
        },
    ),
    Right("no_tool"),
    Right("structured"),
    Right(
        "structured",
        dict.fromkeys(
            ("en", "zh"), "SELECT day, SUM(total) FROM orders GROUP BY day ORDER BY 2 DESC;"
        ),
    ),
    Right("structured"),
    Right("bad"),
    Right("cannot"),
)


def answer(data: Mapping[str, Any], draft: Answer, place: int) -> Answer:
    """Return the demo annotator's answer: what is right for the sample request at `place`, from 1.

    Only the place decides; `data` is not looked at, and `draft` gives what the answer leaves open.
    """
    right = RIGHT[(place - 1) % REQUESTS]
    lang = "en" if place <= REQUESTS else "zh"
    return replace(
        draft,
        decision=right.decision,
        output=right.better[lang] if right.better else draft.output,
        issues=right.issues,
    )


def second_opinion(answer: Answer) -> Answer | None:
    """Return what the demo's second annotator answers: wrong, where the first left a call.

    Else None: that one agrees.
    """
    if answer.decision != "call" or answer.output:
        return None
    return Answer("bad", issues=("wrong_values",))
