"""Is an end without a mark what a question asks for: a word for a gap, a greeting, sorted words.

What is whole here may end in any word or comma. So each rule wants more than a word of the
question: the same letters as what was given, one short line, a layout that other lines have.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from goldleaf.curation.answer_checks.unfinished_ends import no_word
from goldleaf.curation.answer_checks.unfinished_lists import END

READ: Final = 2_000
"""Characters of a question that are read."""
_NAME = r"(?:[A-Za-z][#♯♭b]?|[A-G][#♯♭b]?(?:m|maj|min|dim|aug|sus)?[0-9]{0,2})"
_ONE_BY_ONE = re.compile(
    rf"(?:\A|[\s:：(])(?:{_NAME}(?:\s*[,，、;/–-]\s*|\s+)(?:and )?){{2,}}{_NAME}\Z"
)
"""Letters, notes or chords one by one: `a, e, i, o, u`, `D, F#, A`."""
_GAP = re.compile(
    r"_{2,}|\.{4,}|…{2,}|[(（]\s*[)）]"
    r"|\b(?:fill|put|insert|choose|select|pick)\b[^.?!\n]{0,40}"
    r"\b(?:verb|word|preposition|article|pronoun|conjunction|adverb|blank|gap)s?\b"
    r"|填空|哪个词|什么词|关联词|连词|介词|虚词",
    re.IGNORECASE,
)
"""Questions for a word or two of a sentence."""
_DELETES = re.compile(r"\b(?:delete|remove|omit|strip|eliminate|take out)\b", re.IGNORECASE)
_ASKS_GREETING = re.compile(
    r"\bgreeting|\bsalutation|\baddress(?:ing)? (?:a|an|the|this|your)?\s?(?:letter|e-?mail)"
    r"|\bopen(?:ing)?\b[^.?!\n]{0,20}\b(?:letter|e-?mail)|称呼|问候语|抬头",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|to whom|greetings)\b[^\n]{0,60}[,，]"
    r"|[^\n]{0,6}(?:尊敬的|敬爱的|亲爱的|您好|你好)[^\n]{0,20}[,，]",
    re.IGNORECASE,
)
_ASKS_LINE = re.compile(
    r"\b(?:first|opening|second|third|next) (?:line|verse|half|words)\b|第一[句行]|首句|上半?句",
    re.IGNORECASE,
)
_DATED = re.compile(r"\W{0,3}(?:c\. ?|around )?[0-9]{3,4}s?(?: ?[-–—] ?[0-9]{2,4})? ?[:：–—-] ")
_DEGREES = re.compile(r"[0-9] ?[°º] ?[CF]\Z")
_CHOSEN = re.compile(r"(?:correct |right )?answer ?[:：] ?(.{2,120})", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def asked_end(text: str, question: str) -> bool:
    r"""Return whether a text is whole for what was asked, whatever it ends in.

    >>> asked_end("chess I like play to", "Sort the words.\n\nI like to play chess.")
    True
    >>> asked_end("They like to play", "What do they like?")
    False
    """
    if _ONE_BY_ONE.search(text[-200:]):
        return True
    text, asked = text.strip(), question[-READ:]
    if "\n" in text or len(text) > 400:
        return False
    words = _WORDS.findall(text.casefold())
    if _fills_gap(text, words, asked):
        return True
    if len(text) <= 4 and not text.isascii() and text in asked:
        return True  # 对 of “对”或“错”
    if _GREETING.fullmatch(text) and _ASKS_GREETING.search(asked):
        return True
    if text[-1] in ",，" and len(text) <= 80 and _ASKS_LINE.search(asked):
        return True
    return _of_given(words, asked)


def _fills_gap(text: str, words: list[str], question: str) -> bool:
    """Return whether up to three words are for a gap, and not the words in front of it again."""
    if not words or not text[-1].isalpha() or not _GAP.search(question):
        return False
    if not text.isascii():
        return len(text) <= 6 and text not in question
    if len(words) > 3 or len(text) > 30 or no_word(words[-1]):
        return False
    return len(words) == 1 or text.casefold() not in question.casefold()


def _of_given(words: list[str], question: str) -> bool:
    """Return whether words are those that a question gives: in order, of its end, some left out."""
    first, _, given = question.partition("\n")
    _, _, later = first.partition(":")
    asked = _WORDS.findall((given if given.strip() else later).casefold())
    if not asked or not words:
        return False
    moved = words != asked or _DELETES.search(first)  # else the question again, with no answer
    letters = "".join(words)
    if moved and len(letters) >= 5 and Counter(letters) == Counter("".join(asked)):
        return True
    if len(words) >= 4 and words[-4:] == asked[-4:] and question.rstrip()[-1:].isalnum():
        return True
    if len(words) < 2 or not _DELETES.search(first):
        return False
    place = 0
    for word in words:
        if word not in asked[place:]:
            return False
        place = asked.index(word, place) + 1
    return len(asked) - place <= 1 and len(words) < len(asked)


def end_of_layout(lines: list[str], question: str) -> bool:
    """Return whether the last line needs no mark as part of a timeline, a label, a quiz, a list.

    Args:
        lines: those of an answer that are not blank, without spaces around them.
        question: what was asked.
    """
    last, others = lines[-1], lines[:-1]
    free = [each for each in others if not END.search(each)]
    dated = [each for each in others if _DATED.match(each)]
    if _DATED.match(last) and len(dated) >= 2:
        return 2 * sum(1 for each in dated if not END.search(each)) > len(dated)
    if _DEGREES.search(last) and free:
        return True
    chosen = _CHOSEN.fullmatch(last)
    if chosen and any(each.endswith(chosen[1].strip()) for each in free):
        return True
    return not others and _same_items(last, question)


def written_like_question(line: str, question: str) -> bool:
    """Return whether a line is another form of what a question gives, which has no end either."""
    given = re.split(r"\n|[:：] ?", question.rstrip()[-1_000:])[1:]
    if not given or END.search(given[-1]):
        return False
    said, asked = (
        re.findall(r"[a-z']+|[\u3400-\u9fff]", each.lower()) for each in (line, given[-1])
    )
    near = len(asked) * 7 <= len(said) * 10 <= len(asked) * 20
    return len(asked) >= 3 and near and len(set(said) & set(asked)) * 2 >= len(set(asked))


def _same_items(line: str, question: str) -> bool:
    """Return whether a line lists as many short items as the last line of a question does."""
    said, asked = (
        [each.strip() for each in re.split("[,，、]", text)]
        for text in (line, question[-READ:].rstrip().rsplit("\n", 1)[-1])
    )
    short = all(
        len(each.split()) <= 3 and len(each) <= (24 if each.isascii() else 6) for each in said
    )
    return len(said) >= 3 and len(said) == len(asked) and short
