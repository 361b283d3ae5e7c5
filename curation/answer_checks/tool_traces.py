r"""What tools leave in an answer besides markup: escapes, words of a page, marks of a search.

| text | what it is |
|---|---|
| `First line.\nSecond line.` with a backslash, `it\u2019s` | written as JSON has it |
| `【4†source】`, `[citation:2]`, `:contentReference[oaicite:1]` | marks of a chat's search |
| "Copy code", "重新生成" alone on a line | buttons of a chat page |
| "All rights reserved." or "阅读原文" in the last lines | words of a web page |
| `</think>` without `<think>`, or the other way round | thoughts, cut out by halves |
| "Question: ... Answer: ..." after an answer, or a question and its answer alone | another row |
"""

from __future__ import annotations

import re

from goldleaf.curation.answer_checks.appended_row import appended_row
from goldleaf.curation.answer_checks.empty_answers import Remark

_SEARCH = re.compile(
    r"【\d{1,3}†[^】\n]{0,60}】|\[(?:oai_)?citation[:：]\s?\d{1,3}[^\]\n]{0,60}\]"
    r"|:?contentReference\[oaicite:\d{1,3}\]|\[\^\d{1,2}\^\]"
)
_BUTTON = re.compile(
    r"^[ \t]*(?:(?:[A-Za-z+#]{1,12})?Copy code|Regenerate(?: response)?|Stop generating"
    r"|复制代码|重新生成(?:回答)?|停止生成)[ \t]*$",
    re.MULTILINE,
)
_ABOUT_CHATS = re.compile(
    r"chat|gpt|claude|gemini|copilot|button|regenerat|generating|copy|interface|按钮|对话|聊天|界面|重新|点击",
    re.IGNORECASE,
)
"""Questions about a chat page, and answers that tell what to press."""
_ABOUT_MARKS = re.compile(
    r"\bcit(?:e|ing|ation)|footnot|reference|sources?\b|bibliograph|markdown|引用|脚注|文献|出处|标注",
    re.IGNORECASE,
)
_WEB_PAGE = re.compile(
    r"all rights reserved|copyright (?:©|\(c\)) ?(?:19|20)\d\d|^share (?:this|on)\b"
    r"|\bread more (?:»|>>|→|\.\.\.)|subscribe to our (?:newsletter|channel)"
    r"|^leave a (?:comment|reply)|\bposted in\b.{0,40}\btagged\b"
    r"|版权所有|转载请注明|未经授权.{0,6}转载|(?:点击|扫码|长按).{0,12}(?:关注|公众号|阅读原文)"
    r"|阅读原文|^分享到|责任编辑[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_ABOUT_PAGES = re.compile(
    r"web|site|html|blog|page|post\b|newsletter|e-?mail|market|campaign|promot|advert|\bads?\b|brochure"
    r"|flyer|copyright|licen[cs]e|social|youtube|video|podcast|article|press|footer|legal|terms|notice"
    r"|book|cover|photo|image|picture|song|music|album|\bown(?:s|er|ed)?\b|translat|翻译|推广|运营|关注|店|网站|网页|页面|博客|公众号|微信|微博|文案|广告|推广|宣传|营销|邮件|文章|版权|许可|视频|声明|稿",
    re.IGNORECASE,
)
"""Questions whose answer may be a page, or speak of one."""
_THOUGHT = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)
_OPENED = re.compile(r"\s*<think(?:ing)?>", re.IGNORECASE)
_CLOSED = re.compile(r"</think(?:ing)?>[ \t]*(?:\n|\Z)", re.IGNORECASE)
_ABOUT_THOUGHTS = re.compile(
    r"</?think|think(?:ing)? (?:tag|token)|reasoning|chain.of.thought|deepseek"
    r"|思考标签|推理|思维链",
    re.IGNORECASE,
)
_ASKS_ESCAPES = re.compile(
    r"json|escap|unicode|regex|regular expression|code|program|script|print|string|python|java"
    r"|latex|newline|line (?:end|break|feed)|carriage|character|\bu\+|换行|字符"
    r"|\bc\+\+|\bsql|bash|command|转义|编码|代码|程序|脚本|函数|字符串|正则|\\",
    re.IGNORECASE,
)
_FORMULA = re.compile(r"\\(?:frac|begin|left|right|text|sum|cdot|times|sqrt|alpha|\[|\()|\$")
_ESCAPED_BREAK = re.compile(r"(?<![ (])\\r?\\?n(?![a-z]{1,3}\b|[ ,.;)])")
_ESCAPED_CHARACTER = re.compile(r"\\u[0-9a-f]{4}", re.IGNORECASE)
_ESCAPED_IN_WORD = re.compile(r"[a-z]\\u[0-9a-f]{4}[a-z]", re.IGNORECASE)
_NEXT_ROW = re.compile(
    r"\n[ \t]*\n[ \t#*]*(?:question|问题)\**[ \t]?\d{0,2}[:：]"
    r"(?P<asked>[^\n]{4,2000})\n(?:[^\n]{0,2000}\n){0,12}?"
    r"[ \t#*]*(?:answer|答案|回答|解答)(?:\*\*)?[:：]",
    re.IGNORECASE,
)
_ABOUT_QUESTIONS = re.compile(
    r"question|faq|quiz|trivia|riddle|exam\b|test|interview|flash ?card|puzzle|survey|q&a"
    r"|q ?and ?a|ask|example|sample|format|teach|learn|lesson|stud(?:y|ies|ent)|socrat|method"
    r"|prompt|task|problem|问|题|答|测验|考试|采访|谜|例",
    re.IGNORECASE,
)


