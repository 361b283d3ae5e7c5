"""Answers that repeat themselves or the question.

A refrain, a list of alike lines and a table are no repetition: what counts is an answer that comes
twice as a whole, and a loop, the same words or sentences again and again, as models fall into.
"""

from __future__ import annotations

import re
from collections import Counter
from operator import eq
from typing import Final

from goldleaf.curation.answer_checks.empty_answers import Remark

READ: Final = 50_000
"""Characters that are read."""
_LOOP: Final = 6
"""The same word so often in a row is a loop."""
_PIECE = re.compile(r"\S{1,60}")
_HAN_LOOP = re.compile(r"([\u3400-\u9fff]{2,12})\1{5,}")
_SENTENCE = re.compile(r"[^.!?。！？\n]{1,2000}[.!?。！？]*")
_SIGN = re.compile(r"[`^=<>{}\[\]\\$*+|]")
_CODE = re.compile(r"[=<>{}]|\w\(")
"""What a line of code has, which may well stand there twice."""
_CELL = re.compile(r"[^\W\d_]|[0-9]{1,4}|\W{1,3}|true|false", re.IGNORECASE)
"""What stands in one cell of a truth table, a board, a matrix."""
_MARKUP_CLOSED = re.compile(r"</[a-z]{1,10}[0-9]?>\s*(?:```\s*)?\Z", re.IGNORECASE)
_VERSE = re.compile(
    r"song|lyric|poem|chorus|refrain|repeat|rap\b|chant|haiku|verse|mantra|times|twice|cheer\b|loop|pattern|print"
    r"|rhyme|jingle|lullaby|歌|曲|诗|重复|循环|遍|次",
    re.IGNORECASE,
)
_EDITS = re.compile(
    r"rewrite|re-write|classif|categor|label|group|edit|correct|fix|proofread|grammar|punctuat|capitali|spell|format|sort|order"
    r"|arrange|extract|find|select|choose|identify|which|pick|copy|repeat|quote|translate|paraphras"
    r"|replace|remove|delete|add|insert|convert|transform|change|complete|fill|continue|simplif|reword"
    r"|restate|rephrase|summar|shorten|error|mistake|improve|revise|modify|change|reverse|title|split"
    r"|改|修|纠正|语法|标点|翻译|排序|排列|提取|选择|复制|重复|引用|替换|删除|添加|插入|转换|续写|补全|完成|重写|润色|缩短"
    r"|格式|检查|错误|找出|哪|断句|总结|概括",
    re.IGNORECASE,
)


def repetition(answer: str, question: str = "") -> Remark | None:
    """Return where an answer comes again as a whole, or falls into a loop.

    >>> repetition("Water boils at 100 degrees. Water boils at 100 degrees.").reason
    'the whole answer comes twice'
    >>> repetition("I think that that is fine.") is None
    True
    """
    text = answer[:READ]
    found = _doubled(text) or _word_loop(text) or _tail_loop(text) or _sentence_loop(text)
    if found is None or _VERSE.search(question[:2_000]) or _is_grid(text):
        return None
    closed = _MARKUP_CLOSED.search(text) and "<" in text[found.start : found.end]
    return None if closed else found  # a loop that a model falls into closes no table


def _is_grid(text: str) -> bool:
    """Return whether a text is a grid: most of its lines have the same places, of few signs each.

    The places of a line are cells, as of a truth table, or its characters, as of a board.
    """
    lines = [each.split() for each in text.split("\n") if each.strip()]
    cells = Counter(
        len(cells) for cells in lines if len(cells) >= 3 and all(map(_CELL.fullmatch, cells))
    )
    signs = Counter(
        len("".join(cells)) for cells in lines if not any(map(str.isalpha, "".join(cells)))
    )
    alike = max([*cells.values(), *signs.values()], default=0)
    return alike >= 3 and alike * 4 >= len(lines) * 3


