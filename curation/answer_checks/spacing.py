"""Is a text without its spaces, or with one between each two characters.

Lists of long words, names of code, sequences, alphabets, verse and titles look alike: a finding
needs words of English inside the long runs, or sentences of modern Chinese whose marks are spaced.
"""

from __future__ import annotations

import re
from typing import Final

from goldleaf.curation.answer_checks.empty_answers import Remark

_LONG_RUN = re.compile(r"[A-Za-z]{24}")
"""Letters in a row, more than English words have but for a few."""
_RUN = re.compile(r"[A-Z]?[a-z]+")
"""A word, or one of those of a name in code; runs of capitals are abbreviations and sequences."""
_MEAN = 9
"""Mean letters in a row of a text that has lost seven spaces of ten; of English 5, of German 6."""
_ADDRESS = re.compile(r"://|www\.|[@#_/\\=<>{}]")
_MARK_INSIDE = re.compile(r"[a-z][.,;:!?][A-Za-z]")
_LETTERS_A_SPACE = 30
"""Letters for each space, more than in a list of German compounds."""
_THE = re.compile(r"the|that|with|from|this|which|have|they|you")
_OTHER_WORDS = re.compile(r"and|for|are|was|not|can|will|but|has|its|ing|isa|ofa|ina|toa")
GLUED: Final = (
    "ofth[ei]s?|of(?:which|your|their)|inth[ei]s?|in(?:which|your|their)|toth(?:e|is|at)|to(?:your|their)"
    "|andth(?:e|is|at)|for(?:the|this|that|your|their)|with(?:the|this|that|your|their)|that(?:the|it|they|you)"
    "|from(?:the|this|that|your|their)|onth(?:e|is)|isth(?:e|is|at)|bythe|arethe|asthe|atthe|aboutthe|intothe"
    "|whenthe|thanthe|whichthe|willbe|shouldbe|wouldbe|couldbe|mustbe|canbe|hasbeen|havebeen|isnot|arenot|doesnot"
    "|donot|wasnot|thisis|thereare|thereis|whichis|whichare|suchas|youcan|wecan|itwas|hewas|theywere|theyare|youare"
)
"""Two frequent English words without the space between them."""
_GLUED = re.compile(GLUED)
_WORDS_WITH_GLUED = re.compile(
    r"\b(?:absinthe|call?isthen|canberra|corinth|fainthearted|labyrinth|masthead|matthew"
    r"|softhearted)\w*",
    re.IGNORECASE,
)
"""English words that have such letters."""
_TOKEN = re.compile(r"[A-Za-z'’,.;:!?-]+")
_WORDS_A_GLUED: Final = 12
"""Words among which at least one has such a pair, where a text has lost part of its spaces."""
_ALONE: Final = 16
"""Characters of a word from which on such a pair in it counts twice."""
_LETTERS_A_WORD = 60
"""Letters in which one such word comes at least; in English text one comes in about 20."""
_HAN_APART = re.compile(
    "(?:[\u3400-\u9fff，。、；：！？“”《》（）][ \u3000]){12,}[\u3400-\u9fff，。、；：！？]"
)
_SENTENCES = re.compile("[，。！？；]")
_MODERN = re.compile("[的了是在这们]")
"""Characters of modern prose, which couplets and primers hardly have."""
_LETTERS_APART = re.compile(r"(?:[A-Za-z,.;:!?'\"()-] {1,3}){20,}")
_PROSE = 60
"""Letters from which on words with wide spaces between them are no title."""
_FUNCTION_WORDS = frozenset(
    "the a of and to in is are for with that it you by as or can be".split()
)
_ENDED = re.compile(r"[a-z] {1,3}[.,;!?](?: |\Z)")
_ASKS = re.compile(
    r"spac|letter|spell|character|segment|token|separat|split|alphabet|hashtag|camel|url|password|concat"
    r"|morse|cipher|encrypt|encod|keyboard|layout|banner|typograph|longest|compound"
    r"|空格|拼写|字母|分词|分隔|分开|拆分|密码|标签|加密|竖|诗|词|联|歌|经|背诵|朗诵|默写|书法|排版",
    re.IGNORECASE,
)


def wrong_spacing(text: str, question: str) -> Remark | None:
    """Return where the spaces of a text are lost, or stand between all characters.

    >>> wrong_spacing("Thesunisastaratthecentreofoursystem.Itgivesuslight,andheatsalllife.", "")
    Remark(start=0, end=67, reason='its spaces are lost', score=0.8)
    >>> wrong_spacing("今 天 的 天 气 很 好 ， 我 们 去 公 园 吧 。", "").reason
    'a space between all characters'
    """
    found = _apart(text)
    if found is None and not _spaces_lost(text):
        return None
    if _ASKS.search(question):
        return None
    if found:
        return Remark(*found, "a space between all characters", 0.8)
    return Remark(0, len(text), "its spaces are lost", 0.8)


def _apart(text: str) -> tuple[int, int] | None:
    """Return sentences of Chinese, or most of an English text, with a space between characters."""
    for found in _HAN_APART.finditer(text):
        if _SENTENCES.search(found.group()) and _MODERN.search(found.group()):
            return found.span()
    runs = list(_LETTERS_APART.finditer(text))
    apart = "   ".join(each.group() for each in runs)
    letters = [each for each in apart if each.isalpha()]
    # the keys of a keyboard are each there once, those of an alphabet in order
    few = len(set(letters)) < 8 or len(set(letters)) * 3 >= len(letters) * 2
    if few or sum(map(str.islower, letters)) * 2 <= len(letters) or len(apart) * 2 <= len(text):
        return None
    words = [word.replace(" ", "").lower() for word in apart.split("  ")]
    prose = len(letters) >= _PROSE and sum(map(_FUNCTION_WORDS.__contains__, words)) > 2
    ended = any(_ENDED.search(text, each.start(), each.end() + 1) for each in runs)
    return runs[0].span() if (prose or ended) and sorted(letters) != letters else None


def _glued(prose: str) -> bool:
    """Return whether many words of a text are two and more, with frequent ones among them."""
    if not _GLUED.search(prose):
        return False
    prose = _WORDS_WITH_GLUED.sub("", prose)
    words = glued = 0
    for token in _TOKEN.findall(prose):
        pairs = len(_GLUED.findall(token))
        words += 1
        if pairs:
            glued += 3 if _LONG_RUN.search(token) else 2 if pairs > 1 or len(token) > _ALONE else 1
    return glued > 2 and glued * _WORDS_A_GLUED > words


def _spaces_lost(text: str) -> bool:
    """Return whether letters run on for long, without spaces around marks, and are English."""
    prose = " ".join(each for each in text.split() if not _ADDRESS.search(each))
    if _glued(prose):
        return True
    if not _LONG_RUN.search(text):
        return False
    runs = _RUN.findall(prose)
    total = sum(map(len, runs))
    if total < 60 or max(map(len, runs)) < 24 or total <= _MEAN * len(runs):
        return False
    close = len(_MARK_INSIDE.findall(prose)) > 1 or prose.count(" ") * _LETTERS_A_SPACE < total
    if not close or total * 2 <= len(text):
        return False
    long = " ".join(each for each in runs if len(each) > _MEAN).lower()
    sure = len(_THE.findall(long))
    words = sure + len(_OTHER_WORDS.findall(long))
    return sure > 0 and words > 2 and words * _LETTERS_A_WORD > len(long)
