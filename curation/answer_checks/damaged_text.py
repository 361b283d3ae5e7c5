"""Damage that tools leave in a text: wrong decoding, markup, roles, tokens, text to be filled in.

Mojibake is found by undoing it: characters outside ASCII that, written in the wrong encoding, are
valid UTF-8 came from there (the idea of ftfy, https://ftfy.readthedocs.io). Text of another
language almost never is.
"""

from __future__ import annotations

import re
from typing import Final

from goldleaf.curation.answer_checks.empty_answers import Remark
from goldleaf.curation.answer_checks.strewn_signs import blank, first_stray_sign
from goldleaf.curation.texts.special_tokens import special_tokens

READ: Final = 200_000
"""Characters that are read."""

_UNDECODED = re.compile("锟斤拷|烫烫烫|屯屯屯|\ufffd")
_LATIN_RUN = re.compile("[\u0080-\u024f\u2013-\u2122\u02c6\u02dc\u20ac]{2,400}")
_HAN_RUN = re.compile("[\u3400-\u9fff\u20ac\u3000-\u303f\ue000-\uf8ff]{3,400}")
_HAN = re.compile("[\u3400-\u9fff]")
_UTF8_HAN = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}(?:[^\x80-\xbf]|\Z)", re.DOTALL)
"""A Chinese character in UTF-8, and what may follow it; text that is really Chinese has few."""
_HTML = re.compile(
    r"</?(?:p|div|span|br|b|i|u|em|strong|font|table|t[rdh]|tbody|ul|ol|li|h[1-6]|a|img|hr|body|html"
    r"|head|section|article|script|style|sup|sub|center|blockquote)\b[^<>\n]{0,200}>"
    r"|&(?:amp|lt|gt|quot|nbsp|apos|#\d{2,5}|#x[0-9a-f]{2,5}|mdash|ndash|hellip|[lr]squo|[lr]dquo);",
    re.IGNORECASE,
)
_ASKS_FOR_HTML = re.compile(
    r"html|xml|css|web|page|site|tags?\b|code|program|script|markup|javascript|jsx|react|form\b|svg"
    r"|element|button|template|escape|entit|website|browser|网页|网站|代码|标签|程序|脚本|页面|<\w",
    re.IGNORECASE,
)
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
_TEMPLATE = re.compile(
    r"letter|e-?mail|template|form\b|invit|contract|memo|resume|cv\b|cover|message|script|press"
    r"|announcement|statement|speech|introduc|apolog|application|proposal|invoice|agenda|note\b|ad\b"
    r"|advert|post|dialog|conversation|code|regex|blank|placeholder|review|request|complain|greeting"
    r"|信|邮件|模板|表格|合同|简历|通知|邀请|申请|声明|演讲|介绍|道歉|稿|函|消息|回复|填空|占位|代码",
    re.IGNORECASE,
)


def garbled(text: str) -> Remark | None:
    """Return the first place where a text was decoded wrongly or is strewn with characters.

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
            if _was_utf8(found.group(), ("cp1252", "latin-1")):
                return Remark(*found.span(), "decoded wrongly", 0.9)
        read_as = text.encode("gb18030", "ignore")
        for found in _HAN_RUN.finditer(text) if _UTF8_HAN.search(read_as) else ():
            if _was_utf8(found.group(), ("gb18030",)):
                return Remark(*found.span(), "decoded wrongly", 0.9)
    strewn = first_stray_sign(text[:4_000])
    return Remark(*strewn, "strewn with signs", 0.7) if strewn else None


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
    prose = (
        text if "`" not in text else re.sub(r"```.*?(?:```|\Z)|`[^`\n]*`", blank, text, flags=re.S)
    )
    if "<" in prose or "&" in prose:
        marks = [found for found in _HTML.finditer(prose)]
        plain = marks and not prose.lstrip().startswith(("<!", "<html"))
        if plain and not _ASKS_FOR_HTML.search(question[:READ]):
            return Remark(*marks[0].span(), "markup", 0.7 if len(marks) > 1 else 0.6)
    if (":" in prose or "：" in prose) and not _SPEAKERS.search(question[:READ]):
        for found in _ROLE.finditer(prose):
            name = re.sub(r"[\W_]", "", found.group()).casefold()
            if found.start() and name in _TURNS:
                return Remark(*found.span(), "another role speaks", 0.8)
            if not prose[: found.start()].strip() and not _FORM.search(question):
                return Remark(*found.span(), "a role in front", 0.5)
    return None


def placeholder(answer: str, question: str = "") -> Remark | None:
    """Return the first text to be filled in; sure where it is filler, weak where it may be meant.

    >>> placeholder("Lorem ipsum dolor sit amet.").score
    0.9
    >>> placeholder("Dear [Your Name],", "Write a letter").score
    0.2
    """
    text = answer[:READ]
    if (found := _LOREM.search(text)) and not re.search(
        r"lorem|placeholder|dummy|filler", question, re.I
    ):
        return Remark(*found.span(), "filler text", 0.9)
    found = _PLACEHOLDER.search(text)
    if found is None or found.group() in question:
        return None
    asked = _TEMPLATE.search(question[:READ])
    return Remark(*found.span(), f"to be filled in: {found.group()[:30]}", 0.2 if asked else 0.4)
