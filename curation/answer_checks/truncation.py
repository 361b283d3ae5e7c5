"""Is an answer cut off: by its last words, its open brackets, and how the rest of it is written.

A missing full stop says little: lists, titles, verse, code and tweets end without one, and many
people leave it out. So the ending is read against the answer itself. Its sentences end with marks
and the last does not; its items are long and the last is a stump; the last word is one after which
a sentence goes on ("the", "with", "以及") or no word at all.

| evidence | score |
|---|---|
| ends in a comma, an open bracket, a word after which something must follow | .9 |
| ends in a stump of a word ("th", "techn") | .9 |
| ends in a colon, in a label that others have with a text | .8 |
| sentences end with marks, the last one, of prose, does not | .8 |
| the items of a list end with marks, the last one does not | .8 |
| an opened fence, bracket or quotation is not closed, and no mark ends the text | .8 |
| fewer items than were asked for, and no mark ends the text | .7 |
| ends in a hyphen; all lines of verse but the last end with marks | .7 |
| one long sentence without an end, where the question's own words have one | .6 |
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from goldleaf.curation.answer_checks.answer_language import NAMES_A_LANGUAGE
from goldleaf.curation.answer_checks.asked_ends import (
    asked_end,
    end_of_layout,
    written_like_question,
)
from goldleaf.curation.answer_checks.unfinished_code import code_evidence, looks_like_code
from goldleaf.curation.answer_checks.unfinished_ends import (
    begun_item,
    begun_label,
    begun_name,
    begun_word,
    no_word,
)
from goldleaf.curation.answer_checks.unfinished_lists import (
    END,
    ITEM,
    empty_items,
    left_blank,
    list_evidence,
)
from goldleaf.curation.answer_checks.unfinished_marks import announced
from goldleaf.curation.texts.hidden_characters import without_hidden
from goldleaf.curation.texts.language import language
from goldleaf.curation.texts.language_identifier import identify

READ: Final = 20_000
"""Characters of the end of an answer that are read."""


class CutOff(NamedTuple):
    """Where an answer breaks off: from which character of it, why, and how surely (0 to 1)."""

    start: int
    reason: str
    score: float


_FENCE = re.compile(r"^[ \t>]*```|```[\w+#]*[ \t]*$", re.MULTILINE)
"""Three signs that begin or end a line; within one they only speak of a fence."""
_GOES_ON = frozenset(
    """a an the of to and or nor but with without for from into onto upon by at in on as than that
    which who whose whom where when while because although though if unless until since whether is
    are was were be been being am has have had do does did will would can could may might must
    shall should its their his her our your my this these those such very more most each every
    between among through during before after over under about against across toward towards via
    per not also both either neither so then like including e.g i.e it's they we i he she
    you""".split()
)
"""English words after which a sentence goes on, nearly always."""
_BEGINS = frozenset(
    """if it it's this these there when while however although since because additionally instead
    also therefore furthermore moreover""".split()
)
"""English words that begin a sentence; none of them is the name of somebody who signs."""
_MAY_END = frozenset(
    """in on over about before after under through that this these those is are was were am be been
    has have had do does did will would can could may might must should it's they we i he she you
    more most each very so then like also not his her its both since without across to by""".split()
)
"""Of these, the words that do end a title, a verse or an item now and then."""
_NEVER_LAST = frozenset("the a an of and for with to from or at by their your".split())
"""Of these, the words that do not even end a title."""
_ZH_SHORT = 8
"""Characters of a line up to which 的 at its end may end it."""
_ZH_GOES_ON = re.compile(
    r"(?:[，、（《“‘【—]|以及|并且|而且|或者|因为|由于|为了|对于|关于|通过|根据|随着|如果|虽然|但是"
    r"|因此|所以|例如|比如|其中|包括|[的和与及或在被把将从对向让使并而且但因为以是于])\Z"
)
_FREE_END = re.compile(
    r"(?:\s[-–—~]{1,2} ?[A-Z][\w.'’-]{0,30}(?: [\w.'’-]{1,30}){0,4}|https?://\S{1,200}|www\.\S{1,200}"
    r"|(?:\A|\s|#\w{1,40})[#@]\w{1,40})\Z"
)
"""Whose words a quotation are, an address, a hashtag: they take no full stop."""
_NO_WORD = "\"'”’)]）】》」*_`|/>}#%$€£°=+0123456789"
_OPEN = {"(": ")", "[": "]", "{": "}", "（": "）", "《": "》", "“": "”", "【": "】", "「": "」"}
_CLOSE = {close: opened for opened, close in _OPEN.items()}
_LINE_END = re.compile(r"""[,.!?;:…—，。！？；：、]["'”’)」』]*\Z""")
_SENTENCE_END = re.compile(r"""[.!?]["'”’)\]]*(?=\s+["'“(]?[A-Z0-9])|[。！？](?!\Z)""")
_ITEM_ALONE = re.compile(r"[-*•·–—]|\(?[0-9]{1,2}[.)、]|[A-Za-z][.)]|[一二三四五六七八九十]{1,3}、")
_NOT_PROSE = re.compile(
    r"\b(?:titles?|headlines?|slogans?|taglines?|tweets?|hashtags?|captions?|captioned|poems?"
    r"|haikus?|songs?|lyrics|raps?|verses?|limericks?|sonnets?|ballads?|rhymes?|acrostic"
    r"|query|queries|codes?|program|script|regex|regular expression|subject|mottos?|jingles?"
    r"|signature|outline|table)\b"
    r"|标题|口号|广告语|标语|宣传语|横幅|上联|下联|诗|歌|词|名称|名字|代码|程序|函数|表格|公式|短语|列表|关键|翻译|分类",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"[^\n:：]{1,20}[:：][^\n:：]{0,24}")
