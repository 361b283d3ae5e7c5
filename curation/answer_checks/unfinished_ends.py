"""Is the end of a text the beginning of something: of a word, a name, an item.

What was begun is told by what the text or its question has elsewhere: "the Kiel C" where the
question has "the Kiel Canal", a lone "3" below "2. Roof tiler".
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Final

LETTERS: Final = 4
"""Letters at the end of a word by which a longer one is told to be cut off."""
READ: Final = 20_000
"""Characters of the end of a question that are read."""

_SHORT_WORDS = frozenset(
    """a i ad ah am an as at ax be by do ed eg em en eh ex go ha he hi ho id if in is it jr kg km
    lb ma me ml mm mr ms mu my no of oh ok on op or os ox oz pa pi pm qi sr st to tv uk um un
    up us uv we ye yo act add age ago aid aim air ale all and ant any ape app apt arc are arm art
    ash ask ate awe axe bad bag ban bar bat bay bed bee beg bet bid big bin bit bot bow box boy bud
    bug bun bus but buy bye cab can cap car cat cod cog cop cow cry cub cup cut dad dam day den dew
    did die dig dim dip dog dot dry due duo dye ear eat eco egg ego elf end era eve eye fad fan far
    fat fax fed fee few fig fin fir fit fix flu fly foe fog for fox fry fun fur gap gas gel gem get
    gig god got gum gun guy gym had ham has hat hay hen her hex hey hid him hip his hit hop hot how
    hub hue hug hut ice icy ill ink inn ion its ivy jam jar jaw jet jew job jog joy jug key kid kin
    kit lab lad lag lap law lay led leg let lid lie lip lit log lot low mad man map mat max may men
    met mid min mix mob mod mom mop mud mug mum nap net new nil nor not now nut oak oar oat odd off
    oil old one opt orb ore our out owe owl own pad pal pan par pat paw pay pea peg pen pep per pet
    pie pig pin pit ply pod pop pot pre pro pub pun pup put rag ram ran rap rat raw ray red rib rid
    rim rip rob rod rot row rub rug rum run rye sad sat saw say sea see set sew sex she shy sin sip
    sir sit six ski sky sly sob son soy spa spy sub sum sun tab tag tan tap tar tax tea ten the tie
    tin tip toe ton too top toy try tub tug two urn use van vat vet via vow wag war was wax way web
    wed wet who why wig win wit won wow yen yes yet you zen zip zoo sun kg cm
    hz pm bc ad ce yam nun yak elm bio doc vid fam vis ref
    sec avg std tbd faq mph kph pdf jpg png gif css csv xml url api sql cpu gpu usb dna rna
    """.split()
)
"""English words of up to three letters; another ending in lower case is a stump."""
_WORD = re.compile(r"[a-z]{3,30}")
_ENDING = re.compile(
    r"(?:e?s|e?d|e?r|ers|ing|ings|ly|ness|ment|ful|less|able|ion|al|ic|y|n|en|like)"
)
"""What makes another form of the same word, so that the shorter one is a word, too."""
_LABEL = re.compile(r"[#*\s]{0,6}([A-Z][a-z]{2,12}|第)(?: ?\d{1,2})?")


def no_word(word: str) -> bool:
    """Return whether letters in lower case are no English word: too few, or none ends in them.

    >>> no_word("th"), no_word("techn"), no_word("technique")
    (True, True, False)
    """
    if len(word) < LETTERS:
        return word not in _SHORT_WORDS
    # "livin", "tryin" are how somebody speaks
    return not word.endswith("in") and word[-1] in _stumps().get(word[-LETTERS:-1], "")


@cache
def _stumps() -> dict[str, str]:
    """Return what stands in English words and ends none: three letters, and each fourth.

    Five words or more have such letters inside of them (`benchmarks/word_stumps.py`).
    """
    raw = files("goldleaf.curation.answer_checks").joinpath("word_stumps.json").read_bytes()
    return json.loads(raw)


def begun_word(word: str, text: str, question: str) -> str:
    """Return a longer word of the texts that a word begins and is no form of, "" without one.

    What is no word is no form of one.
    """
    longer, times, stump = "", 0, no_word(word)
    for other in _WORD.findall(f"{question[-READ:]}\n{text}".lower()):
        times += other == word
        if len(other) > len(word) and other.startswith(word):
            form = not stump and _ENDING.fullmatch(other, len(word))
            longer = longer if form else other
    return longer if times < 2 else ""


def begun_name(text: str, line: str, question: str) -> str:
    """Return a longer word that the texts have after the word before the last, "" without one.

    "the Kiel C" is begun like "the Kiel Canal" of the question.
    """
    found = re.search(r"(?<![\w'’-])([A-Za-z]{2,30}) ([A-Za-z]{1,30})\Z", line)
    if not found or len(line.split()) < 3 or _titled_choice(found[1], found[2]):
        return ""
    before, stump = found.groups()
    both = f"{question[-READ:]}\n{text[: -len(stump)]}"
    if re.search(rf"(?<!\w){stump}(?!\w)", both, re.IGNORECASE):
        return ""
    for other in re.finditer(rf"(?<!\w){before} ({stump}[a-z]{{2,30}})", both):
        if not _ENDING.fullmatch(other[1], len(stump)):
            return other[1]
    return ""


def _titled_choice(before: str, letter: str) -> bool:
    """Return whether a letter is a name, as in "option B": one capital after a common noun."""
    return len(letter) == 1 and letter.isupper() and not before[0].isupper()


def begun_item(text: str, number: int) -> bool:
    """Return whether a number on the last line is that of an item that was to follow."""
    return number > 1 and bool(
        re.search(rf"^[ \t]*\(?{number - 1}[.)、][^\n]+\n\s*{number}\Z", text, re.M)
    )


def begun_label(text: str, line: str) -> str:
    """Return a last line that is a label alone, where an earlier one like it has a text, else "".

    "Step 3", or "Step" without its number, below "Step 2: Fill it."
    """
    found = _LABEL.fullmatch(line)
    if not found or "\n" not in text:
        return ""
    earlier = rf"^\W{{0,4}}{re.escape(found[1])} ?\d{{1,2}}\W{{0,4}}[:：.–-]\W{{0,4}}\w"
    return line if re.search(earlier, text[: -len(line)], re.MULTILINE) else ""
