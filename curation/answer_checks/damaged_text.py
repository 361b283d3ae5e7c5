"""Damage that tools leave in a text: wrong decoding, markup, roles, tokens, text to be filled in.

Mojibake is found by undoing it: characters outside ASCII that, written in the wrong encoding, are
valid UTF-8 came from there (the idea of ftfy, https://ftfy.readthedocs.io). Text of another
language almost never is.
"""

from __future__ import annotations

import re
from typing import Final

from goldleaf.curation.answer_checks.blanked_numbers import blanked_number
from goldleaf.curation.answer_checks.empty_answers import Remark
from goldleaf.curation.answer_checks.spacing import wrong_spacing
from goldleaf.curation.answer_checks.strewn_signs import blank, first_stray_sign
from goldleaf.curation.answer_checks.tool_traces import tool_traces
from goldleaf.curation.texts.special_tokens import special_tokens

READ: Final = 200_000
"""Characters that are read."""

_UNDECODED = re.compile("锟斤拷|烫烫烫|屯屯屯|\ufffd")
_LATIN_RUN = re.compile("[\u0080-\u024f\u2013-\u2122\u02c6\u02dc\u20ac]{2,400}")
_HAN_RUN = re.compile("[\u3400-\u9fff\u20ac\u3000-\u303f\ue000-\uf8ff]{3,400}")
_HAN = re.compile("[\u3400-\u9fff]")
_QUOTE_AS_HAN = re.compile("(?<=[A-Za-z,.])\u9225|\u9225(?=.?[A-Za-z])")
"""The first two bytes of a curly quote or a dash, read as GBK beside English."""
_LATIN_PAIR = re.compile(
    "[\u00e3-\u00e9][\u0080-\u009f\u00a1-\u00aa\u00ac\u00ae-\u00b6\u00b8-\u00ba\u00bc-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u201a"
    "\u2020-\u2022\u2030\u2039\u203a\u20ac\u2122]"
)
"""The first two bytes of a Chinese character, read as Latin; some of the third ones may be lost.
No space, quote, point or hyphen that a French word may have after it is among the second."""
_WORD_END = re.compile("[\u00e0-\u00ef][\u00a0\u00ab\u00ad\u00b7\u00bb]+")
"""A last letter of French with a hard space and a quote: UTF-8 by chance."""


def _read_as_gbk(first: range, second: range) -> str:
    """Return the characters that two bytes are in GBK."""
    pairs = (bytes((one, two)).decode("gb18030", "ignore") for one in first for two in second)
    return "".join(sorted({each for each in pairs if len(each) == 1 and not each.isascii()}))


