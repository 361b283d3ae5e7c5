r"""Which rules can find a flaw in which rows: read off whole columns in compiled code.

A clean row is the rule, so each rule has a condition that holds wherever it finds something and is
cheap to test; only rows that meet one are read in Python (`flaw_rules`). A
condition may let clean rows through, never keep a flawed one back. One exception: an answer is
compared with its question by similarity only if neither is twice as long as the other.

Signs are written out where Rust and Python mean another thing by `\s`, `\w` or `\b`.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import or_
from typing import Final

import polars as pl

from goldleaf.curation.answer_checks.appended_row import INSTRUCTION
from goldleaf.curation.answer_checks.damaged_text import HAN_AS_UTF8
from goldleaf.curation.answer_checks.spacing import GLUED

RULES: Final = (
    "missing_input",
    "nothing_said",
    "no_answer",
    "echo",
    "wrong_language",
    "repetition",
    "garbled",
    "leftovers",
    "placeholder",
    "cut_off",
    "parsed",
)
"""Rules by name, in the order of their bits."""
SPACES: Final = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What Python strips."""

_FILLED = 0.5
"""Least share of the longer text that the shorter has, where the two are nearly equal."""
_NO_INPUT = (
    "context", "passage", "article", "paragraph", "document", "data", "text", "输入", "上下文",
    "背景", "原文", "文本", "句子", "文章", "段落", "内容", "数据", "input", "n/a", "none",
    "null", "nil", "not applicable", "empty", "undefined", "无", "没有", "空", "不需要",
)  # fmt: skip
_POINTS = (
    "following", "given", "above", "below", "provided", "attached", "underlined", "highlighted",
    "this text", "this passage", "this paragraph", "this article", "this sentence", "this excerpt",
    "this tweet", "this snippet", "以下", "下面", "下列", "给定", "所给", "提供",
)  # fmt: skip
_BEFORE = r"\A[^a-z\x{3400}-\x{9fff}]*"
"""What may stand in front of the first word, matched without regard to letter case."""
_OPENS = (
    rf"(?i){_BEFORE}(?:sure|certainly|of course|ok|absolutely|great|no|alright|happy|glad|delighted"
    r"|let me|here|below|the following|answer|output|response|result|as an? |i(?: |['’]| ?a?m)"
    r"|sorry|apologi|but|could|can|would|please|unfortunately|there|you|do |do['n’]|did|don|cannot"
    r"|当然|好|没|很|希望|以下|下面|如下|这里|回答|答案|输出|结果|作为|身为|我|抱歉|对不起|您|你|并|未|请"
    r"|麻烦|能否|不)"
)
_SAYS_NOTHING = rf"(?i){_BEFORE}(?:no[^a-z]{{0,3}}(?:output|answer|response)|无|没有)"
_EDITS = (
    "rewrite", "re-write", "edit", "correct", "fix", "proofread", "grammar", "punctuat",
    "capitali", "spell", "format", "sort", "order", "arrange", "extract", "find", "select",
    "choose", "identify", "which", "pick", "copy", "repeat", "quote", "translate", "paraphras",
    "replace", "remove", "delete", "add", "insert", "convert", "transform", "change", "complete",
    "fill", "continue", "simplif", "reword", "restate", "rephrase", "summar", "shorten", "error",
    "mistake", "improve", "revise", "modify", "reverse", "title", "split", "改", "修", "翻译",
)  # fmt: skip
"""Words of `repeated_text.echo` that let an answer be like its question."""
_ENGLISH = tuple("the of and to is are was with for that this it you your have from by".split())
_ENGLISH_TEXT = r"[^\x00-\x7f\x{2010}-\x{2027}\x{2030}-\x{205e}\x{20a0}-\x{20bf}\x{a3}\x{b0}]"
"""What a text in plain English does not hold."""
_EIGHT_WORDS = r"(?s)(?:[a-z]{2}.*?[^a-z].*?){7}[a-z]{2}"
_ENGLISH_WORD = rf"(?i-u:(?:\A|[ \n])(?:{'|'.join(_ENGLISH)})(?:\z|[ \n]))"
_NO_CHINESE = (
    r"[`$\\<>;{}=@\t\x{b7}\x{300}-\x{36f}\x{3041}-\x{30ff}\x{31f0}-\x{31ff}]|    |https?:"
    r"|[:()*]\s*\n|[:()*]\s*\z|[\x{370}-\x{1fff}\x{a000}-\x{d7ff}\x{fb00}-\x{fdff}\x{fe70}-\x{fefe}"
    r"\x{10000}-\x{10ffff}]"
)
"""Code, addresses, and letters that are neither Latin nor Chinese."""
_LATIN_RUN = r"[A-Za-z\x{c0}-\x{24f}\x{1e00}-\x{1eff}]+"
_UNDECODED = ("锟斤拷", "烫烫烫", "屯屯屯", "\ufffd", "\u9225")
_LATIN_AS_UTF8 = (
    r"[\x{c2}-\x{f4}][\x{80}-\x{bf}\x{152}\x{153}\x{160}\x{161}\x{178}\x{17d}\x{17e}\x{192}\x{2c6}"
    r"\x{2dc}\x{2013}-\x{2122}\x{20ac}]"
)
"""A letter that is the first byte of a character in UTF-8, and one that is a later byte."""
_SIGNS = r"(?s)(?:[a-z][#@$%^*~|\\<>{}\[\]].*?){3}|(?:[\x{3400}-\x{9fff}][#@$%^*~|\\<>].*?){3}"
# The signs of `strewn_signs`, as Rust writes them.
_RARE = (
    r"#$&*+=@^|~\x{a2}-\x{a8}\x{ac}\x{af}-\x{b1}\x{b4}\x{b6}\x{b8}\x{d7}\x{f7}"
    r"\x{2020}-\x{2022}\x{2030}\x{20a0}-\x{20bf}"
)
_STRAY = (
    rf"(?s)(?:(?:[A-Za-z\x{{c0}}-\x{{24f}}][{_RARE}!?;%\",:()<>{{}}\[\]\x{{201c}}\x{{201d}}]{{1,2}}"
    rf"[A-Za-z\x{{c0}}-\x{{24f}}]|[{_RARE}!?;%][a-z]{{2}}|[a-z]{{2}}[{_RARE}]"
    rf"|[\x{{3400}}-\x{{9fff}}，。、；！？][{_RARE}!?;%]).*?){{2}}"
)
"""Signs where `strewn_signs` counts them, twice."""
_LEFT_OVER = (
    r"(?i)[<\[&`]|^[ \t]*(?:#{1,4} ?|\*\*)?(?:human|user|assistant|instruction|system|input"
    r"|response|output|人类|用户|助手|指令|问|答|输入|输出|系统)(?:\*\*|\|?>)?[ \t]?[:：]"
)
_SPACING = (
    r"[A-Za-z]{24}|(?:[\x{3400}-\x{9fff}，。、；：！？“”《》（）][ \x{3000}]){12}"
    rf"|(?:[A-Za-z,.;:!?'\"()-] {{1,3}}){{20}}|{GLUED}"
)
"""Too few spaces, or too many."""
_TRACES = (
    "citation", "†", "oaicite", "[^", "copy code", "regenerate", "stop generating", "复制代码",
    "重新生成", "停止生成", "rights reserved", "copyright ©", "copyright (c)", "share this",
    "share on", "read more",
    "subscribe to", "leave a ", "posted in", "版权", "转载", "公众号", "阅读原文", "扫码", "点击",
    "answer:", "长按", "分享到", "责任编辑", "think>", "thinking>", "\\n", "\\r", "\\u",
    "answer：", "answer**:", "answer**：", "答案：", "答案:", "回答：", "回答:", "解答：",
    "解答:", "答案**：", "答案**:", "回答**：", "回答**:", "解答**：", "解答**:",
)  # fmt: skip
"""Words of what `tool_traces` finds."""
_TO_FILL_IN = r"(?i)\[[a-z您你姓日公]|\{\{|<insert|<your|【|lorem ipsum|dolor sit|consectetur"
_OPEN_SLOTS = (
    "{{", "[todo", "[fixme", "##", "xx", "待补充", "待完善", "待填写", "待添加", "待续写",
)  # fmt: skip
"""Words of text to be filled in."""
_EMPTY_ITEM = r"(?m)^[ \t]*(?:[-*•]|\(?[0-9]{1,2}[.)、])[ \t]*$"
_WHOLE = r"(?:[A-Za-z\x{3400}-\x{9fff}]{2}|[0-9]{3})[.!?。！？…~～;；][\"'”’)\]）】》」*_`]*\z"
"""An end that is neither cut off nor the mark of an empty item."""
_CODE = r"(?i)\A(?:[{\[]|SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP)"


