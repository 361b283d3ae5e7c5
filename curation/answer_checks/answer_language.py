"""Is an answer in another language than its question asks for.

Chinese, English and other scripts are told apart by letters (`texts.language`), Latin
ones among each other by a model (`texts.language_identifier`). Short texts are not
judged.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from goldleaf.curation.answer_checks.empty_answers import Remark
from goldleaf.curation.texts.language import Language, language
from goldleaf.curation.texts.language_identifier import best_guess

LETTERS: Final = 40
"""Letters from which the model is asked; on shorter texts it guesses."""
READ: Final = 80
"""Characters that the model is shown: `SURE` was chosen with so many."""
SURE: Final = 0.75
"""Its confidence from which it is believed (of an answer; of a question .5 is enough)."""

NAMES_A_LANGUAGE: Final = re.compile(
    r"translat|(?<!programming )languages?\b(?! model)|english|chinese|mandarin|cantonese|french"
    r"|spanish|german|italian|latin\b|portuguese|russian|japanese|korean|arabic|hindi|dutch|greek"
    r"|turkish|polish|swedish|hebrew|vietnamese|thai\b|indonesian|urdu|bengali|danish|finnish"
    r"|norwegian|czech|hungarian|romanian|ukrainian|swahili|persian|farsi|tagalog|filipino|malay\b"
    r"|esperanto|gaelic|irish|welsh|hawaiian|lyrics|quot(?:e|ation)"
    r"|翻译|译[成为文]|语言(?!模型)|[中英法德日韩俄外文西葡意泰越阿荷]语|英文|中文|德文|法文|日文|韩文"
    r"|汉语|普通话|粤语|拉丁|拼音|西班牙|葡萄牙|阿拉伯|意大利|双语|单词|词汇|歌词",
    re.IGNORECASE,
)
"""Questions that may be answered in another language."""
_CODE_LINE = re.compile(
    r"[{};][ \t]*$|[=<>]|\w\(|^\s*(?:#|//|/\*|\*|--|\"\"\"|'''|<|import \w"
    r"|from \w|def \w|return\b|for \w|if \w|while \w|else\b|elif\b|end\b|print\b|SELECT\b)"
)
"""A line of code or of a comment in it, which is in English in any country."""
_DOCSTRING = re.compile(r'"""[^"]*(?:"""|\Z)|/\*[^*]*(?:\*/|\Z)')
_NAMED_CHINESE = re.compile(
    r"\b(?:in|into|to|from|using|with|between|and|or) (?:\w+ )?(?:chinese|mandarin|cantonese)\b"
    r"|pinyin|chinese (?:words?|characters?|phrases?|translations?|sentences?|versions?|names?|text"
    r"|idioms?|sayings?|proverbs?|poems?|equivalents?)|multilingual|bilingual"
    r"|(?:another|other|different|foreign|several|multiple|any|two|three|more) (?:\w+ )?languages?",
    re.IGNORECASE,
)
_LETTERS_OF = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,}(?![A-Za-z])")
_LOWER_WORDS = re.compile(r"(?<![^\W\d_])[^\W\d_A-Z]{2,}(?![^\W\d_])")
_QUOTED = re.compile("[“‘「『\"'《]([A-Za-z][A-Za-z '-]{1,40})[”’」』\"'》]")
_ASKS_QUOTATION = re.compile("名言|名句|警句|金句|引语|引文|语录|格言|原文|原句|原话|台词")
"""Questions in Chinese for what somebody said, who may have said it in English."""
_QUOTED_SIZE = 400
"""Characters of an answer up to which it may be a quotation alone."""
_USED = re.compile("词|句|短语|缩写|复数|时态|拼写|押韵|造")
"""What a question about words asks for."""
_ENGLISH = frozenset("the of and to is are was with for that this it you your have from by".split())
_FUNCTION = _ENGLISH | set("an in on at how what or as be can which their its has not".split())
"""What an English sentence has, if it is short, too."""
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\S*[_@/\\=<>{}()\[\]]\S*", re.DOTALL)
_CODE_MARK = re.compile(r"[`_@/\\=<>{}()\[\]]")
"""What every match of `_CODE` holds."""
_CLOSE = ({"zh", "yue", "wuu"}, {"no", "nb", "nn", "da"}, {"hr", "sr", "bs", "sh"}, {"id", "ms"})
"""Languages that the model mixes up."""


