"""Are the numbers of a text blanked: "founded in XX, with ### people", "XX. Boil the water".

Signs in place of a name ("XX公司", "Mr. XX") are how people leave one out, XX is a Roman number
too, and ### a heading: so what stands around the signs must speak of a number. Where a text has no
digit left, less is enough.
"""

from __future__ import annotations

import re

_UNITS = (
    r"km|kg|cm|mm|percent|degrees?|met(?:er|re)s?|miles?|feet|years?|months?|days?|hours?|minutes?"
    r"|people|million|billion|dollars?|times"
)
_ZH_UNITS = "年|月|日|人|米|公里|千克|公斤|元|岁|度|万|亿|小时|分钟|个|次|倍|种"
_MORE_UNITS = (
    r"\s?(?:weeks?|seconds?|square|cubic|inch(?:es)?|tons?|pounds?|grams?|cups?|points?|goals?"
    r"|seasons?|members?|states?|countries|species|story|stories|trillion|thousand|hundred|centur)"
    r"|\s?(?:天|周|秒|克|毫升|升|吨|英里|英尺|英寸|厘米|毫米|千米|平方|立方|世纪|级|千|百|碗|杯|把|汤匙|茶匙|枝|支|本|套|岁以|多)"
)
_SURE = re.compile(
    r"(?:(?<=[^\s#] )|(?<=[$€£¥(（:：~–/])|(?<=[\u3400-\u9fff，。、]))#{2,6}"
    r"(?=[%°–/'’]|-[a-z]|[.,:;)）]?(?:\s|\Z)|[\u3400-\u9fff，。、；：]|(?:th|st|nd|rd|s|km|kg|cm|m|am|pm)\b)"
    r"|^#{2,6}(?=[.)、）] ?\w)"
    rf"|(?<=[$€£¥])X{{2,6}}\b|(?<![A-Za-z\d+-])X{{2,6}}(?=%|°|\s?(?:{_UNITS})\b|\s?(?:{_ZH_UNITS}))",
    re.MULTILINE,
)
"""Signs in place of a number; two X alone are a Roman one, a size, a chromosome or a card."""
_SIGN = r"(?<![A-Za-z#])(?:X{2,6}|#{3,6})(?![A-Za-z#])"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_WITHOUT_DIGITS = re.compile(
    rf"^[ \t>*-]{{0,6}}{_SIGN}(?=[.)、）：:] ?\S|--)"
    r"|(?<![A-Za-z#])(?:X{2,6}|#{3,6})(?:th|st|nd|rd|s)\b"
    rf"|{_SIGN}(?=\s?[=+×÷*^≈%°]|[-–:/.,，、|] ?{_SIGN}|{_MORE_UNITS}|\s?(?:{_UNITS})\b)"
    rf"|{_SIGN}(?=\s?(?:{_ZH_UNITS}))"
    rf"|(?<=[=+×÷*^≈<>])\s?{_SIGN}|(?<=[为于约到至达共，]) ?{_SIGN}(?=[\s，。、；]|\Z)"
    rf"|\b(?:[a-z]{{1,14}}|Year|Step|No\.|Op\.) {_SIGN}"
    rf"|\b(?:{_MONTHS}) {_SIGN}|(?:(?<=XX, )|(?<=##, )){_SIGN}|(?<=[a-z],){_SIGN}(?=\s*$)"
    rf"|[(（]{_SIGN}(?=[)）])|第{_SIGN}",
    re.MULTILINE,
)
"""Signs where a text may have a number, believed where it has no digit."""
_NO_NUMERAL = re.compile(
    rf"(?<![A-Za-z])X{{2,6}}(?:th|st|nd|rd)\b|\b(?:{_MONTHS}) {_SIGN}|(?<=XX, ){_SIGN}"
)
"""Signs that are no Roman number, whatever stands beside them."""
_ABOUT_HASHES = re.compile(
    r"excel|spreadsheet|\bcells?\b|column|markdown|heading|hash|\bformat|mask|phone|digits?\b"
    r"|number sign|pound sign|表格|单元格|标题|格式|隐藏|号码",
    re.IGNORECASE,
)
_ABOUT_ROMAN = re.compile(
    r"mask|phone|digits?\b|\bromans?\b|numeral|chromosome|\bXY\b|\bkiss|\bhugs?\b|brochure"
    r"|\bcentury XX\b|隐藏|号码|罗马|染色体",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"\b(?!I\b)[IVX]*[IV][IVX]*\b|\bX\b")
"""A Roman number beside the signs."""


def blanked_number(text: str, question: str) -> tuple[int, int] | None:
    """Return where the first of two numbers or more is blanked, None where none seems to be.

    >>> blanked_number("It is ### metres high and ### metres wide.", "How large is it?")
    (6, 9)
    >>> blanked_number("The popes John XX and Leo X.", "Which popes?") is None
    True
    """
    if "XX" not in text and "##" not in text:
        return None
    marks = list(_SURE.finditer(text))
    if len(marks) < 2 and not re.search(r"[0-9]", text):
        believed = _NO_NUMERAL if _NUMERAL.search(text) else _WITHOUT_DIGITS
        marks = list(believed.finditer(text))
    if len(marks) < 2 or re.search(r"(?<![A-Za-z])X{2,6}(?![A-Za-z])|#{2,6}", question):
        return None
    about = _ABOUT_HASHES if "#" in marks[0].group() else _ABOUT_ROMAN
    return None if about.search(question) or about.search(text) else marks[0].span()
