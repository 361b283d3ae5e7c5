"""Does another row follow an answer without a label: an instruction and its answer, of others.

Good answers change their subject, too: of 2,633 English and 1,634 Chinese ones .6 and .9 % end in
paragraphs that share no word with the question and what stands above. So the first of those must be
an instruction or a question, a word of which comes again in what follows it: one good answer of
128,000 has that.
"""

from __future__ import annotations

import re
from itertools import islice, pairwise
from typing import Final

from goldleaf.curation.texts.language import language

READ: Final = 20_000
"""Characters of a text that are read."""
INSTRUCTION: Final = (
    r"(?i:list|give|name|provide|suggest|generate|create|write|identify|find|propose|describe|explain"
    r"|outline|compile|make|compare|rewrite|edit|classify|summari[sz]e|translate|convert|what|how|why"
    r"|who|which|where|when|is|are|can|do|does|tell|design|compose|construct|develop|given|come up"
    r"|categori[sz]e|calculate|analy[sz]e|determine|predict|discuss|state|select|choose|add|change"
    r"|replace|arrange|sort|brainstorm|imagine)[ ,][^\n]{8,280}[.?]"
    "|(?:请|给|写|列|生成|创建|描述|解释|编写|提供|说出|找出|将|把|为|设计|总结|比较|如何|什么|根据|使用|计算|确定"
    r"|识别|分析|翻译|回答|构造|制作|改写|重写|想象|选择)[^\n]{3,280}[。？]"
)
"""A line that asks for something; a "(?i:" group means the same to Rust."""
_LINE = re.compile(INSTRUCTION)
_BREAK = re.compile(r"\n\n+")
_ASKS_MANY = re.compile(
    r"dialog|conversation|script|chat|interview|role-?play|quiz|question|exam|test\b|survey|prompt"
    r"|problem|exercise|instruction|task|story|letter|e-?mail|speech"
    r"|对话|聊天|剧本|采访|几句|介绍|问|题|测验|练习|指令|任务|故事|邮件|信|演讲",
    re.IGNORECASE,
)
"""Questions whose answer may ask for something, or have many subjects."""
_FREQUENT = frozenset(
    """this that with from have will your their which there these those been were what when where
    would could should into more most some such than then them other about also only over each very
    make made many much like just because between through during while after before being both does
    doing here having same using used""".split()
)
_WORD = re.compile(r"[a-z]{4,}")
_HAN_RUN = re.compile("[\u4e00-\u9fff]+")
_LINES: Final = 12
"""Lines that ask for something, of which each is tried."""
_STEM: Final = 5
"""Letters by which forms of a word are the same."""
_LEAST: Final = {"en": 8, "zh": 12}
"""Different terms that make a text long enough to say that none is shared."""
_SHARED: Final = 0.05
"""Share of the terms of another row that may stand above it, too."""


def appended_row(answer: str, question: str) -> tuple[int, int] | None:
    r"""Return where an instruction stands whose answer, as it, is of other things than the rest.

    >>> appended_row("Rivers carry salt.\n\nNothing else.", "Why?") is None
    True
    """
    if _ASKS_MANY.search(question):
        return None
    text, zh = answer[:READ], language(answer) == "zh"
    ends = list(_BREAK.finditer(text))
    lines = (
        found
        for before, after in pairwise(ends)
        if (found := _LINE.fullmatch(text, before.end(), after.start()))
    )
    for found in islice(lines, _LINES):
        if _of_other_things(text, found, question[:READ], zh):
            return found.span()
    return None


def _of_other_things(text: str, found: re.Match[str], question: str, zh: bool) -> bool:
    asked, answered = _terms(found.group(), zh), _terms(text[found.end() :], zh)
    above = _terms(f"{question}\n{text[: found.start()]}", zh)
    row = asked | answered
    long = len(row) >= _LEAST["zh" if zh else "en"]
    return (
        long
        and bool(asked & answered)
        and not asked & above
        and len(row & above) <= _SHARED * len(row)
    )


def _terms(text: str, zh: bool) -> set[str]:
    """Return pairs of Chinese characters, or stems of English words that are not frequent."""
    if zh:
        runs = _HAN_RUN.findall(text)
        return {run[place : place + 2] for run in runs for place in range(len(run) - 1)}
    return {word[:_STEM] for word in _WORD.findall(text.lower()) if word not in _FREQUENT}