def with_rules(records: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that some rule must read, with what it reads.

    Args:
        records: columns `row`, `kind`, `question`, `answer`, `structured` (`RECORDS`).

    Returns:
        The same columns, texts not null, and `rules`: a sum of bits in the order of `RULES`.
    """
    rows = records.select(
        "row",
        pl.col("kind"),
        pl.col("question").fill_null(""),
        pl.col("answer").fill_null(""),
        pl.col("structured").fill_null(False),
    ).filter((pl.col("answer") != "") | (pl.col("kind") == "demonstration"))
    return _with_bits(rows).filter(pl.col("rules") > 0)


@lru_cache(maxsize=1 << len(RULES))
def rules_of(bits: int) -> frozenset[str]:
    """Return the names of rules whose bits are set."""
    return frozenset(name for place, name in enumerate(RULES) if bits >> place & 1)


def _with_bits(rows: pl.DataFrame) -> pl.DataFrame:
    given = rows.with_columns(
        _question=pl.col("question").str.strip_chars(SPACES),
        _answer=pl.col("answer").str.strip_chars(SPACES),
    ).with_columns(
        _asked=pl.col("_question").str.len_bytes(),
        _said=pl.col("_answer").str.len_bytes(),
    )
    prose = ~pl.col("structured")
    found = {
        "missing_input": _missing_input(),
        "nothing_said": _nothing_said(),
        "no_answer": prose & (pl.col("_said") <= 1_600) & pl.col("_answer").str.contains(_OPENS),
        "echo": prose & _echo(),
        "wrong_language": prose & _wrong_language(),
        "repetition": prose & (pl.col("_said") >= 12),
        "garbled": prose & _garbled(),
        "leftovers": prose
        & (
            pl.col("answer").str.contains(f"(?m){_LEFT_OVER}")
            | _has(pl.col("answer"), _TRACES)
            | pl.col("answer").str.contains(rf"\n\n(?:{INSTRUCTION})\n\n")
        ),
        "placeholder": prose
        & (pl.col("answer").str.contains(_TO_FILL_IN) | _has(pl.col("answer"), _OPEN_SLOTS)),
        "cut_off": prose & _cut_off(),
        "parsed": may_be_parsed(),
    }
    bits = [found[name].cast(pl.UInt16) * (1 << place) for place, name in enumerate(RULES)]
    marked = given.with_columns(rules=reduce(or_, bits))
    return marked.select("row", "question", "answer", "structured", "rules")


def _has(text: pl.Expr, words: tuple[str, ...]) -> pl.Expr:
    return text.str.contains_any(list(words), ascii_case_insensitive=True)


def _missing_input() -> pl.Expr:
    question = pl.col("_question")
    last = question.str.contains("\n", literal=True) & _has(question.str.tail(64), _NO_INPUT)
    marked = question.str.contains(r"(?i)[<\[(（【](?:no[^a-z]{0,3}input|无输入|没有输入)")
    points = (pl.col("_asked") <= 640) & _has(question, _POINTS)
    return last | marked | (points & ~question.str.contains("\n", literal=True))


def _nothing_said() -> pl.Expr:
    short = pl.col("_answer").str.len_chars() <= 80
    return short | pl.col("_answer").str.contains(_SAYS_NOTHING)


def _echo() -> pl.Expr:
    """Return where two texts begin alike, or are about as long and no one asked for an edit."""
    question, answer = pl.col("_question"), pl.col("_answer")
    first = r"([\w\x{b2}\x{b3}\x{b9}\x{bc}-\x{be}]{1,4})"
    alike = answer.str.extract(first).str.to_lowercase() == (
        question.str.extract(first).str.to_lowercase()
    )
    size = pl.col("_said") * 1.0 / (pl.col("_asked") + 1)
    near = (pl.col("_said") >= 24) & (size >= _FILLED) & (size <= 1 / _FILLED)
    return alike.fill_null(False) | (near & ~_has(question.str.head(2_000), _EDITS))


def _wrong_language() -> pl.Expr:
    question, answer = pl.col("question"), pl.col("answer")
    start = answer.str.head(1_500)
    words = [start.str.contains(f" {word} ", literal=True).cast(pl.UInt8) for word in _ENGLISH]
    fewer_words = (answer.str.len_bytes() < 400) & ~answer.str.contains(_EIGHT_WORDS)
    enough = question.str.contains(_ENGLISH_WORD) & (pl.sum_horizontal(words) >= 3)
    english = (
        ~question.str.contains(_ENGLISH_TEXT)
        & ~answer.str.contains(_ENGLISH_TEXT)
        & ~start.str.contains("`", literal=True)
        & (enough | fewer_words)
    )
    not_ascii = answer.str.len_bytes() > answer.str.len_chars()
    start = pl.when(not_ascii).then(answer.str.head(2_000))
    latin = start.str.count_matches(_LATIN_RUN)
    chinese = (
        (3 * start.str.count_matches(r"[\x{4e00}-\x{9fff}]{3}") > latin)
        & ~start.str.contains(_NO_CHINESE)
        & question.str.head(4_000).str.contains(r"(?s)(?:[\x{3400}-\x{9fff}].*?){4}")
    )
    return ~english & ~chinese.fill_null(False)


def _garbled() -> pl.Expr:
    answer = pl.col("answer")
    not_ascii = answer.str.len_bytes() != answer.str.len_chars()
    wrong = _has(answer, _UNDECODED) | answer.str.contains(f"{_LATIN_AS_UTF8}|{HAN_AS_UTF8}")
    return (not_ascii & wrong) | answer.str.contains(f"{_SIGNS}|{_STRAY}|{_SPACING}")


def _cut_off() -> pl.Expr:
    fenced = pl.col("answer").str.contains("```", literal=True)
    items = pl.col("answer").str.contains(_EMPTY_ITEM)
    return fenced | items | ~pl.col("_answer").str.contains(_WHOLE)


def may_be_parsed() -> pl.Expr:
    """Return where a parser can find something to read, of columns `question` and `answer`."""
    fenced = pl.col("answer").str.contains("```", literal=True)
    python = pl.col("question").str.contains("(?i)python")
    return fenced | python | pl.col("answer").str.strip_chars(SPACES).str.contains(_CODE)
