"""How many planted near duplicates are found, how many other rows are taken for one, how fast.

    python benchmarks/near_duplicates.py --rows DATA                 # recall and false alarms
    python benchmarks/near_duplicates.py --rows DATA --structured    # rows of tools, SQL, templates
    python benchmarks/near_duplicates.py --rows DATA --speed 200000 [--datasketch] [--rensa]
    python benchmarks/near_duplicates.py --rows DATA --growth [300000]   # up to so many rows
    python benchmarks/near_duplicates.py --rows DATA --style

DATA is a folder of gzipped JSON lines (planted_duplicates, alpaca_en_52k, alpaca_zh and others);
GOLDLEAF_ROWS names it too. The rows of the first half (by a hash of the row) are what rules were
adjusted on; `--half 1`, the default, reports the other.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from goldleaf.curation.near_duplicates.near_duplicates import near_duplicates
from goldleaf.curation.near_duplicates.record_parts import write_parts
from goldleaf.curation.set_style.style import style_report
from goldleaf.curation.texts.structured_output import is_structured

sys.path.insert(0, str(Path(__file__).parent))
from instruction_rows import Row, lines, real_rows, recombined
from light_damage import CHINESE, ENGLISH, PLANTED_KINDS

PLANTED = 2_000
"""Rows that are copied for each kind of damage, in a set of four times as many."""

Planted = tuple[int, int, str, Row]
"""Number of a row, of the row that it copies or its own, kind of the copy or "", and the row."""
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
"""Rows of the sets of which it is printed how their time grows."""
PEER_ROWS = {"datasketch": 5_000, "rensa": 50_000}
"""Rows of which peers find candidates, both of the extra `dev`: seconds of CPU time each."""
BASE, COPIES = 12_000, 1_000
"""Rows of the planted set, and copies of each kind: as many as in the English file."""


def half_of(row: Row) -> int:
    """Return the half of a row."""
    return zlib.crc32("\0".join(row).encode()) & 1


def frame(rows: list[tuple[str, Row, float]]) -> pl.DataFrame:
    """Return records as the screen reads them; (id, row, preference)."""
    return pl.DataFrame(
        {
            "record": [record for record, _, _ in rows],
            "prompt": [prompt for _, (prompt, _), _ in rows],
            "answer": [answer for _, (_, answer), _ in rows],
            "structured": [is_structured(answer) for _, (_, answer), _ in rows],
            "preference": [preference for _, _, preference in rows],
        }
    )


def screened(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the verdicts on a set."""
    with tempfile.TemporaryDirectory() as folder:
        return near_duplicates(rows, Path(folder))


def english(folder: Path) -> list[Row]:
    """Return the rows of Alpaca."""
    found = lines(folder, "alpaca_en_52k")
    return [(f"{row['instruction']}\n{row['input']}".strip(), row["output"]) for row in found]


def chinese(folder: Path) -> list[Row]:
    """Return the rows of Alpaca in Chinese."""
    found = lines(folder, "alpaca_zh")
    return [(f"{r['zh_instruction']}\n{r['zh_input']}".strip(), r["zh_output"]) for r in found]


def planted(folder: Path, half: int) -> None:
    """Print recall on planted copies, English ones of a file and Chinese ones made as these are."""
    english_rows: list[Planted] = []
    for row in lines(folder, "planted_duplicates"):
        origin = row["rid"] if row["dup_of"] is None else row["dup_of"]
        content = (f"{row['instruction']}\n{row['input']}".strip(), row["output"])
        english_rows.append((row["rid"], origin, row["op"] or "", content))
    found_in("planted file", english_rows, half)
    found_in("planted in Chinese", list(planted_chinese(chinese(folder))), half)


def planted_chinese(rows: list[Row]) -> Iterator[Planted]:
    """Yield Chinese rows, then a thousand copies of each kind, as those of the English file."""
    generator = random.Random(0)
    base = generator.sample(rows, BASE)
    for number, row in enumerate(base):
        yield number, number, "", row
    number = len(base)
    for kind, damage in PLANTED_KINDS.items():
        for origin in generator.sample(range(len(base)), COPIES):
            prompt, answer = base[origin]
            yield number, origin, kind, damage(prompt, answer, generator)
            number += 1


