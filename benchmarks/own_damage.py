"""The second table of `bad_rows.py`: rows of other sets, damaged in ways of no planted row."""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from flagged_rows import SETS, flagged, pair, read, say, sure

ROWS = 1_200
"""Rows of each of `SETS`."""
Damage = Callable[[str, str, random.Random], str]


def cut(prompt: str, answer: str, draw: random.Random) -> str:
    """Return an answer cut off anywhere in it."""
    return answer[: max(8, int(len(answer) * draw.uniform(0.3, 0.9)))]


def strewn_with(signs: str) -> Damage:
    """Return what puts signs in place of one letter in eight."""
    return lambda prompt, answer, draw: "".join(
        draw.choice(signs) if each.isalpha() and draw.random() < 0.12 else each for each in answer
    )


def misread(prompt: str, answer: str, draw: random.Random) -> str:
    """Return an answer whose UTF-8 was read as Latin-1, with the quotes that texts have."""
    curly = answer.replace("'", "\u2019").replace('"', "\u201c")
    return (curly if curly != answer else f"\u201c{answer}\u201d").encode().decode("latin-1")


OWN: dict[str, Damage] = {
    "cut anywhere": cut,
    "prompt alone": lambda prompt, answer, draw: prompt,
    "prompt repeated": lambda prompt, answer, draw: f"{prompt}\n{answer}",
    "doubled": lambda prompt, answer, draw: f"{answer}\n\n{answer}",
    "loop at the end": lambda prompt, answer, draw: answer[:80] + answer[40:80] * 9,
    "misread encoding": misread,
    "strewn with signs": strewn_with("#@$%^*~|"),
    "strewn with &+=": strewn_with("&+="),
    "strewn with ?!;": strewn_with("?!;"),
    "strewn with §¤¶•": strewn_with("§¤¶•"),
    "strewn with ASCII": strewn_with(string.punctuation),
    "strewn with <>{}[]": strewn_with("<>{}[]"),
    "lost characters": lambda prompt, answer, draw: answer.replace("e", "\ufffd").replace(
        "的", "\ufffd"
    ),
    "HTML left": lambda prompt, answer, draw: f"<p>{answer.replace('. ', '.<br>')}</p>",
    "role in front": lambda prompt, answer, draw: f"### Assistant: {answer}",
    "next turn": lambda prompt, answer, draw: f"{answer}\nHuman: What else?\nAssistant: Nothing.",
    "token of a template": lambda prompt, answer, draw: f"{answer}<|im_end|>",
    "lorem ipsum": lambda prompt, answer, draw: "Lorem ipsum dolor sit amet, consectetur elit.",
    "opening alone": lambda prompt, answer, draw: "Sure! Here is the answer:",
    "AI alone": lambda prompt, answer, draw: "As an AI language model, I do not have feelings.",
    "asks back": lambda prompt, answer, draw: "Please provide the text that you mean.",
    "other language": lambda prompt, answer, draw: (
        "That depends on how much water there is in the river and who lives beside it."
        if any("\u4e00" <= each <= "\u9fff" for each in prompt[:40])
        else "这取决于河里有多少水，以及河边住着什么样的人。"
    ),
    "null": lambda prompt, answer, draw: "null",
}


def own(folder: Path, examples: bool) -> None:
    """Print the second table: own damage to rows of other sets."""
    for name in SETS:
        if not (folder / f"{name}.jsonl.gz").exists():
            say(f"{name}: absent")
            continue
        rows = read(folder / f"{name}.jsonl.gz")
        random.Random(7).shuffle(rows)
        pairs = [each for row in rows[: ROWS * 2] if len((each := pair(row))[1]) >= 20][:ROWS]
        clean = [sure(each) for each in flagged(pairs)]
        counts: dict[str, int] = {}
        for each in clean:
            for verdict in each:
                counts[verdict] = counts.get(verdict, 0) + 1
        say(f"{name}: flagged {sum(map(bool, clean)) / len(pairs):.2%} of {len(pairs)} {counts}")
        if examples:
            for (prompt, answer), each in zip(pairs, clean, strict=True):
                if each:
                    say(f"  {each} {prompt[-80:]!r} {answer[-90:]!r}")
        few = pairs[:400]
        for kind, damage in OWN.items():
            draw = random.Random(kind)
            worse = [(prompt, damage(prompt, answer, draw)) for prompt, answer in few]
            kept = [new for new, old in zip(worse, few, strict=True) if new[1] != old[1]]
            share = sum(bool(sure(each)) for each in flagged(kept)) / len(kept) if kept else 0.0
            say(f"    {kind:<20} {share:.2f} of {len(kept)}")