def _doubled(text: str) -> Remark | None:
    """Return the second half of a text that says the same twice or more, apart from spaces."""
    tight = "".join(text.split())
    size = len(tight)
    if size < 24:
        return None
    head = tight[: min(20, size // 3)]
    start = 1
    for _ in range(8):
        start = tight.find(head, start)
        if start < 0 or start > size * 0.55:
            return None
        if start >= 10 and tight[start:] == tight[: size - start]:
            # the place in the text with its spaces
            seen = 0
            for place, character in enumerate(text):
                seen += not character.isspace()
                if seen > start:
                    return Remark(place, len(text), "the whole answer comes twice", 0.9)
        start += 1
    return None


def _word_loop(text: str) -> Remark | None:
    """Return a word, or a phrase of up to four, that follows upon itself many times."""
    plain = text.casefold().split()
    if max(map(len, plain), default=0) > 60:
        plain = _PIECE.findall(text.casefold())
    words: list[tuple[str, int]] = []
    for size in (1, 2, 3, 4) if len(plain) - len(set(plain)) >= _LOOP else ():
        if sum(map(eq, plain, plain[size:])) < _LOOP * size:
            continue  # passed over in compiled code: most texts never come to the loop below
        words = words or [(each.group().casefold(), each.start()) for each in _PIECE.finditer(text)]
        run = 0
        for place in range(size, len(words)):
            same = words[place][0] == words[place - size][0]
            run = run + 1 if same and any(map(str.isalpha, words[place][0])) else 0
            if run >= _LOOP * size:
                return Remark(words[place - run][1], len(text), "the same words in a loop", 0.8)
    if not text.isascii() and (found := _HAN_LOOP.search(text)):
        return Remark(*found.span(), "the same words in a loop", 0.8)
    return None


def _tail_loop(text: str) -> Remark | None:
    """Return the end of a text that is one short passage again and again."""
    end = len(text.rstrip())
    if end < 80:
        return None
    before = text.rfind(text[end - 16 : end], max(0, end - 1_000), end - 1)
    period = end - 16 - before if before >= 0 else 0
    if period < 1 or not any(map(str.isalpha, text[end - period : end])):
        return None
    size = 0
    while size + period < end and text[end - 1 - size] == text[end - 1 - size - period]:
        size += 1
    if size >= max(3 * period, 60):
        return Remark(end - size, end, "ends in a loop", 0.8)
    return None


def _sentence_loop(text: str) -> Remark | None:
    """Return the first repetition where most sentences of a text were there before."""
    if len(text) <= 2_000 and not _has_equal_sentences(text):
        return None
    counts: Counter[str] = Counter()
    first: Remark | None = None
    before, again = "", None
    repeated = total = 0
    for found in _SENTENCE.finditer(text):
        key = "".join(found.group().split()).casefold()
        if len(key) < (12 if key.isascii() else 6) or not any(map(str.isalpha, key)):
            continue
        size = len(key)
        total += size
        if key == before and size >= (24 if key.isascii() else 9):
            again = again or Remark(*found.span(), "a sentence comes twice in a row", 0.6)
        before = key
        if counts[key]:
            repeated += size
            first = first or Remark(*found.span(), "", 0.0)
        counts[key] += 1
    if first is None or total == 0:
        return None
    often = max(counts.values())
    if repeated * 2 > total and often >= 3:
        return first._replace(end=len(text), reason="the same sentences in a loop", score=0.8)
    code = _CODE.search(text, first.start, first.end)
    if repeated * 5 > total * 2 and len(counts) >= 2 and not code:
        return first._replace(end=len(text), reason="much of the answer comes twice", score=0.6)
    return again if not _SIGN.search(text) else None


def _has_equal_sentences(text: str) -> bool:
    """Return whether two sentences of a text are the same, apart from spaces and their marks."""
    text = text.casefold()
    for mark in "\n!?。！？" if not text.isascii() else "\n!?":
        text = text.replace(mark, ".")
    sentences = list(filter(None, "".join(text.split()).split(".")))
    return len(set(sentences)) < len(sentences)


def echo(answer: str, question: str) -> Remark | None:
    """Return why an answer only repeats its question.

    >>> echo("Name a colour.", "Name a colour.").reason
    'is the question'
    >>> echo("He goes home.", "Correct the grammar: He goes home.") is None
    True
    """
    said, asked = _plain(answer), _plain(question)
    size = len(said)
    if size < 8 or not asked:
        return None
    whole = Remark(0, len(answer), "is the question", 0.9)
    if said == asked:
        return whole
    line, _, rest_asked = question.strip().partition("\n")
    first = _plain(line)
    if said == first and len(first) >= 12 and not _EDITS.search(rest_asked[:2_000]):
        return whole._replace(reason="is the instruction")
    rest = size - len(asked)
    if len(asked) >= 20 and said.startswith(asked) and rest <= max(3, len(asked) // 5):
        return whole
    if _begins_with(answer, question):
        score = 0.6 if _stands_alone(answer, question) else 0.4
        return whole._replace(reason="begins with the whole question", score=score)
    if "\n" in question and _begins_with(answer, question.strip().split("\n", 1)[0]):
        score = 0.5 if _stands_alone(answer, question.strip().split("\n", 1)[0]) else 0.4
        return whole._replace(reason="begins with the whole instruction", score=score)
    if size < 24 or size * 3 < len(asked) * 2 or size >= 4_000:
        return None
    from rapidfuzz.fuzz import ratio

    # A passage given with the question may be its answer, word for word.
    given = "\n" in question.strip() or (_SIGN.search(answer) and not _SIGN.search(question))
    if given or _says_more(said, asked) or _EDITS.search(question[:2_000]):
        return None
    if ratio(said, asked, score_cutoff=92):
        return whole._replace(reason="is nearly the question", score=0.7)
    return None


def _stands_alone(answer: str, asked: str) -> bool:
    """Return whether the words that an answer begins with fill a line, as a prompt left in does.

    A sentence that goes on in the same line makes them a part of what it says.
    """
    return answer.lstrip()[len(asked.strip()) :].lstrip(" \t:：")[:1] in ("\n", "\r", "")


def _says_more(said: str, asked: str) -> bool:
    """Return whether an answer in the words of its question has a word or number of its own.

    "Rabies is a disease that..." answers; "Created a plan" for "Create a plan" does not.
    """
    known = set(asked.split())
    stems = {word[:5] for word in known}
    for word in set(said.split()) - known:
        if not word.isascii():
            if len(set(word) - set(asked)) >= 2:
                return True
        elif word.isdigit() or (
            len(word) >= 4
            and word[:5] not in stems
            and word not in ("have", "made", "here", "this")
        ):
            return True
    return False


def _begins_with(answer: str, asked: str) -> bool:
    """Return whether an answer begins with some words as they stand, their last mark included.

    "The capital of France" may begin a sentence that answers; "Where is it?" may not.
    """
    asked = asked.strip()
    long = len(asked) >= 24 and asked.count(" ") >= 4 if asked.isascii() else len(asked) >= 8
    body = answer.lstrip()
    if not long or not body.startswith(asked):
        return False
    return not asked[-1].isalnum() or body[len(asked) : len(asked) + 1] in (
        "\n",
        "\r",
        "",
        ":",
        "：",
    )


def _plain(text: str) -> str:
    """Return the letters and digits of a text in lower case, other signs as single spaces."""
    return " ".join(re.findall(r"\w+", text[:READ].casefold()))