def found_in(name: str, rows: list[Planted], half: int) -> None:
    """Print recall of each kind, and which of the rows that go are of one family."""
    kept: list[tuple[str, Row, float]] = []
    family: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for number, origin, kind, content in rows:
        if zlib.crc32(str(origin).encode()) & 1 != half:
            continue
        record = f"{number:06}"
        kept.append((record, content, float(not kind)))
        family[record] = f"{origin:06}"
        kinds[record] = kind
    verdicts = screened(frame(kept))
    gone = set(verdicts.filter(pl.col("verdict") == "duplicate")["record"])
    for kind in sorted(set(kinds.values()) - {""}):
        own = [record for record, each in kinds.items() if each == kind]
        found = sum(record in gone for record in own)
        show(f"{name}: {kind}", len(own), found / len(own))
    pairs = verdicts.filter(pl.col("verdict") == "duplicate").select("record", "of").rows()
    other = [pair for pair in pairs if family[pair[0]] != family[pair[1]]]
    show(f"{name}: of one family (precision)", len(pairs), 1 - len(other) / len(pairs))
    texts = {record: content for record, content, _ in kept}
    for record, of in other:
        sys.stderr.write(f"  {texts[record]!r:.160}\n  = {texts[of]!r:.160}\n")


def damaged(rows: list[Row], kinds: dict[str, Callable[[str, random.Random], str]]) -> None:
    """Plant light damage, each kind in a set of its own rows, and print how much is found."""
    base = rows[: 4 * PLANTED]
    names = {f"b{n:06}": row for n, row in enumerate(base)}
    clean = screened(frame([(record, row, 1.0) for record, row in names.items()]))
    duplicates = clean.filter(pl.col("verdict") == "duplicate")
    show("rows as they are: flagged duplicate", len(base), duplicates.height / len(base))
    for record, of in duplicates.select("record", "of").rows()[:40]:
        sys.stderr.write(f"  {names[record]!r:.160}\n  = {names[of]!r:.160}\n")
    for kind, damage in kinds.items():
        generator = random.Random(kind)
        copies: list[tuple[str, Row, float]] = []
        for number, (prompt, answer) in enumerate(base[:PLANTED]):
            changed = damage(prompt, generator), damage(answer, generator)
            if changed != (prompt, answer) and not is_structured(answer):
                copies.append((f"c{number:06}", changed, 0.0))
        originals = [(record, row, 1.0) for record, row in names.items()]
        verdicts = screened(frame(originals + copies))
        gone = set(verdicts.filter(pl.col("verdict") == "duplicate")["record"])
        found = sum(record in gone for record, _, _ in copies)
        show(kind, len(copies), found / max(1, len(copies)))
    two_answers(base)


def two_answers(base: list[Row]) -> None:
    """Plant the prompt of one row with the answer of another."""
    originals = [(f"b{n:06}", row, 1.0) for n, row in enumerate(base)]
    copies = [(f"c{n:06}", (base[n][0], base[-n - 1][1]), 0.0) for n in range(PLANTED)]
    verdicts = screened(frame(originals + copies))
    planted_verdicts = verdicts.filter(pl.col("record").str.starts_with("c"))
    for verdict in ("same_prompt", "duplicate"):
        found = planted_verdicts.filter(pl.col("verdict") == verdict)["record"]
        show(f"one prompt, two answers: {verdict}", len(copies), len(found) / len(copies))


def structured(folder: Path) -> None:
    """Print how many rows of tools, SQL and templates are lost that are not exactly equal."""
    for name, rows in structured_sets(folder):
        found = frame([(f"{n:06}", row, 0.0) for n, row in enumerate(rows)])
        field = "function" if name.startswith("bfcl") else "tools"
        if name.startswith(("bfcl", "glaive")):
            tools = [json.dumps(row.get(field), ensure_ascii=False) for row in lines(folder, name)]
            found = found.with_columns(pl.Series("tools", tools), structured=pl.lit(True))
        verdicts = screened(found).filter(pl.col("verdict") == "duplicate")
        same = int(verdicts["reason"].str.starts_with("same text").sum())
        lost = verdicts.height - same
        title = f"{name} (equal up to case and punctuation: {same}): lost"
        show(title, len(rows), lost / len(rows))