_LEADS, _LATER = range(0xE4, 0xEA), range(0x80, 0xC0)
HAN_AS_UTF8: Final = (
    f"[{_read_as_gbk(_LEADS, _LATER)}][{_read_as_gbk(_LATER, _LEADS)}]"
    "[\u3400-\u9fff\u20ac\ue000-\uf8ff]"
)
"""Two Chinese characters in UTF-8, three bytes each, read as GBK; Chinese text has few of these
three by chance."""
_HAN_AS_UTF8 = re.compile(HAN_AS_UTF8)
_LATIN_PAIRS = 5
"""Different pairs of such letters; French and German have some, at the end of a word."""
_HTML = re.compile(
    r"</?(?:p|div|span|br|b|i|u|em|strong|font|table|t[rdh]|tbody|ul|ol|li|h[1-6]|a|img|hr|body|html"
    r"|head|section|article|script|style|sup|sub|center|blockquote)\b[^<>\n]{0,200}>"
    r"|&(?:amp|lt|gt|quot|nbsp|apos|#\d{2,5}|#x[0-9a-f]{2,5}|mdash|ndash|hellip|[lr]squo|[lr]dquo);",
    re.IGNORECASE,
)
_ASKS_FOR_HTML = re.compile(
    r"html|xml|css|web|page|site|tags?\b|code|program|script|markup|javascript|jsx|react|form\b|svg"
    r"|element|button|typograph|\bfonts?\b|template|escape|entit|website|browser|\bvue\b|angular|svelte|front-?end|网页|网站|代码|标签|程序|脚本|页面|<\w",
    re.IGNORECASE,
)
_ASKS_FOR_BOLD = re.compile(
    r"\bbold(?:ed|face)?\b|\bitalic|\bunderlin|加粗|粗体|斜体|下划线", re.IGNORECASE
)
_BOLD = re.compile(r"</?(?:b|i|u|em|strong)>", re.IGNORECASE)
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_TABLE_LINE = re.compile(r"^[ \t]*\|[^\n]*\|[ \t]*$", re.MULTILINE)
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_ROLE = re.compile(
    r"^[ \t]*(?:#{1,4} ?|\*\*|<\|?)?(?:human|user|assistant|instruction|system|input"
    r"|response|output"
    r"|人类|用户|助手|指令|问|答|输入|输出|系统)(?:\*\*|\|?>)?[ \t]?[:：](?=\s|\S)",
    re.IGNORECASE | re.MULTILINE,
)
_TURNS = frozenset({"human", "user", "人类", "用户", "instruction", "指令"})
_SPEAKERS = re.compile(
    r"dialog|conversation|script|chat|interview|role-?play|transcript|exchange|(?:human|user|assistant|"
    r"instruction)s?[\s:\"]|对话|聊天|剧本|采访|用户|助手|指令|人类|问答",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(?:input|question|q|输入|问题?)\s?[:：]|output|answer|response|输出|回答|答案", re.I
)
"""A question that has its own roles is answered in them."""
_LOREM = re.compile(r"\blorem ipsum\b|\bdolor sit amet\b|\bconsectetur adipiscing\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\[(?:your|insert|add|name|date|company|link|the|enter|recipient|customer|client|product|city"
    r"|address|phone|email)\b[^\]@\n]{0,40}\](?!\()|(?<!\$)\{\{[^{}\n]{1,40}\}\}|<(?:insert"
    r"|your)[ _][^<>\n]{1,40}>"
    r"|【(?:此处|请|填写|姓名|日期|您的|你的)[^】\n]{0,20}】|\[(?:您的|你的|姓名|日期|公司)[^\]\n]{0,20}\]",
    re.IGNORECASE,
)
_INSTRUCTION = 300
"""Characters at both ends of a question in which it says what it asks for."""
_SLOT = re.compile(
    r"(?<!\$)\{\{ ?(?:insert\b[\w .-]{0,30}|(?:(?:your|the|user|first|last|full|company|bot|model"
    r"|assistant|ai|my|brand|product|customer|client)[ _-]?)?"
    r"(?:name|author|company|brand|date|city|country|address|phone|e-?mail|number|location|organi[sz]ation)|(?:您的|你的)?(?:姓名|名称|名字|作者|公司"
    r"|日期|地址|电话|城市|数字|插入[\u3400-\u9fff]{0,8})) ?\}\}"
    r"|\[insert (?!into\b)[^\]@\n]{1,40}\](?!\()|<insert[ _][^<>\n]{1,40}>"
    r"|【(?:此处|请在此|请填|插入)[^】\n]{0,20}】",
    re.IGNORECASE,
)
"""Text to be filled in that is named after what a person is to put there."""
_ABOUT_SLOTS = re.compile(
    r"\b(?:vue|angular|react|svelte|jinja\d?|django|flask|handlebars|mustache|liquid|helm|ansible|anki"
    r"|hugo|wiki\w*|mailchimp|hubspot|braces?|brackets?|interpolat\w*|syntax|variables?|render\w*"
    r"|merge (?:tags?|fields?)|placeholders?|sql|fill(?:ed)? in|replaced (?:by|with))\b"
    r"|变量|大括号|花括号|语法|渲染|占位|替换|填空",
    re.IGNORECASE,
)
"""Words beside which a slot is what an answer speaks of."""
_TO_DO = re.compile(
    r"\[(?:TODO|FIXME)\b[^\]\n]{0,60}\](?!\()"
    r"|[（(【\[](?:此处|以下|内容)?(?:待补充|待完善|待填写|待添加|待续写)[^）)】\]\n]{0,12}[）)】\]]"
)
"""A note to the one who was to go on writing."""
_ABOUT_NOTES = re.compile(
    r"\bto-?\s?do\b|fixme|\btasks?\b|check-?list|comment|待|清单|任务|注释", re.IGNORECASE
)
_TEMPLATE = re.compile(
    r"\b(?:letter|e-?mail|template|forms?\b|agreement|brochure|polic(?:y|ies)\b|sample|draft|invit|contract"
    r"|memos?\b|resume|cv\b|cover|messag|script|press\b|announcement|statement|speech|introduc|apolog"
    r"|application|proposal|invoice|agenda|notes?\b|ads?\b|advert|posts?\b|posting|poster|dialog|conversation"
    r"|codes?\b|coding|regex|blanks?\b|placeholder|review|request|complain|greeting)"
    r"|(?<![相自迷确坚威诚微通可守失亲])信(?![息心任念仰用号誉])|邮件|模板|表格|合同|简历|通知|邀请|申请|声明"
    r"|演讲|介绍|道歉|稿|函(?!数)|消息|回复|填空|占位|代码|协议|范文|样本|草稿",
    re.IGNORECASE,
)