_HAN = re.compile(r"[\u3400-\u9fff]")
_TAG_OPEN = re.compile(r"<[a-z][a-z0-9]{0,10}\s[^<>\n]{0,200}=[^<>\n]{0,200}\Z")
"""A tag with an attribute that the text ends in."""
_ZH_VERB = re.compile(r"[是有会能]|可以|需要|应该|[\u3400-\u9fff]了")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|will|would|should|may|might|must|does|did|do"
    r"|cannot"
    r"|[a-z]{2,}(?:ed|es|izes|ises|ates|akes|ives|ows|ains|ides|ings? to))\b"
)


def cut_off(answer: str, question: str = "") -> CutOff | None:
    r"""Return where and why an answer breaks off, None where it seems whole.

    Args:
        answer: in English or Chinese; code and JSON are judged by parsers instead
            (`goldleaf.curation.answer_checks.parsed_answers`).
        question: what was asked: titles, verse and lists need no full stop.

    >>> cut_off("Cats sleep a lot. They also like to play with the").reason
    'ends in "the"'
    >>> cut_off("1. Milk\n2. Bread\n3. Eggs") is None
    True
    """
    offset = max(0, len(answer) - READ)
    text = without_hidden(answer[offset:]).rstrip()
    if not text:
        return None
    line = text.rsplit("\n", 1)[-1].strip()
    end = len(answer.rstrip())
    found = _evidence(text, line, question, answer.endswith(" "))
    if found is None:
        return None
    reason, score = found
    return CutOff(max(0, end - min(len(line), 40)), reason, score)


def _evidence(text: str, line: str, question: str, spaced: bool) -> tuple[str, float] | None:
    if opened := _opened_last(text, line, question):
        return opened
    if empty_items(text, question):
        return "items without a text", 0.7
    if END.search(text) and not text.endswith((":", "：")):
        return None
    if looks_like_code(text):
        return code_evidence(text)
    return None if asked_end(text, question) else _broken_off(text, line, question, spaced)


def _broken_off(text: str, line: str, question: str, spaced: bool) -> tuple[str, float] | None:
    """Return what speaks for a text without a mark at its end, which no one asked for so."""
    if more := announced(text, line, question):
        return more
    found = _word_goes_on(text, line, question)
    if found and found[1] >= 0.5:
        return found
    if begun := begun_name(text, line, question):
        return f'breaks off in "{begun}"', 0.8
    quoted = text.lstrip()[:1] == '"' and text.count('"') == 1 and "”" not in text
    if quoted or _open_bracket(text):
        return "an opened bracket or quotation is not closed", 0.8
    if text[-1] in _NO_WORD or not text[-1].isalpha() or _FREE_END.search(line):
        return found
    return _line_evidence(text, line, question, spaced) or found


