"""Light damage to a text, as copies of a row have it: benchmarks plant it and look for it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from importlib.resources import files

Damage = Callable[[str, random.Random], str]

_SYNONYMS = {
    "but": "however",
    "also": "additionally",
    "because": "since",
    "many": "numerous",
    "so": "therefore",
    "such as": "like",
    "various": "several",
    "can": "is able to",
}
_CONTRACTIONS = {"do not": "don't", "does not": "doesn't", "it is": "it's", "you are": "you're"}
_ZH_SYNONYMS = {
    "但是": "不过",
    "因此": "所以",
    "可以": "能够",
    "例如": "比如",
    "以及": "和",
    "非常": "十分",
}
_HOMOPHONES = {"的": "地", "在": "再", "做": "作", "和": "合", "是": "事", "像": "象", "那": "哪"}


def swap_words(text: str, generator: random.Random) -> str:
    """Swap two neighbours in every twelve words."""
    words = text.split(" ")
    for _ in range(max(1, len(words) // 12) if len(words) > 3 else 0):
        place = generator.randrange(len(words) - 1)
        words[place], words[place + 1] = words[place + 1], words[place]
    return " ".join(words)


def drop_words(text: str, generator: random.Random) -> str:
    """Drop one word in every fifteen."""
    words = text.split(" ")
    for _ in range(max(1, len(words) // 15) if len(words) > 6 else 0):
        del words[generator.randrange(len(words))]
    return " ".join(words)


def drop_letters(text: str, generator: random.Random) -> str:
    """Drop or double a letter in one word of ten."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 4 and word.isalpha() and generator.random() < 0.1:
            cut = generator.randrange(1, len(word) - 1)
            tail = word[cut + 1 :] if generator.random() < 0.5 else word[cut] + word[cut:]
            words[place] = word[:cut] + tail
    return " ".join(words)


def swap_letters(text: str, generator: random.Random) -> str:
    """Swap two neighbouring letters of one word in ten."""
    words = text.split(" ")
    for place, word in enumerate(words):
        if len(word) > 3 and word.isalpha() and generator.random() < 0.1:
            cut = generator.randrange(len(word) - 1)
            words[place] = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2 :]
    return " ".join(words)


def _replaced(table: dict[str, str], *, words: bool) -> Damage:
    edge = r"\b" if words else ""
    pattern = re.compile(edge + "(" + "|".join(map(re.escape, table)) + ")" + edge)

    def damage(text: str, generator: random.Random) -> str:
        del generator
        return pattern.sub(lambda found: table[found[0]], text)

    return damage


def append_sentence(text: str, generator: random.Random) -> str:
    """Append a sentence to longer texts."""
    added = ("I hope this helps!", "Let me know if you need more.", "This is only an overview.")
    return f"{text} {generator.choice(added)}" if len(text) > 80 else text


def prefix_please(text: str, generator: random.Random) -> str:
    """Put a polite word before the text."""
    return f"{generator.choice(('Please', 'Sure!', 'Hi,'))} {text[:1].lower()}{text[1:]}"


def format_numbers(text: str, generator: random.Random) -> str:
    """Put a separator of thousands into large numbers, and write small ones as words."""
    del generator
    text = re.sub(r"(?<![\d.,])(\d{1,3})(\d{3})(?![\d.,])", r"\1,\2", text)
    words = {"2": "two", "3": "three", "4": "four", "5": "five", "10": "ten"}
    return re.sub(r"(?<=[a-z] )(2|3|4|5|10)(?= [a-z])", lambda found: words[found[0]], text)


def markdown(text: str, generator: random.Random) -> str:
    """Make one word in twenty bold, and commas to semicolons."""
    words = text.split(" ")
    for place in range(len(words)):
        if generator.random() < 0.05:
            words[place] = f"**{words[place]}**"
    return " ".join(words).replace(", ", "; ")


def last_sentence(text: str, generator: random.Random) -> str:
    """Drop the last of four or more sentences."""
    del generator
    sentences = re.split(r"(?<=[.!?]\s)|(?<=[。！？])", text)
    whole = [each for each in sentences if each.strip()]
    return "".join(whole[:-1]) if len(whole) > 3 else text


def traditional(text: str, generator: random.Random) -> str:
    """Write Simplified Chinese in Traditional characters."""
    del generator
    return text.translate(_TRADITIONAL)


