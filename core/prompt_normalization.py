r"""Normalise prompts: two prompts with the same normal form count as the same prompt.

The form decides on which side of a split a prompt falls, and which rows form a group. Merging too
much costs little there: both prompts fall on the same side. Merging too little puts a question into
train and into test. So what a person overlooks is folded (Unicode forms, case, spaces, hidden
characters, kinds of quotes and dashes, punctuation at the edges of words), and what changes a
question stays: operators, signs, decimal points, currency, percent, whatever is inside a word.

*Marks* are `. , ; : ! ?`, *quotes* are `"` and `'`; `goldleaf.core.unicode_folding` folds others
into them first. Millions of records pass here, so each step is taken only where a quick look finds
something to do, and every pattern starts with the characters that it looks for.
"""

from __future__ import annotations

import re
import unicodedata

from goldleaf.core.unicode_folding import fold_unicode, without_invisible

PROMPT_FORM = "2"
"""Version of the form, in every manifest: another form moves prompts between train and test."""

_MARKS = ".,;:!?"
_PASSES = 8
_QUOTED = 300
"""Characters between quotes, at most; a bound keeps long texts linear."""
_ENDS = tuple(mark + " " for mark in _MARKS)
_OPERATORS = "-+*/^=<>|&%"

_SPACELESS = re.compile("[\u3005-\u9fff\U00020000-\U0003ffff]")
"""Chinese and Japanese as NFKC leaves them, which put no spaces between words. Korean does."""

_RUN = re.compile(r"""[ "'().,;:!?]+""")
_RUN_IN_CODE = re.compile(r"[ .,;:!?]+")
_QUOTED_MARK = re.compile(r""" ?(["'])[.,;:!?]\1 ?""")

_CALL = re.compile(r"\((?<=[a-z0-9_]\()")
_OPERAND = re.compile(
    r"""["'](?:(?<=[-+*/%&|<>\[]["'])|(?<=[-+*/%&|<>][ ]["'])|[ ]?[-+*/%&|<>\]])"""
)
_EDGE = re.compile(
    r"""["'()](?:(?<=["'])(?:(?=[ .,;:!?)]|$)|(?<![^ (]["']))"""
    r"""|(?<=\()(?=["']*[^\W\d_]{2})|(?<=[^\W\d_]{2}\))|(?<=[.,;:!?]\)))"""
)
_ENCLOSING = re.compile(r"""["'()]+""")
_OPENING_QUOTE = re.compile(r"""["'](?<![^ (]["'])[^ .,;:!?"']""")

_COMMA = re.compile(r",(?<=[^\W\d_],)(?=[^\W\d_])")
_DOTS = re.compile(r"\.\.\.+")
_DASHES = re.compile(r" -+ |--+")

_COUNTED = re.compile(r"!(?:(?<=\d!)|(?<=\b[nkmx]!))(?=[ .,;:?!]|$)")
_FACTORIAL = re.compile(
    r"(^|[-+*/^=(<>] ?|(?<![^\W\d_])(?:is|of|are|by|plus|minus|times|over|compute|calculate"
    r"|evaluate|find|simplify|value|factorial) |[算于是求乘除加减以] ?)?"
    r"(?<!\d)(\d+|\b[nkmx])(!+)(?=[ .,;:?]|$)"
)
"""`!` after a number or `n` counts where something is calculated with it: `what is 5!`."""
_LARGEST_FACTORIAL = 2
"""Digits of the largest number whose factorial a prompt asks for."""
_MARKS_BUT_FACTORIALS = re.compile(r"(?:[.,;:?]|(?<!\d)(?<!\b[nkmx])!)+(?![^ ])")


def normalize_prompt(text: str) -> str:
    r"""Return the normal form of a prompt; prompts with the same form are the same prompt.

    A prompt of nothing but punctuation keeps it, so no key is empty but that of an empty prompt.

    >>> normalize_prompt("  “Hello”,\n ＷＯＲＬＤ！ ")
    'hello world'
    >>> normalize_prompt("你好， 世界。") == normalize_prompt("你好,世界")
    True
    >>> normalize_prompt("What is x² + .5?")
    'what is x^2 + .5'
    """
    if text.isascii():
        plain = " ".join(text.lower().split())
        if not plain.isprintable():
            plain = " ".join(without_invisible(plain).split())
    else:
        plain = " ".join(fold_unicode(text).split())
    found = _stripped(plain)
    if found != plain and _EDGE.search(found):
        found = _settled(found)
    key = found or plain or text
    return key if key.isascii() else unicodedata.normalize("NFKC" if plain else "NFC", key)


def _settled(text: str) -> str:
    """Strip a text until nothing changes: what encloses a word may enclose others."""
    for _ in range(_PASSES):
        before, text = text, _stripped(text)
        if text == before:
            break
    return text