_WORD = re.compile(
    r"(?!(?:what|when|where|which|this|that|with|from|have|does|they|your|into|about|there)\b)[a-z]{4,}"
    r"|(?=([\u3400-\u9fff]{2}))"
)
"""A word that says what a text is about, or two Chinese characters."""


def tool_traces(prose: str, question: str) -> Remark | None:
    r"""Return the first trace of a tool in an answer.

    Args:
        prose: the answer, code blanked (`strewn_signs.blank`): places stay.
        question: what was asked.

    >>> tool_traces("Tea cools slowly.【4†source】", "").reason
    'a mark of a search'
    >>> tool_traces("Take milk.\\nTake eggs.\\nStir.", "How?").reason
    'line breaks as JSON has them'
    """
    if (found := _SEARCH.search(prose)) and not _ABOUT_MARKS.search(question):
        return None if found.group()[:4] in question else _remark(found, "a mark of a search", 0.8)
    if (found := _BUTTON.search(prose)) and not _ABOUT_CHATS.search(
        f"{question}\n{_BUTTON.sub('', prose)}"
    ):
        return _remark(found, "words of a chat page", 0.7)
    if (found := _half_a_thought(prose)) and not _ABOUT_THOUGHTS.search(question):
        return _remark(found, "a thought cut in half", 0.7)
    if found := _escapes(prose, question) or _of_pages(prose, question):
        return found
    place = appended_row(prose, question)
    return Remark(*place, "another row's question and its answer", 0.5) if place else None


def _remark(found: re.Match[str], reason: str, score: float) -> Remark:
    return Remark(*found.span(), reason, score)


def _half_a_thought(prose: str) -> re.Match[str] | None:
    """Return an opening tag of thoughts in front, or a closing one at a line's end, alone."""
    marks = list(_THOUGHT.finditer(prose)) if "<" in prose else []
    closing = [each for each in marks if each.group().startswith("</")]
    if len(closing) * 2 == len(marks):
        return None
    return _OPENED.match(prose) or _CLOSED.search(prose)


def _escapes(prose: str, question: str) -> Remark | None:
    if "\\" not in prose or _ASKS_ESCAPES.search(question) or _FORMULA.search(prose):
        return None
    breaks = list(_ESCAPED_BREAK.finditer(prose))
    if len(breaks) >= 2 and "\n" not in prose.strip():
        return _remark(breaks[0], "line breaks as JSON has them", 0.7)
    characters = list(_ESCAPED_CHARACTER.finditer(prose))
    if len(characters) >= 2 or (characters and _ESCAPED_IN_WORD.search(prose)):
        return _remark(characters[0], "characters as JSON has them", 0.8)
    return None


def _of_pages(prose: str, question: str) -> Remark | None:
    """Return words of a web page in the last three lines, or another row's question and answer."""
    end = len(prose.rstrip())
    start = end
    for _ in range(3):
        start = max(0, prose.rfind("\n", 0, start))
    found = _WEB_PAGE.search(prose, start, end)
    if found and found.start() >= 40 and not _ABOUT_PAGES.search(question):
        return _remark(found, "words of a web page", 0.6)
    row = _NEXT_ROW.search(prose, 20)
    if row is None or _ABOUT_QUESTIONS.search(question):
        return None
    if _of_another_matter(row["asked"], f"{question}\n{prose[: row.start()]}"):
        return _remark(row, "another question and its answer", 0.6)
    return None


def _of_another_matter(asked: str, before: str) -> bool:
    """Return whether a question shares few words with what is before it; a self-test does not."""
    words = _stems(asked)
    shared = words & _stems(before)
    return bool(words) and len(shared) * 4 <= len(words)


def _stems(text: str) -> set[str]:
    return {(each[1] or each[0])[:5] for each in _WORD.finditer(text.casefold())}