def _opened_last(text: str, line: str, question: str) -> tuple[str, float] | None:
    """Return what is begun at the end of a text, whatever its sentences end in."""
    if text.count("```") % 2 and len(_FENCE.findall(text)) % 2:
        return "an opened fence is not closed", 0.8
    alone = _ITEM_ALONE.fullmatch(line) and "\n" in text and not left_blank(text, question)
    if alone or (line.isdecimal() and begun_item(text, int(line[:3]))):
        return "the last item is empty", 0.9
    if label := begun_label(text, line):
        return f'ends in "{label}", of which others have a text', 0.8
    tag = _TAG_OPEN.search(text) and not END.search(text)
    return ("an opened tag is not closed", 0.8) if tag else None


def _line_evidence(text: str, line: str, question: str, spaced: bool) -> tuple[str, float] | None:
    """Return what speaks for a last line that ends in a word and breaks off."""
    lines = [each.strip() for each in text.split("\n") if each.strip()]
    if listed := list_evidence(lines, question):
        return listed
    if spaced and len(line.split()) >= 3:
        return "ends in a space, without a mark", 0.6
    if ITEM.match(lines[-1]) or end_of_layout(lines, question):
        return None
    return _prose_evidence(text, lines, question)


def _word_goes_on(text: str, line: str, question: str) -> tuple[str, float] | None:
    """Return the last word or mark after which something must follow."""
    if text[-1] in ",，、（(《“【":
        greeting = len(line) <= 30 and line.count(" ") <= 3 and "\n" in text
        return None if greeting else (f"ends in {text[-1]!r}", 0.9)
    if language(text) == "zh":
        ended = line.endswith("的") and len(line) <= _ZH_SHORT  # 是的, 祈使的
        if not ended and (found := _ZH_GOES_ON.search(line)):
            return f"ends in “{found.group()}”", 0.9 if len(line) >= 8 else 0.4
        return None
    found = re.search(r"(?<![\w'’#@/.-])([A-Za-z][A-Za-z'’-]{0,20})\Z", line)
    if not found or found[1].endswith("-"):
        return None
    raw, words = found[1], line.split()
    word = raw.lower().replace("’", "'")
    if word in _GOES_ON and len(words) >= 2 and (raw.islower() or word in _NEVER_LAST):
        verse = _is_verse(text) and (word in _MAY_END or _rhymes(word, text))
        if not verse and (word not in _MAY_END or len(words) >= 8):
            return f'ends in "{raw}"', 0.9 if len(words) >= 3 else 0.6
        free = _titled(line) or _NOT_PROSE.search(question[:400]) or "\n" in text
        return f'ends in "{raw}"', 0.4 if free else 0.7
    return _stump(raw, line, text, question)


def _stump(raw: str, line: str, text: str, question: str) -> tuple[str, float] | None:
    """Return what speaks for a last word that is the beginning of one."""
    word, size, stump = raw.lower(), len(line.split()), no_word(raw.lower())
    once = stump and raw not in re.findall(r"\w+", question[-READ:])
    once = once and text.lower().split().count(word) < 2
    once = once and not re.search(r"(?<!\S)\w \w\Z", line)  # letters one by one
    if once and raw.islower() and _enough_words(word, size, text, question):
        return f'ends in "{raw}", no word', 0.9
    if (raw.islower() and size >= 3) or (once and len(word) > 3):
        longer = begun_word(word, text, question) if len(word) >= 3 else ""
        return (f'ends in "{raw}", begun like "{longer}"', 0.8) if longer else None
    return None


def _enough_words(word: str, size: int, text: str, question: str) -> bool:
    """Return whether enough English stands before a stump for it to be none of another language."""
    if len(word) <= 3:
        return size >= 4 or (size == 3 and len(text.split()) >= 6)
    if size < 3 or NAMES_A_LANGUAGE.search(question[:2_000]):
        return False
    code, _ = identify(line := text.rsplit("\n", 1)[-1][-300:])
    return code == "en" or (not code and line.isascii() and language(question) == "en")


