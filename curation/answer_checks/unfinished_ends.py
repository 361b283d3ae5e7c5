"""Is the end of a text the beginning of something: of a word, a name, an item, a line of code.

What was begun is told by what the text or its question has elsewhere: "the Kiel C" where the
question has "the Kiel Canal", a lone "3" below "2. Roof tiler", a line `pri` that no other line of
the code has.
"""

from __future__ import annotations

import re
from typing import Final

READ: Final = 20_000
"""Characters of the end of a question that are read."""

_SHORT_WORDS = frozenset(
    """a i ad ah am an as at ax be by do ed eg em en eh ex go ha he hi ho id if in is it jr kg km
    lb ma me ml mm mr ms mu my no of oh ok on op or os ox oz pa pi pm qi re sr st th to tv uk um un
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
    hz pm bc ad ce yam nun yak elm pdf jpg png gif css csv xml url api sql cpu gpu usb dna rna
    """.split()
)
"""English words of up to three letters; another ending in lower case is a stump."""
_WORD = re.compile(r"[a-z]{3,30}")
_ENDING = re.compile(
    r"(?:e?s|e?d|e?r|ers|ing|ings|ly|ness|ment|ful|less|able|ion|al|ic|y|n|en|like)"
)
"""What makes another form of the same word, so that the shorter one is a word, too."""
_CODE_WORDS = frozenset(
    """pass break continue return end fi done esac else endif wend loop exit quit commit rollback
    ret nop hlt main clear pwd ls""".split()
)
"""What code may end in."""


def no_word(word: str) -> bool:
    """Return whether letters in lower case are too few to be an English word: "th", "pr"."""
    return len(word) <= 3 and word not in _SHORT_WORDS


def begun_word(word: str, text: str, question: str) -> str:
    """Return a longer word of the texts that a word begins and is no form of, "" without one."""
    longer, times = "", 0
    for other in _WORD.findall(f"{question[-READ:]}\n{text}".lower()):
        times += other == word
        if len(other) > len(word) and other.startswith(word):
            longer = longer if _ENDING.fullmatch(other, len(word)) else other
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


def begun_code(text: str) -> str:
    """Return the name that a last line of code is alone, where the text has it nowhere else."""
    lines = text.split("\n")
    name = lines[-1].strip()
    if len(lines) < 2 or name in _CODE_WORDS or not re.fullmatch(r"[a-z_]\w{0,30}", name):
        return ""
    return "" if re.search(rf"\b{name}\b", text[: -len(name)]) else name