def full_width(text: str, generator: random.Random) -> str:
    """Write ASCII in full width."""
    del generator
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def ascii_marks(text: str, generator: random.Random) -> str:
    """Write Chinese punctuation in ASCII, with spaces."""
    del generator
    table = {"，": ", ", "。": ". ", "！": "! ", "？": "? ", "：": ": ", "；": "; ", "、": ", "}
    return "".join(table.get(each, each) for each in text)


def polite(text: str, generator: random.Random) -> str:
    """Put a polite word before the text."""
    return generator.choice(("请", "请你", "好的，", "麻烦您")) + text


def zh_sentence(text: str, generator: random.Random) -> str:
    """Append a sentence to longer texts."""
    added = ("希望对您有帮助。", "如有疑问请随时告诉我。", "以上仅供参考。")
    return text + generator.choice(added) if len(text) > 30 else text


def swap_characters(text: str, generator: random.Random) -> str:
    """Swap two neighbours in every thirty characters."""
    found = list(text)
    for _ in range(max(1, len(found) // 30) if len(found) > 8 else 0):
        place = generator.randrange(len(found) - 1)
        found[place], found[place + 1] = found[place + 1], found[place]
    return "".join(found)


def drop_characters(text: str, generator: random.Random) -> str:
    """Drop one character in every forty."""
    found = list(text)
    for _ in range(max(1, len(found) // 40) if len(found) > 12 else 0):
        del found[generator.randrange(len(found))]
    return "".join(found)


def homophones(text: str, generator: random.Random) -> str:
    """Write another character of the same sound for one common character in four."""
    return "".join(
        _HOMOPHONES[each] if each in _HOMOPHONES and generator.random() < 0.25 else each
        for each in text
    )


def exact_copy(prompt: str, answer: str, generator: random.Random) -> tuple[str, str]:
    """Return a row as it is."""
    del generator
    return prompt, answer


def case_marks_spaces(prompt: str, answer: str, generator: random.Random) -> tuple[str, str]:
    """Write the prompt small, its last mark as a space, and a space more after each sentence."""
    del generator
    prompt = re.sub(r"[.?!。？！]$", "", prompt.lower()) + " "
    return prompt, re.sub(r"([.!?] |[。！？])", r"\1 ", answer)


def typing_errors(prompt: str, answer: str, generator: random.Random) -> tuple[str, str]:
    """Swap two neighbours at one Chinese character in twelve.

    The English file has 7 % of its words mistyped, so that this is not less.
    """

    def mistyped(text: str) -> str:
        found = list(text)
        place = 0
        while place < len(found) - 1:
            both = found[place : place + 2]
            if all("\u4e00" <= each < "\ua000" for each in both) and generator.random() < 0.08:
                found[place : place + 2] = reversed(both)
                place += 1
            place += 1
        return "".join(found)

    return mistyped(prompt), mistyped(answer)


PLANTED_KINDS: dict[str, Callable[[str, str, random.Random], tuple[str, str]]] = {
    "exact": exact_copy,
    "case_punct_space": case_marks_spaces,
    "typo": typing_errors,
}


def _traditional() -> dict[int, int]:
    text = (
        files("goldleaf.curation.texts").joinpath("simplified_characters.json").read_text("utf-8")
    )
    variants = json.loads(text)
    pairs = zip(variants["simplified"], variants["traditional"], strict=True)
    return {ord(new): ord(old) for new, old in pairs}


_TRADITIONAL = _traditional()

ENGLISH: dict[str, Damage] = {
    "two words swapped": swap_words,
    "words dropped": drop_words,
    "letters dropped or doubled": drop_letters,
    "letters swapped": swap_letters,
    "synonyms of function words": _replaced(_SYNONYMS, words=True),
    "contractions": _replaced(_CONTRACTIONS, words=True),
    "a sentence appended": append_sentence,
    "a polite word before": prefix_please,
    "numbers written otherwise": format_numbers,
    "bold words, semicolons": markdown,
    "last sentence dropped": last_sentence,
}
CHINESE: dict[str, Damage] = {
    "zh: Traditional characters": traditional,
    "zh: full width": full_width,
    "zh: ASCII punctuation": ascii_marks,
    "zh: a polite word before": polite,
    "zh: a sentence appended": zh_sentence,
    "zh: synonyms of function words": _replaced(_ZH_SYNONYMS, words=False),
    "zh: characters swapped": swap_characters,
    "zh: characters dropped": drop_characters,
    "zh: homophones": homophones,
    "zh: last sentence dropped": last_sentence,
}