def garbled(text: str, question: str = "") -> Remark | None:
    """Return where a text was first decoded wrongly, strewn with signs or spaced wrongly.

    >>> garbled("It's a caf\u00c3\u00a9.").reason
    'decoded wrongly'
    >>> garbled("Un café, déjà vu à l’été.") is None
    True
    """
    text = text[:READ]
    if not text.isascii():
        if found := _UNDECODED.search(text):
            return Remark(*found.span(), "characters that could not be decoded", 0.9)
        for found in _LATIN_RUN.finditer(text):
            french = _WORD_END.fullmatch(found.group())
            if not french and _was_utf8(found.group(), ("cp1252", "latin-1")):
                return Remark(*found.span(), "decoded wrongly", 0.9)
        pairs = list(_LATIN_PAIR.finditer(text))
        if len({each.group() for each in pairs}) >= _LATIN_PAIRS:
            return Remark(*pairs[0].span(), "decoded wrongly", 0.9)
        if found := _QUOTE_AS_HAN.search(text):
            return Remark(*found.span(), "decoded wrongly", 0.9)
        for found in _HAN_RUN.finditer(text) if _HAN_AS_UTF8.search(text) else ():
            if _was_utf8(found.group(), ("gb18030",)):
                return Remark(*found.span(), "decoded wrongly", 0.9)
    strewn = first_stray_sign(text[:4_000])
    if strewn:
        return Remark(*strewn, "strewn with signs", 0.7)
    return wrong_spacing(text[:4_000], question)


def _was_utf8(run: str, encodings: tuple[str, ...]) -> bool:
    """Return whether a run of characters is UTF-8 that was read in one of some encodings."""
    for encoding in encodings:
        text = _longest_utf8(_written(run, encoding))
        han = len(_HAN.findall(text))
        # two-byte UTF-8 is frequent in GBK by chance, three-byte Chinese is not
        if text and (encoding != "gb18030" or (han >= 3 and han * 2 > len(text))):
            return True
    return False


def _written(run: str, encoding: str) -> bytes:
    """Return the bytes of a run, of what an encoding lacks its code; none where that is none."""
    try:
        return run.encode(encoding)
    except UnicodeEncodeError:
        pass
    raw = bytearray()
    for character in run:
        try:
            raw += character.encode(encoding)
        except UnicodeEncodeError:
            if ord(character) > 0xFF:
                return b""
            raw.append(ord(character))
    return bytes(raw)


