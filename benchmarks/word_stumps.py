"""Which four letters stand in English words and end none: writes `word_stumps.json`.

    python benchmarks/word_stumps.py american-english british-english

The files hold one word a line; those of the repository were made of SCOWL's lists as Debian has
them (packages wamerican and wbritish, 2020.12.07, Copyright 2000-2018 by Kevin Atkinson, free
to use, http://wordlist.aspell.net). `curation/answer_checks/unfinished_ends.py` reads the result.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path

from goldleaf.curation.answer_checks.unfinished_ends import LETTERS

WRITTEN = Path(__file__).parent.parent / "curation" / "answer_checks" / "word_stumps.json"
LEAST = 5
"""Words in which such letters stand; with fewer, a rare word may end so."""


def stumps(words: set[str]) -> list[str]:
    """Return the letters, sorted. Names end words, too; what stands inside of one says nothing."""
    ends = {word.lower()[-LETTERS:] for word in words}
    inside = Counter(
        word[place : place + LETTERS]
        for word in words
        if word.islower()
        for place in range(len(word) - LETTERS)
    )
    return sorted(each for each, count in inside.items() if count >= LEAST and each not in ends)


def main() -> None:
    """Write the letters, by the first three of four."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", type=Path, nargs="+", help="files with one word a line")
    lines = {
        line.strip()
        for path in parser.parse_args().words
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    found = stumps({line for line in lines if re.fullmatch(r"[A-Za-z]{2,}", line)})
    grouped: dict[str, str] = {}
    for each in found:
        grouped[each[:-1]] = grouped.get(each[:-1], "") + each[-1]
    WRITTEN.write_text(json.dumps(grouped, separators=(",", ":")) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(found):,} stumps\n")


if __name__ == "__main__":
    main()