def structured_sets(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Yield rows of tools, SQL and templates, as their records would be."""
    rows = list(lines(folder, "bfcl_v4_dev"))
    asked = [json.dumps(row["question"], ensure_ascii=False) for row in rows]
    called = [json.dumps(row.get("ground_truth"), ensure_ascii=False) for row in rows]
    yield "bfcl_v4_dev", list(zip(asked, called, strict=True))
    for name in ("glaive_toolcall_en_demo", "glaive_toolcall_zh_demo"):
        turns = [[turn["value"] for turn in row["conversations"]] for row in lines(folder, name)]
        yield name, [("\n".join(each[:-1]), each[-1]) for each in turns]
    sql: list[Row] = []
    for row in lines(folder, "text2sql_dev"):
        for sentence in row["sentences"]:
            question, answer = sentence["text"], row["sql"][0]
            for variable, value in sentence["variables"].items():
                question = question.replace(variable, str(value))
                answer = answer.replace(variable, str(value))
            sql.append((question, answer))
    yield "text2sql_dev", sql
    rows = list(lines(folder, "sql_create_context"))
    yield "sql_create_context", [(f"{r['context']}\n{r['question']}", r["answer"]) for r in rows]
    rows = list(lines(folder, "gpteacher_toolformer_dedup_ladder"))
    yield "gpteacher_toolformer", [(f"{r['instruction']}\n{r['input']}", r["output"]) for r in rows]
    yield "gsm8k_train", [(row["question"], row["answer"]) for row in lines(folder, "gsm8k_train")]


def many(folder: Path, count: int) -> tuple[list[Row], str]:
    """Return rows of all sets of the folder, recombined ones if they are too few, and how many."""
    rows, own = real_rows(folder)
    real = len(rows)
    if count > real:
        rows += recombined(rows[:own], count - real)
    kinds = f"{min(count, own):,} real, {max(0, min(count, real) - own):,} planted copies of such"
    return rows[:count], f"{kinds}, {max(0, count - real):,} recombined"


def written(folder: Path, count: int, parts: Path) -> str:
    """Write so many rows as the files that a curation has, and return what they are."""
    rows, kinds = many(folder, count)
    write_parts(frame([(f"{n:08x}", row, 0.0) for n, row in enumerate(rows)]), parts)
    size = sum(len(text.encode()) for row in rows for text in row)
    return f"{count:,} rows ({kinds}) of {size // count} bytes"


def screened_files(parts: Path, work: Path) -> tuple[float, int, str]:
    """Screen files of rows; return CPU seconds, the greatest memory in MB, and the verdicts."""
    start = time.process_time()
    verdicts = near_duplicates(sorted(parts.glob("*.parquet")), work)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return spent, peak, str(verdicts["verdict"].value_counts().sort("verdict").rows())


def measured(folder: Path, count: int) -> float:
    """Screen so many rows, print what it took, and return CPU seconds.

    One process writes the rows, another one screens them: its memory is what the screen takes.
    """
    with tempfile.TemporaryDirectory() as scratch:
        parts, work = Path(scratch, "parts"), Path(scratch, "work")
        parts.mkdir()
        work.mkdir()
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            kinds = pool.submit(written, folder, count, parts).result()
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            spent, peak, verdicts = pool.submit(screened_files, parts, work).result()
    sys.stdout.write(
        f"{kinds}: {spent:.1f} CPU s, {count / spent:,.0f} rows a CPU second, "
        f"peak {peak:,} MB, {verdicts}\n"
    )
    sys.stdout.flush()
    return spent


def speed(folder: Path, count: int, peers: list[str]) -> None:
    """Print rows per CPU second and peak memory, and those of peers on the first of these rows."""
    rows = many(folder, min(count, max(PEER_ROWS.values())))[0] if peers else []
    own = {name: rows[: PEER_ROWS[name]] for name in peers}
    # Before and after: what else the machine does slows both.
    first = {name: peer_seconds(name, own[name]) for name in peers}
    spent = measured(folder, count)
    for name in peers:
        slow = (first[name] + peer_seconds(name, own[name])) / 2
        peer = len(own[name]) / slow
        sys.stdout.write(
            f"{name}'s candidates, {len(own[name]):,} of these rows: {peer:,.0f} rows a CPU "
            f"second; ours is {count / spent / peer:.2f} times as fast\n"
        )


def growth(folder: Path, most: int) -> None:
    """Print CPU seconds of sets of several sizes, and the exponent."""
    sizes = [size for size in SIZES if size <= most]
    spent: list[float] = []
    for size in sizes:
        spent.append(measured(folder, size))
        if len(spent) > 1:
            exponent, _ = np.polyfit(np.log(sizes[: len(spent)]), np.log(spent), 1)
            sys.stdout.write(f"CPU seconds from {sizes[0]:,} to {size:,}: rows ** {exponent:.2f}\n")
            sys.stdout.flush()


def peer_seconds(name: str, rows: list[Row]) -> float:
    """Return the CPU seconds that a peer takes."""
    candidates = {"datasketch": with_datasketch, "rensa": with_rensa}[name]
    start = time.process_time()
    candidates(rows)
    return time.process_time() - start


def with_datasketch(rows: list[Row]) -> int:
    """Return how many candidates datasketch finds: signatures and bands alone, nothing compared."""
    from datasketch import MinHash, MinHashLSH  # pyright: ignore[reportMissingImports]

    index = MinHashLSH(num_perm=128, params=(42, 3))
    found = 0
    for number, row in enumerate(rows):
        text = " ".join("\n".join(row).lower().split())
        signature = MinHash(num_perm=128)
        signature.update_batch([text[n : n + 5].encode() for n in range(max(1, len(text) - 4))])
        found += len(index.query(signature))
        index.insert(number, signature)
    return found


def with_rensa(rows: list[Row]) -> int:
    """Return how many rows share a band with another one by rensa, bands as datasketch's.

    Numpy hashes the 5-grams. 42 bands of three have 126 values: rensa takes no others. That a row
    has a candidate is all that is asked, not which one, and nothing is compared.
    """
    rensa: Any = import_module("rensa")  # its names are of a compiled module, without types
    index = rensa.RMinHashLSH(0.5, 126, 42)
    found = 0
    for start in range(0, len(rows), 1_000):
        texts = [
            " ".join("\n".join(row).lower().split()).ljust(5) for row in rows[start : start + 1_000]
        ]
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        hashes = np.zeros(len(points) - 4, np.uint64)
        for place in range(5):
            hashes *= np.uint64(0x9E3779B97F4A7C15)
            hashes += points[place : len(hashes) + place]
        hashes ^= hashes >> np.uint64(32)
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        kept = np.ones(len(points), np.bool_)
        kept[(np.cumsum(lengths)[:, None] - np.arange(1, 5)).ravel()] = False
        offsets = np.append(0, np.cumsum(lengths - 4)).astype(np.uint64)
        own = hashes[kept[: len(hashes)]]
        digests = rensa.RMinHash.digest_matrix_from_flat_token_hashes(own, offsets, 126, 1)
        found += sum(index.insert_matrix_and_query_duplicate_flags(digests, start))
    return found


def styles(folder: Path) -> None:
    """Print the style of sets that people wrote and of others."""
    sets = {
        "dolly_3k_category": "output",
        "gsm8k_train": "answer",
        "oasst_realistic_seed": "text",
        "cold_zh_train_dev": "TEXT",
        "belle_eval_zh_class": "std_answer",
        "alpaca_en_52k": "output",
        "alpaca_zh": "zh_output",
        "safety_tuned_sft": "output",
        "gpteacher_toolformer_dedup_ladder": "output",
    }
    for name, field in sets.items():
        answers = [row[field] for row in lines(folder, name)]
        records = [f"{n:06}" for n in range(len(answers))]
        report = style_report(pl.DataFrame({"record": records, "answer": answers}))
        sys.stdout.write(f"{name}: {report.style} {report.reasons}\n")


def show(name: str, count: int, value: float) -> None:
    """Print a line of the table."""
    sys.stdout.write(f"{name:<70} {count:>6,} {value:>7.4f}\n")
    sys.stdout.flush()


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=os.environ.get("GOLDLEAF_ROWS"))
    parser.add_argument("--half", type=int, default=1)
    parser.add_argument("--structured", action="store_true")
    parser.add_argument("--style", action="store_true")
    parser.add_argument("--speed", type=int, default=0)
    for name in PEER_ROWS:
        parser.add_argument(f"--{name}", dest="peers", action="append_const", const=name)
    parser.add_argument("--growth", type=int, nargs="?", const=SIZES[-1], default=0)
    asked = parser.parse_args()
    if asked.rows is None:
        parser.error("name the folder of the rows: --rows DATA")
    folder = Path(asked.rows)
    if asked.speed:
        speed(folder, asked.speed, asked.peers or [])
    elif asked.growth:
        growth(folder, asked.growth)
    elif asked.structured:
        structured(folder)
    elif asked.style:
        styles(folder)
    else:
        planted(folder, asked.half)
        for rows, kinds in ((english(folder), ENGLISH), (chinese(folder), CHINESE)):
            damaged([row for row in rows if half_of(row) == asked.half], kinds)


if __name__ == "__main__":
    main()
