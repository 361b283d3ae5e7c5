"""Answers that say nothing, and questions about a text that is not there.

| text | what it is |
|---|---|
| "", "...", "N/A", "None", "无", "<nooutput>", "null", "[object Object]" | empty |
| "Sure!", "Here is the list:", "As an AI language model, I have no opinions." | no answer |
| "Please provide the text.", "I cannot see the picture." | no answer: the input is missing |
| a question with "<noinput>", "N/A" below it | contradictory input |
| "Summarize the following text." and nothing below it | contradictory input |

A refusal is no flaw: `refusal_detector` finds those, and whether one is right
depends on the prompt.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

SHORT: Final = 400
"""Characters up to which an answer may be nothing but a remark about itself."""


class Remark(NamedTuple):
    """From which character of a text to which (end excluded), what is wrong, how surely."""

    start: int
    end: int
    reason: str
    score: float


_NOTHING = re.compile(
    r"[\W_]*(?:no[\s_-]{0,3}(?:output|answer|response|result|reply|content|text|data)s?"
    r"(?:[\s_-]{1,3}(?:is[\s_-])?(?:required|needed|necessary|provided|given|available|possible"
    r"|found|expected))?"
    r"|n[./\\]?\s?a\.?|none|null|nil|nan|undefined|empty|blank|todo|tbd|tba|placeholder|\[?object "
    r"object\]?|error|not? (?:applicable|available)|output|answer|response|assistant"
    r"|your (?:answer|response|text|output)(?: here)?|(?:insert|write|add|type|enter)(?: your)?"
    r" (?:answer|response|text|output)(?: here)?"
    r"|无|没有|空|暂无|略|无输出|无需输出|没有输出|无内容|无回答|没有答案|无答案|不适用|待补充|待定"
    r"|未知|错误|回答|答案|输出|答|此处填写\S{0,6})[\W_]*",
    re.IGNORECASE,
)
_TO_WRITE = (
    r"(?:(?:TODO|TBD|TBA|FIXME)\b|[Tt]o be (?:added|written|completed|filled in|determined)\b"
    r"|(?:此处|答案|内容)?(?:待补充|待完善|待填写|待添加))"
)
_NOTE = re.compile(
    rf"[\s*]*(?:[<\[(（【]\s?{_TO_WRITE}[^\n]{{0,60}}[>\])）】]"
    rf"|{_TO_WRITE}(?:\s?[:：][^\n]{{0,60}})?)[\s*.。…]*"
)
"""A note to the one who was to write the answer: in brackets, with a colon or alone."""
_ASKS_NOTE = re.compile(r"to-?\s?do\b|\btb[da]\b|fixme|to be |comment|list|待|清单", re.IGNORECASE)
"""Questions about such notes, or for a list of them."""
_MARKED = re.compile(
    r"[\s<\[(（【]*(?:no[\s_-]{0,3}(?:output|answer|response)|无需?输出|没有输出)\b[\s>\])）】:.,;–-]*"
    r"(?P<rest>.{0,200})",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS_ASKED = re.compile(
    r"emoji|emoticon|smiley|ascii|punctuat|symbol|operator|redact|censor|morse|box(?:es)?\b|draw"
    r"|标点|符号|表情|颜文字|画|遮|涂黑",
    re.IGNORECASE,
)
"""Questions that signs alone may answer."""
_OF_ITSELF = re.compile(
    r"\b(?:you|your|yours|yourself|ai|a\.i\.|ais)\b|[你您]|人工智能", re.IGNORECASE
)
"""Questions about the one who answers: what it says of itself is then an answer."""
_REWRITES = re.compile(
    r"rewrit|re-writ|rephras|reword|paraphras|format|fix\b|correct|edit\b|grammar|translat|shorten"
    r"|simplif|remove|delete|improve|punctuat|capitali|convert|change|transform|tone|request|respon|message"
    r"|sentence|phrase|改写|重写|重新|改|删|翻译|润色|缩短|句子|短语|语气",
    re.IGNORECASE,
)
"""Questions whose answer may be any sentence, one that offers help or does not know, too."""
_WORDS_ALONE = frozenset({"none", "empty", "blank", "null", "nil", "undefined"})
_ZH_ALONE = frozenset("无 没有 空 未知 错误 回答 答案 输出".split())
_POLITE = (
    r"(?:sure|certainly|of course|okay|ok|absolutely|great|no problem|alright"
    r"|(?:i(?:'d| would| will|'ll) be |i am |i'm )?(?:happy|glad|delighted) to help(?: you)?"
    r"(?: with (?:that|this))?|let me (?:help|do) (?:you )?(?:with )?that|here you (?:go|are)"
    r"|i hope this helps|当然(?:可以)?|好的|没问题|好|很高兴为(?:您|你)服务"
    r"|希望(?:这)?对(?:您|你)有(?:所)?帮助)"
)
_OPENING = re.compile(
    rf"\W{{0,4}}(?:{_POLITE}[!,.，。！\s]{{0,4}}){{0,4}}"
    r"(?P<promise>(?:(?:here(?:'s| is| are)|below (?:is|are)|the following (?:is"
    r"|are))[^.!?\n]{0,120}"
    r"|(?:以下|下面|如下|这里)(?:是|为)?[^。！\n]{0,40}|(?:answer|output|response|result|回答|答案|输出|结果))"
    r"[:：]\**)?\s*",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"\W*(?:is|are|can|could|do|does|did|will|would|may|should|shall|have|has)\b|.{0,80}[吗么]",
    re.I,
)
"""Questions that a "certainly" answers."""
_ITSELF = re.compile(
    r"\W{0,4}(?:as an? (?:\w+ ){0,3}?(?:ai|artificial intelligence|language model|gpt model"
    r"|chatbot)\b"
    r"|i(?: a|')m (?:just |only )?an? (?:\w+ ){0,3}?(?:ai|artificial intelligence|language model"
    r"|chatbot)\b|(?:作为|身为|我是|我只是)(?:一个|一名|一款)?"
    r"(?:人工智能|AI|语言模型|聊天机器人|大模型))",
    re.IGNORECASE,
)
"""Without an apology: with one it is a refusal, which may be right."""
_GOES_ON = re.compile(
    r"\n\n|\b(?:[Hh]owever|but I (?:can|understand|believe|think|know)|[Ii]t(?: i|')s important"
    r"|consult)\b|但是|不过|但我可以|建议"
)
"""After a word on itself an answer goes on to its question."""
_UNABLE = re.compile(
    r"\b(?:(?:do|does) not have|(?:don'?t|doesn'?t) have|have no|lack)\b|没有|不具备", re.IGNORECASE
)
_WRONGED = re.compile(
    r"illegal|unethical|harm|danger|ethic|legal|violat|inappropriate|respect|offens|discriminat"
    r"|safe|against|privacy|违法|有害|危险|道德|伦理|法律|歧视|安全|隐私|不当|尊重",
    re.IGNORECASE,
)
"""Grounds of a refusal: then it is no empty answer."""
_INPUT = (
    r"(?:text|input|passage|article|paragraph|sentences?|data|image|picture|document|file|link|code"
    r"|information|context|table|list|video|attachment|photo|details?|question|statement|email|words?"
    r"|topic|instructions?)s?"
)
_ASKS_BACK = re.compile(
    r"\W{0,4}(?:(?:i'?m |i am )?(?:sorry|apologi[sz]e)[^.!?\n]{0,60}[,.!]\s{0,2})?(?:but )?"
    r"(?:(?:could|can|would) you )?please (?:re)?(?:provide|share|paste|upload|attach"
    r"|specify|supply)"
    rf"\b(?: \w+){{0,8}}? {_INPUT}\b"
    r"|\W{0,4}(?:i'?m sorry,? (?:but )?|sorry,? (?:but )?|unfortunately,? )?"
    r"(?:(?:there (?:is|was)|i (?:see|have|find|got)) no|no|you (?:have not|haven'?t|did not"
    r"|didn'?t)"
    r" (?:provided?|given?|attached?|included?|shared?)|i (?:cannot|can'?t|do not"
    r"|don'?t) (?:see|find))"
    rf" (?:\w+ ){{0,4}}?{_INPUT}\b(?: (?:was|is|has been|were|are))?(?: (?:provided|given"
    rf"|attached|included"
    r"|here|above|below|to|for|that|in (?:the|your) (?:question|prompt|message)))"
    r"|(?:很?抱歉|对不起)?[，,。！]?(?:您|你)?(?:并?没有|未)(?:提供|给出|给我|上传)(?:任何|具体)?"
    r"|(?:很?抱歉|对不起)?[，,。！]?(?:请|麻烦|能否)(?:您|你)?(?:再次|先)?(?:提供|上传|补充)[^。\n]{0,16}"
    r"(?:文本|内容|句子|段落|文章|信息|数据|图片|代码|输入|文件|细节)",
    re.IGNORECASE,
)
_CANNOT_SEE = re.compile(
    r"\W{0,4}(?:(?:i'?m |i am )?(?:so |very |really )?sorry[^.!?\n]{0,40}?[,.!]?\s{0,2}(?:but )?"
    r"|i (?:do )?apologi[sz]e[^.!?\n]{0,40}?[,.!]?\s{0,2}(?:but )?|unfortunately,? "
    r"|as an? [^,.\n]{1,60}?,? )?(?:\bi(?:'m| am) (?:not able|unable) to"
    r"|\bi (?:can(?:not|'t)|could not|couldn't"
    r"|do(?:n't| not) have (?:direct |any )?access to"
    r"|have no access to)) (?:directly |currently )?"
    r"(?:(?:see|view|open|access|read|find|download|display|process)(?: or \w+)?)?[ ,]?"
    r"(?:the|your|any|this|that|those|these|an?)? ?(?:\w+ ){0,2}?"
    r"(?:files?|attachments?|attached|images?|pictures?|photos?|screenshots?|documents?|pdf|spreadsheets?"
    r"|links?|urls?|videos?|recordings?)\b"
    r"|(?=很?抱歉|对不起|作为|我|您好)(?:很?抱歉[，,。！]?|对不起[，,。！]?|作为[^，。\n]{1,20}[，,]?"
    r"|您好[，,！。]?)*我?(?:目前|暂时|现在|这里|这边)?(?:还|也|并)?(?:(?:无法|不能|没法|没有办法)(?:直接)?"
    r"(?:查看|看到|看见|看清|打开|访问|读取|浏览|下载|接收)|打不开|看不到|看不见)"
    r"(?:到)?(?:您|你|该|这个|这张|此|任何|所)?[^。，\n]{0,10}?(?:文件|附件|图片|图像|照片|截图|文档|链接|网址|视频|录音)",
    re.IGNORECASE,
)
"""Speaks of a file that was never there; of one that the question speaks of, too. What may stand in
front of it is what `flaw_candidates` lets through."""
_SPOKEN = re.compile(r"\b(?:says?|line|quote|diary|story|role|customer)\b|造句|台词", re.IGNORECASE)
"""Questions for words of somebody who may not see a file."""
_ASKING = re.compile(
    r"\bask|question|reply|respon|email|request|no input|询问|提问|请求|邮件|回复", re.IGNORECASE
)
"""Questions whose answer may well ask for something."""
_UNDERSTOOD_NOT = re.compile(
    r"\W*(?:i'?m sorry,? (?:but )?|sorry,? (?:but )?)?(?:i )?(?:do not|don'?t|did not"
    r"|didn'?t|cannot|can'?t)"
    r" (?:quite )?(?:understand|know(?: the answer)?|get it)\b[^\n]{0,80}"
    r"|(?:很?抱歉|对不起)?[，,]?我?(?:不知道|不明白|没听懂|不理解|不清楚)[^\n]{0,20}",
    re.IGNORECASE,
)
NO_INPUT = re.compile(
    r"[\s<\[(（【`\"'*]{0,8}"
    r"(?:(?:there (?:is|was) )?no[\s_-]{0,3}input(?:s|[ _](?:text|data))?"
    r"(?:[\s_-]{1,3}(?:is[\s_-])?(?:required|needed|necessary|provided|given|available))?"
    r"|input[:：]? ?(?:none|n/a|null|empty)|n/a|none|null|nil|not applicable|empty|undefined"
    r"|无|没有|空|(?:无需?|不需要|没有)输入|输入[:：]?无)"
    r"[\s>\])）】`\"'*.。]{0,8}",
    re.IGNORECASE,
)
"""A line that says that there is no input: of Alpaca, its translations and their like."""
_LABEL_ALONE = re.compile(
    r"[#*\s]{0,6}(?:(?P<sure>input|context|输入|上下文|背景|原文|给定文本|文本)"
    r"|(?:given )?(?:text|passage|article|paragraph|document|data|句子|文章|段落|内容|数据))"
    r"\**[ \t]?[:：]\**",
    re.IGNORECASE,
)
"""A label at the end; the words without a name may also ask for what they name."""
_MARKER_INSIDE = re.compile(
    r"[<\[(（【](?:no[\s_-]{0,3}input|noinput|无输入|没有输入)[>\])）】]", re.IGNORECASE
)
_POINTS = re.compile(
    r"\b(?:(?:the )?(?:following|given|above|below|provided|attached|underlined|highlighted)"
    r" (?:\w+ )?(?:text|passage|paragraph|article|sentences?|document|input|data(?:set)?"
    r"|code|table|"
    r"email|poem|story|conversation|dialogue|excerpt|review|tweet|essay|list|words|snippet|equation|"
    r"image|picture|figure|graph)|(?:text|passage|paragraph|article|sentences?|code|table|data) "
    r"(?:below|above)|this (?:text|passage|paragraph|article|sentence|excerpt|tweet|snippet))\b"
    r"|(?:以下|下面|下列|给定|所给|提供)的?(?:这?[段篇个句份条])?(?:文本|文章|段落|句子|内容|数据|代码|表格|"
    r"邮件|诗|故事|对话|评论|列表|图片|文字|材料|输入)",
    re.IGNORECASE,
)
_MAKES = re.compile(
    r"\b(?:programs?|algorithms?|functions?|scripts?|systems?|models?|methods?|ways?|html|steps?|apps?"
    r"|code|quer(?:y|ies)|software|tools?|class|regex|how)\b|算法|程序|函数|代码|系统|方法|步骤|模型|如何|怎么",
    re.IGNORECASE,
)


def nothing_said(answer: str, question: str = "") -> Remark | None:
    """Return why an answer is empty: blank, punctuation, a marker such as "N/A".

    >>> nothing_said("<no output>").reason, nothing_said("42")
    ('says that there is no answer', None)
    """
    body = answer.strip()
    if not body:
        return Remark(0, len(answer), "blank", 1.0)
    if len(body) <= 60 and not any(map(str.isalnum, body)):
        drawn = "\n" in body and len(body) > 8  # a drawing in characters
        plain = not drawn and all(
            ord(each) < 0x2190 or 0x3000 <= ord(each) <= 0x303F for each in body
        )
        asked = body in question or _SIGNS_ASKED.search(question[:4_000])
        if plain and not asked:
            return Remark(0, len(answer), "punctuation alone", 1.0)
        return None
    if len(body) <= 60 and (found := _NOTHING.fullmatch(body)):
        bare = re.sub(r"[\W_]+", "", found.group()).casefold()
        marked = body[0] in "<[(（【"
        asked = re.search(rf"(?<![a-z]){re.escape(bare)}(?![a-z])", question.casefold())
        if asked and not marked:
            return None
        unsure = bare in _WORDS_ALONE or bare in _ZH_ALONE
        return Remark(0, len(answer), "says that there is no answer", 0.7 if unsure else 1.0)
    if len(body) <= 80 and _NOTE.fullmatch(body) and not _note_asked(question[:4_000]):
        return Remark(0, len(answer), "says that it is still to be written", 0.8)
    if len(body) <= SHORT and (found := _MARKED.fullmatch(body)):
        return Remark(0, len(answer), "says that there is no answer", 0.9)
    return None


def _note_asked(question: str) -> bool:
    return bool(_REWRITES.search(question) or _ASKS_NOTE.search(question))


def no_answer(answer: str, question: str = "") -> Remark | None:
    """Return why an answer that has words answers nothing.

    >>> no_answer("Sure! Here is the list:").reason
    'an opening, and nothing after it'
    >>> no_answer("As an AI language model, I do not have feelings.").reason
    'speaks of itself alone'
    """
    body = answer.strip()
    if not body or len(body) > SHORT:
        return None
    whole = Remark(0, len(answer), "", 0.0)
    rewrites = _REWRITES.search(question[:4_000])
    if found := _OPENING.fullmatch(body):
        if found["promise"]:
            return whole._replace(reason="an opening, and nothing after it", score=0.8)
        if len(body) >= 6 and not _CLOSED.match(question) and not rewrites:
            return whole._replace(reason="an opening, and nothing after it", score=0.6)
    if (found := _ITSELF.match(body)) and not _WRONGED.search(body):
        rest = body[found.end() :]
        if len(rest) < 20 or (_UNABLE.search(rest[:160]) and not _GOES_ON.search(rest)):
            own = _OF_ITSELF.search(question[:4_000])
            return whole._replace(reason="speaks of itself alone", score=0.3 if own else 0.5)
    blind = _CANNOT_SEE.match(body.replace("\u2019", "'"))
    if blind and not _WRONGED.search(body) and not _GOES_ON.search(body):
        asked = question[:4_000]
        own = rewrites or any(each.search(asked) for each in (_ASKING, _OF_ITSELF, _SPOKEN))
        return whole._replace(reason="cannot see what was sent", score=0.3 if own else 0.6)
    if _ASKS_BACK.match(body) and not _ASKING.search(question[:4_000]):
        return whole._replace(reason="asks for what the question should hold", score=0.7)
    if not rewrites and _UNDERSTOOD_NOT.fullmatch(body):
        return whole._replace(reason="says that it does not know", score=0.5)
    return None


def missing_input(question: str) -> Remark | None:
    r"""Return where a question says that it has no input, or speaks of one that is not there.

    >>> missing_input("Name three colours.\n\n<noinput>").reason
    'says that there is no input'
    >>> missing_input("Summarize the following text.").reason
    'speaks of a text that is not there'
    """
    body = question.rstrip()
    last = body.rfind("\n") + 1
    tail = body[last:]
    if body[:last].strip() and len(tail) <= 60 and NO_INPUT.fullmatch(tail):
        return Remark(last, len(body), "says that there is no input", 0.9)
    if body[:last].strip() and (found := _LABEL_ALONE.fullmatch(tail)):
        score = 0.6 if found["sure"] else 0.4
        return Remark(last, len(body), "a label, and nothing after it", score)
    if found := _MARKER_INSIDE.search(body[-2_000:]):
        offset = max(0, len(body) - 2_000)
        return Remark(
            offset + found.start(), offset + found.end(), "says that there is no input", 0.9
        )
    if len(body) > 160 or "\n" in body.strip():
        return None
    if _MAKES.search(body) or re.search(r"[:：\"“”'‘’`\d<>=\[\]{}()]|[.!?。！？，;；]\s*\S", body):
        return None  # the text may stand in the question itself, or be given later to a program
    if found := _POINTS.search(body):
        # Read on public rows: where more follows, half of the answers do without that text.
        last = not any(map(str.isalnum, body[found.end() :]))
        score = 0.5 if last else 0.4
        return Remark(*found.span(), "speaks of a text that is not there", score)
    return None