def wrong_language(answer: str, question: str) -> Remark | None:
    """Return which language an answer is in where the question is in another and asks for none.

    >>> wrong_language("天空是蓝色的，因为阳光被大气散射。", "Why is the sky blue?").reason
    'Chinese answer to an English question'
    >>> wrong_language("天空是蓝色的。", "Translate into Chinese: The sky is blue.") is None
    True
    """
    asked, said = language(question), language(answer)
    if not asked or not said:
        return None
    whole = Remark(0, len(answer), "", 0.9)
    if asked == "en" and said == "zh":
        mixed = len(_HAN.findall(question[:4_000])) >= 4 or len(_HAN.findall(answer[:2_000])) < 2
        mixed = mixed or bool(_NAMED_CHINESE.search(question[:4_000]))
        ours = None if mixed else whole._replace(reason="Chinese answer to an English question")
        return ours if ours is None or _guess(question) in ("en", "") else None
    if said == "zh":
        return None
    if len(answer) <= _QUOTED_SIZE and _ASKS_QUOTATION.search(question[:4_000]):
        return None
    found = _in_letters(answer, question, whole, asked, said)
    return found if found and not NAMES_A_LANGUAGE.search(question[:4_000]) else None


def _in_letters(
    answer: str, question: str, whole: Remark, asked: Language, said: Language
) -> Remark | None:
    """Return what speaks for another language where an answer is not in Chinese."""
    if asked == "zh" and said == "en":
        theirs = {word.casefold() for word in _WORDS.findall(question[:4_000])}
        if len(theirs) >= 8 or len(_HAN.findall(answer[:2_000])) >= 4:
            return None
        if answer.lstrip().startswith("<") or _in_use(question, answer):
            return None
        lines = _DOCSTRING.sub("", answer[:2_000]).split("\n")
        prose = [line for line in lines if not _CODE_LINE.search(line)]
        if (
            any(_is_english(line, theirs, 4, 2) for line in prose)
            or (len(prose) * 2 > len(lines) and _is_english(" ".join(prose), theirs, 8, 1))
            or (not theirs and len(prose) == len(lines) and _says_in_english(answer))
        ):
            return whole._replace(reason="English answer to a Chinese question")
        return None
    return _other(answer, question, whole, said == asked)


def _in_use(question: str, answer: str) -> bool:
    """Return whether a question quotes English words, and the answer uses them as it asks."""
    quoted = [each.casefold() for each in _QUOTED.findall(question[:4_000])]
    return (
        bool(quoted)
        and bool(_USED.search(question[:4_000]))
        and all(each in answer.casefold() for each in quoted)
    )


def _says_in_english(answer: str) -> bool:
    """Return whether all of a short answer is an English sentence, not a name or a command."""
    words = _WORDS.findall(answer[:400])
    small = [word for word in words if word.islower()]
    function = _FUNCTION & {word.casefold() for word in words}
    return (
        not _HAN.search(answer)
        and len(small) >= 3
        and len(small) * 3 > len(words) * 2
        and bool(function)
    )


def _is_english(text: str, known: set[str], own: int, frequent: int) -> bool:
    """Return whether a text has enough English words of its own, some of them frequent ones."""
    words = _WORDS.findall(_without_code(text))
    lower = [word for word in words if word.casefold() not in known and word.islower()]
    return len(lower) >= own and len(_ENGLISH & {word.casefold() for word in words}) >= frequent


def _other(answer: str, question: str, whole: Remark, same_letters: bool) -> Remark | None:
    """Return what the model says of two texts; of the same letters only where it is sure."""
    words = _LOWER_WORDS.findall(_without_code(answer[:1_500]))
    if same_letters and len(words) < 8:
        return None
    if len(_ENGLISH & set(words)) >= 3 and _english(question):
        return None
    said = _guess(answer, SURE)
    if not said:
        return None
    asked = _guess(question, 0.5) or (language(question) if same_letters else "")
    if not asked or asked == said or asked == "other":
        return None
    if any(said in group and asked in group for group in _CLOSE):
        return None
    return whole._replace(reason=f"answer in {said!r}, question in {asked!r}", score=0.7)


def _english(question: str) -> bool:
    """Return whether a question is in English, by letters and by its frequent words."""
    return language(question) == "en" and bool(_ENGLISH & set(question.casefold().split()))


def _guess(text: str, sure: float = 0.5) -> str:
    """Return the code of a text's language, "" where it is too short or the model is unsure."""
    return _detected(_without_code(text[:1_500])[:600], sure)


def _without_code(text: str) -> str:
    return _CODE.sub(" ", text) if _CODE_MARK.search(text) else text


@lru_cache(maxsize=64)
def _detected(prose: str, sure: float) -> str:
    if len(_LETTERS_OF.findall(prose)) < LETTERS:
        return ""
    code, score = best_guess(" ".join(prose.lower().split())[:READ])
    return code if score >= sure else ""