def _longest_utf8(raw: bytes) -> str:
    """Return what bytes say in UTF-8, "" where they are not UTF-8 (an end cut off is let pass)."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(raw) - 3:
            return ""
        text = raw[: error.start].decode("utf-8")
    return "" if text.isascii() else text


def leftovers(answer: str, question: str = "") -> Remark | None:
    r"""Return markup, a token or another role's turn that no one asked for.

    >>> leftovers("It is late.\n\nHuman: And now?").reason
    'another role speaks'
    >>> leftovers("Rain falls.<br>Snow too.", "What falls?").reason
    'markup'
    """
    text = answer[:READ]
    if tokens := special_tokens(text):
        place, token = tokens[0]
        if token not in question and not (token == "<s>" and _ASKS_FOR_HTML.search(question)):
            return Remark(place, place + len(token), "a special token", 0.8)
    prose = _without_code(text)
    if "<" in prose or "&" in prose:
        marks = list(_HTML.finditer(_without_table_breaks(prose)))
        plain = marks and not prose.lstrip().startswith(("<!", "<html"))
        bold = _ASKS_FOR_BOLD.search(question[:READ])
        bold = bold and all(_BOLD.fullmatch(each.group()) for each in marks)
        if plain and not bold and not _ASKS_FOR_HTML.search(question[:READ]):
            return Remark(*marks[0].span(), "markup", 0.7 if len(marks) > 1 else 0.6)
    if (":" in prose or "：" in prose) and not _SPEAKERS.search(question[:READ]):
        for found in _ROLE.finditer(prose):
            name = re.sub(r"[\W_]", "", found.group()).casefold()
            if found.start() and name in _TURNS:
                return Remark(*found.span(), "another role speaks", 0.8)
            asked = len(name) > 1 and name in question[:READ].casefold()
            if not prose[: found.start()].strip() and not asked and not _FORM.search(question):
                return Remark(*found.span(), "a role in front", 0.5)
    return tool_traces(prose, question[:READ])


def _without_table_breaks(text: str) -> str:
    """Return a text without `<br>` in the lines of a table, which have no other line breaks."""
    if "|" not in text or "<br" not in text.lower():
        return text
    return _TABLE_LINE.sub(lambda line: _BREAK.sub(blank, line.group()), text)


def _without_code(text: str) -> str:
    """Return a text with spaces in place of code between backquotes."""
    return text if "`" not in text else re.sub(_CODE, blank, text)


def placeholder(answer: str, question: str = "") -> Remark | None:
    """Return the first text to be filled in; sure where it is filler, weak where it may be meant.

    >>> placeholder("Lorem ipsum dolor sit amet.").score
    0.9
    >>> placeholder("I am {{name}}, an assistant.", "Who are you?").score
    0.6
    >>> placeholder("Dear [Your Name],", "Write a letter").score
    0.2
    """
    text = answer[:READ]
    if (found := _LOREM.search(text)) and not re.search(
        r"lorem|placeholder|dummy|filler", question, re.I
    ):
        return Remark(*found.span(), "filler text", 0.9)
    asked = _TEMPLATE.search(
        f"{question[:_INSTRUCTION]}\n{question[_INSTRUCTION:][-_INSTRUCTION:]}"
    )
    if left := None if asked else _left_open(_without_code(text), question):
        return left
    found = _PLACEHOLDER.search(text)
    if found is None or found.group() in question:
        return None
    return Remark(*found.span(), f"to be filled in: {found.group()[:30]}", 0.2 if asked else 0.4)


def _left_open(prose: str, question: str) -> Remark | None:
    """Return a slot, a note to the writer or blanked numbers, where no template was asked for."""
    for pattern, speaks in ((_SLOT, _ABOUT_SLOTS), (_TO_DO, _ABOUT_NOTES)):
        found = pattern.search(prose)
        if found is None or found.group().strip() in question or speaks.search(question):
            continue
        if pattern is _TO_DO or not speaks.search(pattern.sub(" ", prose)):
            return Remark(*found.span(), f"to be filled in: {found.group()[:30]}", 0.6)
    if place := blanked_number(prose, question):
        return Remark(*place, f"to be filled in: {prose[slice(*place)][:30]}", 0.6)
    return None