def _open_bracket(text: str) -> bool:
    """Return whether the last bracket or quotation opened in the last 400 characters is open."""
    open_ones: list[str] = []
    for character in text[-400:]:
        if character in _OPEN:
            open_ones.append(character)
        elif character in _CLOSE and open_ones and open_ones[-1] == _CLOSE[character]:
            open_ones.pop()
        elif character == "\n" and open_ones and open_ones[-1] in "([（":
            open_ones.clear()
    return bool(open_ones)


def _prose_evidence(text: str, lines: list[str], question: str) -> tuple[str, float] | None:
    """Return what speaks for prose that breaks off."""
    last, zh = lines[-1], language(text) == "zh"
    size = len(_HAN.findall(last)) if zh else len(last.split())
    titled = _titled(last)
    if _SENTENCE_END.search(last) and size >= (6 if zh else 5):
        return "its sentences end with marks, the last does not", 0.8
    prose = [each for each in lines[:-1] if not ITEM.match(each)]
    earlier = [each for each in prose if len(each) >= (20 if zh else 40)]
    closed = sum(1 for each in earlier if END.search(each))
    if size >= 2 and _breaks_metre(lines):
        return "its lines end with marks, the last does not", 0.7
    if len(prose) > 0 and (_signed(prose) or _LABELLED.fullmatch(last)):
        return None  # a signature below its greeting, or a label with its value
    if earlier and closed == len(earlier) and size >= (4 if zh else 6 if titled else 3):
        return "its paragraphs end with marks, the last does not", 0.7
    if earlier and closed == len(earlier) and _begins_sentence(last):
        return "its last paragraph is one or two words of a sentence", 0.7
    if len(lines) > 1 or titled or _NOT_PROSE.search(question.split("\n", 1)[0][:400]):
        return None
    if written_like_question(last, question):
        return None
    if zh:
        long = size >= (8 if _ZH_VERB.search(last) else 16)
        return ("one sentence without an end", 0.6) if long else None
    if size >= 4 and last[:1].isupper() and _VERB.search(last):
        return "one sentence without an end", 0.6
    return None


def _is_verse(text: str) -> bool:
    """Return whether the last lines are short and most of them end without a full stop."""
    lines = [each.strip() for each in text.split("\n") if each.strip()][-8:]
    free = sum(1 for each in lines if len(each) <= 70 and not each.endswith((".", ":", ";")))
    return len(lines) >= 4 and free * 4 > len(lines) * 3 and not any(map(ITEM.match, lines))


def _begins_sentence(line: str) -> bool:
    """Return whether a line of one or two words begins a sentence, or is the stump of a word."""
    words = re.fullmatch(r"([A-Z][a-z]*(?:['’][a-z]{1,2})?)(?: ([a-z]+))?", line)
    if not words:
        return False
    first = words[1].lower().replace("’", "'")
    if words[2]:
        return first in _BEGINS or no_word(words[2])
    return first in _BEGINS or not set(first) & set("aeiouy'")


def _breaks_metre(lines: list[str]) -> bool:
    """Return whether many short lines, as of verse, end with a mark, the shortest, last one not."""
    *others, last = lines[-12:]
    return (
        len(others) >= 5
        and all(len(each) <= 80 and _LINE_END.search(each) for each in others)
        and not _LINE_END.search(last)
        and len(last) < min(map(len, others))
        and not re.search("[:：]", last)
    )


def _rhymes(word: str, text: str) -> bool:
    """Return whether one of the four lines above ends in the letters of the last word."""
    ends = [each.strip(" ,.;:!?\"'") for each in text.lower().split("\n")[-5:-1]]
    ending = word[-3:].replace("y", "i")
    return any(end.replace("y", "i").endswith(ending) and end != word for end in ends)


def _signed(lines: list[str]) -> bool:
    """Return whether one of the last lines is a greeting, and those after it are a name's."""
    for place in range(1, min(4, len(lines)) + 1):
        line = lines[-place]
        if line.endswith((",", "，")):
            return place == 1 or len(line) <= 30
        if len(line) > 60 or line.endswith("."):
            return False
    return False


def _titled(line: str) -> bool:
    """Return whether most words of a line have a capital, as titles have."""
    words = [word for word in line.split() if len(word) > 3]
    return sum(1 for word in words if word[:1].isupper()) * 2 > len(words)
