"""One prompt, one answer, in two plain columns, however they are called.

    {"prompt": "Sky?", "response": "Blue."}
    {"question": "2+2?", "answer": "4", "context": "Count on your fingers."}
    {"问题": "天空是什么颜色？", "回答": "蓝色。"}
    {"system": "Be brief.", "question": "Sky?", "chosen": "Blue.", "rejected": "It is blue."}

A label that says yes or no makes it a judgement, because an answer that was turned down must
never pass for one to learn from. `prompt` with `completion` or with a pair is read by `trl`.
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement, Turn
from goldleaf.formats.boolean_labels import is_verdict, may_be_verdict, verdict_of
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, tools_of
from goldleaf.formats.text_columns import answer_turn, history_of, question_of, ranked, system_of

NAME = "prompt_response"
TITLE = "a prompt or question with one answer"

ASKED_ZH = ("问题", "提问", "问", "提示词", "指令")
GIVEN_ZH = ("输入", "上下文")
_ASKED = ("prompt", "question", "query", "input", *ASKED_ZH, "输入")
_ANSWER = ("response", "answer", "output", "回答", "回复", "答案", "答", "输出")
_GIVEN = ("context", "input", *GIVEN_ZH)
_VERDICTS_ZH = ("点赞", "赞", "踩", "标签", "评价", "采纳", "好评")
"""Columns that may say that an answer was turned down: `--map label=` must name them."""
_OTHERS = ("instruction", "messages", "conversations", "completion", "responses", "answer_a")
_PAIR = ("chosen", "rejected")
_OTHER_SHAPES = (("question", "answer", "cot"), ("type", "traceId"), ("type", "trace_id"))
"""Columns by which the rows of easy-dataset and Langfuse are known."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: a prompt and an answer as text, and no other format's columns.

    A prompt is in `prompt`, `question`, `query` or `input`; an answer in `response`, `answer` or
    `output`, or in a Chinese column such as `问题`, `指令`, `回答` or `输出`; or there is a pair in
    `chosen` and `rejected`, then without `prompt`. An answer with a `label`
    that may be a thumb but is not surely one (1, 0, "yes", "no") does not fit; other labels may be.
    """
    if _asked(row) is None or any(key in row for key in _OTHERS):
        return False
    if any(all(key in row for key in others) for others in _OTHER_SHAPES):
        return False
    if any(key in row for key in _PAIR):
        return "prompt" not in row and all(isinstance(row.get(key), str) for key in _PAIR)
    if any(key in row for key in _VERDICTS_ZH):
        return False
    label = row.get("label")
    unclear = may_be_verdict(label) and not is_verdict(label)
    return not unclear and any(isinstance(row.get(key), str) for key in _ANSWER)


def read(row: Row) -> Demonstration | Comparison | Judgement:
    """Return the answered prompt; with `chosen` or `rejected` a comparison.

    A label that says true or false makes it a judgement, any other is ignored.

    Raises:
        BadRow: `no_prompt`, `missing_field`, `empty_response`, `identical_pair`, `bad_history` or
            what `text_of` and `tools_of` raise.
    """
    tools = tools_of(row.get("tools"))
    asked = _asked(row) or "prompt"
    below = (key for key in _GIVEN if key != asked)
    question = Turn("user", question_of(row, (asked,), below))
    context = (*system_of(row), *history_of(row.get("history")), question)
    check_context(context, tools)
    if any(key in row for key in _PAIR):
        return ranked(row, context, tools)
    answer = next((row[key] for key in _ANSWER if row.get(key) is not None), None)
    if answer is None:
        raise BadRow("missing_field", "neither response nor answer nor output")
    response = (answer_turn(answer, "the answer"),)
    if is_verdict(row.get("label")):
        return Judgement(context, response, tools, good=verdict_of(row["label"]))
    return Demonstration(context, response, tools)


def _asked(row: Row) -> str | None:
    return next((key for key in _ASKED if isinstance(row.get(key), str)), None)