def _stripped(text: str) -> str:
    """Return a folded text without the punctuation that a person overlooks."""
    enclosed = "'" in text or '"' in text or "(" in text or ")" in text
    code = None
    if not text.isascii() and _SPACELESS.search(text):
        code = enclosed and _is_code(text)
        text = (_RUN_IN_CODE if code else _RUN).sub(_next_to_spaceless, text)
    if enclosed and _EDGE.search(text) and not (code or (code is None and _is_code(text))):
        text = _ENCLOSING.sub(_inside_words, text)
    if "," in text:
        text = _COMMA.sub(" ", text)
    if "..." in text:
        text = _DOTS.sub(_between_words, text)
    if "!" in text and _COUNTED.search(text):
        text = _FACTORIAL.sub(_kept_if_calculated, text)
        text = " ".join(_MARKS_BUT_FACTORIALS.sub("", text).split())
    else:
        text = _without_ends(text)
    if "--" in text or " - " in text:
        text = " ".join(_DASHES.sub(_between_words, text).split())
    return text


def _without_ends(text: str) -> str:
    """Return a text without the marks at the ends of its words."""
    text = text.rstrip(_MARKS + " ")
    whole = text
    for end in _ENDS:
        if end in text:
            text = text.replace(end, " ")
    again = "  " in text
    if text is not whole and not again:
        for end in _ENDS:
            again = again or end in text
    if again:
        text = " ".join([word for part in text.split() if (word := part.rstrip(_MARKS))])
    return text.lstrip()


def _spaceless(character: str) -> bool:
    return _SPACELESS.match(character) is not None


def _is_code(text: str) -> bool:
    """Return whether a quote or a bracket may change what is meant: `x = "a"` is not `x = a`."""
    if "`" in text or "=" in text or "{" in text or "\\" in text:
        return True
    return _CALL.search(text) is not None or _OPERAND.search(text) is not None


def _next_to_spaceless(found: re.Match[str]) -> str:
    """Return what stays of a run of punctuation and spaces beside Chinese or Japanese."""
    run, text, start, end = found[0], found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    follows, leads = _spaceless(before), _spaceless(after)
    if not (follows or leads) or _QUOTED_MARK.fullmatch(run):
        return run
    kept = run[0] if not follows and before.isdigit() and run[0] in ")!" else ""
    return kept + (run[-1] if not leads and after.isdigit() and run[-1] in "(." else "")


def _inside_words(found: re.Match[str]) -> str:
    """Return what stays of quotes and brackets: those inside words, and those that count.

    Brackets count beside numbers, single letters and operators; a quote after a digit where none
    opens is a length, and one around a mark is what is spoken of.
    """
    run, text, start, end = found[0], found.string, found.start(), found.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if after and after in _MARKS and (before in ("", " ") or text[end + 1 : end + 2] == run[-1]):
        return run
    if before in ("", " "):
        return "" if _is_word(text[end : end + 3].strip()[:2]) else _brackets(run)
    if after not in ("", " ") and after not in _MARKS:
        return run
    if before in _MARKS and _QUOTED_MARK.fullmatch(text, max(start - 2, 0), end):
        return run
    if before.isdigit() and not _OPENING_QUOTE.search(text, max(start - _QUOTED, 0), start):
        return run
    previous = text[max(start - 8, 0) : start].rstrip(_MARKS)[-2:]
    operated = text[end : end + 2].strip()[:1] or "."
    return "" if _is_word(previous) and operated not in _OPERATORS else _brackets(run)


def _is_word(two: str) -> bool:
    return len(two) > 1 and two.isalpha()


def _brackets(run: str) -> str:
    return run.replace('"', "").replace("'", "")


def _between_words(found: re.Match[str]) -> str:
    """Return a space for dots or a dash that part two words, and else what was there."""
    run, text = found[0], found.string
    before, after = (
        text[max(found.start() - 2, 0) : found.start()],
        text[found.end() : found.end() + 2],
    )
    if run == " - ":
        article = _is_word(before) and after in ("a ", "i ")
        return " " if _is_word(before) and (_is_word(after) or article) else run
    if not (before[-1:].isalpha() and after[:1].isalpha()):
        return run
    return "" if _spaceless(before[-1]) or _spaceless(after[0]) else " "


def _kept_if_calculated(found: re.Match[str]) -> str:
    """Return a number without its `!`, or with it where that may be a factorial.

    At the end of a text an operator alone makes none: `add 2 + 2!` is a person who insists.
    """
    before, number = found[1], found[2]
    insisted = before is None or len(number) > _LARGEST_FACTORIAL or len(found[3]) > 1
    if before and before[0] in _OPERATORS and not _COUNTED.search(found.string, 0, found.start()):
        insisted = insisted or not found.string[found.end() :].strip(_MARKS + " ")
    return (before or "") + number if insisted else found[0]
