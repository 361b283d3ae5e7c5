"""From `records.jsonl` to TRL files, against the floor measured in the same run.

The floor is what no exporter can do without: parse every line, hash it, write it again, in one
process (orjson, xxhash). The export does all of its work: merging, duplicates, the rules of the
recipe shipped for 8B (its ceilings on rows lifted, so that every row is written), split, ledger.

Each part runs in a process of its own, so that its peak memory is its own; the export's is that of
all its processes together. Neighbours on the machine lengthen the seconds on the clock.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import xxhash

from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Provenance,
    Record,
    Tags,
    ToolCall,
    Turn,
)
from goldleaf.core.records_jsonl import to_line
from goldleaf.exporters.export import export
from goldleaf.exporters.ingest.record_sources import records_file
from goldleaf.recipes.load import for_model
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Total

ENGLISH = """the water boils sooner where air is thin and people who climb cook longer than those
at sea because pressure falls with height a kettle on a mountain says little about how hot tea will
be when it reaches a cup bakers know this well they add time take away sugar or change an oven so
that bread does not collapse""".split()
CHINESE = """山上 空气 稀薄 气压 较低 所以 水 在 更低 的 温度 下 就会 沸腾 煮饭 需要 更久
面包师 都 知道 这一点 他们 会 延长 时间 减少 糖分 或者 调整 烤箱 这样 面包 就 不会 塌陷
因此 高原 居民 常用 高压锅""".split()
CODE = """def total(values): for value in values: result += value return result if value is None:
continue print(total([1, 2, 3])) while queue: item = queue.pop() seen.add(item)""".split()
REFUSALS = {
    "en": "I cannot help with that, but here is where to find support.",
    "zh": "抱歉，我不能提供这方面的帮助。",
}
KINDS = (
    ("", 60),
    ("refusal", 3),
    ("benign_twin", 3),
    ("tool_call", 4),
    ("structured_output", 4),
    ("reasoning_chain", 4),
    ("multi_turn", 7),
    ("comparison", 10),
    ("judgement", 5),
)
"""What a record is, and how often out of a hundred."""

DUPLICATES = 50
"""One record in so many comes again."""


def length(chance: random.Random, median: float, spread: float) -> int:
    """Return a number of characters, spread as public instruction sets spread theirs."""
    return int(min(chance.lognormvariate(0.0, spread) * median, median * 12)) + 8


class Texts:
    """Sentences out of a few words, and texts of a wanted length out of them."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.pools = {
            "en": [" ".join(chance.choices(ENGLISH, k=12)) + ". " for _ in range(4_000)],
            "zh": ["".join(chance.choices(CHINESE, k=12)) + "。" for _ in range(4_000)],
            "code": ["    " + " ".join(chance.choices(CODE, k=6)) + "\n" for _ in range(2_000)],
        }

    def __call__(self, language: str, characters: int) -> str:
        """Return a text; code comes fenced. A Chinese character says what three others say."""
        pool = self.pools[language]
        wanted = characters // 3 if language == "zh" else characters
        parts = self.chance.choices(pool, k=wanted // len(pool[0]) + 1)
        text = "".join(parts)[: max(wanted, 4)]
        return f"```python\n{text}\n```" if language == "code" else text.strip()


def records(size: int) -> Iterator[Record]:
    """Yield as many records; 700 bytes a line on average, a quarter of them Chinese."""
    chance = random.Random(7)
    texts = Texts(chance)
    names, weights = zip(*KINDS, strict=True)
    sources = chance.choices(("S1", "S2", "S3", "S4"), weights=(20, 50, 20, 10), k=997)
    recent: Record | None = None
    for number in range(size):
        parent = Provenance(
            source=sources[number % 997], file="bench.jsonl", line=number + 1, licence="Apache-2.0"
        )
        if recent is not None and number % DUPLICATES == 0:
            yield _again(recent, parent)
            continue
        language = chance.choices(("en", "zh", "code"), weights=(65, 25, 10))[0]
        (kind,) = chance.choices(names, weights=weights)
        recent = _record(number, kind, language, texts, parent)
        yield recent


def _again(record: Record, parent: Provenance) -> Record:
    return replace(record, parents=(parent,))


def _record(number: int, kind: str, language: str, texts: Texts, parent: Provenance) -> Record:
    chance = texts.chance
    spoken = "zh" if language == "zh" else "en"
    asked = Turn("user", f"{texts(spoken, length(chance, 68, 0.55))} ({number})")
    tags = Tags(
        behaviours=(kind,) if kind in ("refusal", "benign_twin") else (),
        language=spoken,
        signals={"difficulty": round(chance.random(), 3)},
    )

    def answer(median: float = 185) -> Turn:
        return Turn("assistant", texts(language, length(chance, median, 1.0)))

    if kind == "comparison":
        pair = (Candidate((answer(300),), rank=1), Candidate((answer(300),), rank=2))
        return Comparison((asked,), pair, strength="slight", tags=tags, parents=(parent,))
    if kind == "judgement":
        good = number % 3 > 0
        return Judgement((asked,), (answer(),), good=good, tags=tags, parents=(parent,))
    return _demonstration(kind, asked, answer, tags, parent)


def _demonstration(
    kind: str, asked: Turn, answer: Callable[[], Turn], tags: Tags, parent: Provenance
) -> Demonstration:
    context, said, tools = (asked,), answer(), ()
    if kind == "refusal":
        said = Turn("assistant", f"{REFUSALS[tags.language]} {said.content[:40]}")
    elif kind == "structured_output":
        said = Turn("assistant", json.dumps({"answer": said.content[:200], "sure": True}))
    elif kind == "reasoning_chain":
        said = Turn("assistant", said.content, reasoning=answer().content)
    elif kind == "multi_turn":
        context = (asked, answer(), Turn("user", answer().content[:80]))
    elif kind == "tool_call":
        call = ToolCall("look_up", {"words": asked.content[:20]}, "c1")
        shown = Turn("tool", said.content, tool_call_id="c1", name="look_up")
        context = (asked, Turn("assistant", tool_calls=(call,)), shown)
        tools = ({"type": "function", "function": {"name": "look_up", "parameters": {}}},)
    return Demonstration(context, (said,), tools, tags=tags, parents=(parent,))


def make(file: Path, size: int) -> None:
    """Write the records."""
    with open(file, "wb") as output:
        output.writelines(to_line(record) + b"\n" for record in records(size))


def floor(file: Path, target: Path) -> None:
    """Parse, hash and write every line."""
    with open(file, "rb") as lines, open(target, "wb") as output:
        for line in lines:
            xxhash.xxh3_128_digest(line)
            output.write(orjson.dumps(orjson.loads(line)) + b"\n")


def unbounded() -> Recipe:
    """Return the recipe for 8B without its ceilings on rows."""
    recipe, _ = for_model("8B")
    assert recipe.core is not None
    core = recipe.core.model_copy(update={"max": None})
    diverse = recipe.diverse.model_copy(update={"max": None})
    lifted = {"total": Total(min=None, max=None), "core": core, "diverse": diverse}
    return recipe.model_copy(update=lifted)


def exported(file: Path, out: Path) -> None:
    """Export the records.

    Raises:
        SystemExit: hardly any record may be left out, and more were.
    """
    outcome = export(records_file(file), unbounded(), out)
    if outcome.records["dropped"] > outcome.records["made"] / 100:
        raise SystemExit(f"records were left out: {outcome.reasons['dropped']}")


@dataclass(frozen=True)
class Spent:
    """What a part took: seconds on the clock and of the CPU, peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def apart(*part: object) -> Spent:
    """Run a part of this file in a process of its own.

    The clock of the part's own process counts from its first line on: the interpreter's start is
    no exporter's work. Peak memory is that of all its processes together.
    """
    command = [sys.executable, __file__, "--part", *map(str, part)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        peak = 0.0
        while not (ended := os.wait4(child.pid, os.WNOHANG))[0]:
            peak = max(peak, _resident(child.pid))
            time.sleep(LOOKED)
        child.returncode = os.waitstatus_to_exitcode(ended[1])
        told = child.stdout.read()
    if child.returncode:
        raise SystemExit(f"{part[0]} failed")
    wall, cpu = map(float, told.split())
    return Spent(wall, cpu, max(peak, ended[2].ru_maxrss / 1024))


LOOKED = 0.03
"""Seconds between two looks at the memory of all processes; that of each alone is exact."""


def _resident(process: int) -> float:
    """Return the resident memory of a process and its children, in MB; shared pages count twice."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except OSError:
        return 0.0
    return pages * PAGE + sum(_resident(int(child)) for child in children)


PAGE = os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(size: int, folder: Path) -> Spent:
    """Print one line of the table; return what the export took."""
    file, out = folder / "records.jsonl", folder / "out"
    apart("make", file, size)
    least = apart("floor", file, folder / "floor.jsonl")
    spent = apart("export", file, out)
    print(  # noqa: T201
        f"{size:>9,} {file.stat().st_size / 1e6:>7.1f} {least.wall:>7.2f} {least.cpu:>7.2f}"
        f" {spent.wall:>9.2f} {spent.cpu:>7.2f} {spent.wall / least.wall:>7.1f}"
        f" {spent.cpu / least.cpu:>6.1f} {spent.peak:>8.0f}",
        flush=True,
    )
    return spent


def run_part(name: str, file: str, last: str) -> None:
    """Run one part and print its seconds: on the clock, of the CPU with its children's."""
    clock, cpu = time.perf_counter(), _cpu()
    if name == "make":
        make(Path(file), int(last))
    elif name == "floor":
        floor(Path(file), Path(last))
    else:
        exported(Path(file), Path(last))
    print(time.perf_counter() - clock, _cpu() - cpu)  # noqa: T201


def _cpu() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


HEAD = "  records      MB  wall s   cpu s    wall s   cpu s    wall    cpu  peak MB"


def main() -> None:
    """Print a table: records, MB, floor, export, ratios, peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--part", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part:
        run_part(*given.part)
        return
    print("                   floor           export             export / floor")  # noqa: T201
    print(HEAD, flush=True)  # noqa: T201
    spent: list[Spent] = []
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            spent.append(measure(size, Path(folder)))
    if len(spent) > 1:
        first, last = spent[0], spent[-1]
        grown = given.sizes[-1] / given.sizes[0]
        wall, cpu = last.wall / first.wall, last.cpu / first.cpu
        print(f"{grown:.1f} x the records: {wall:.1f} x the wall, {cpu:.1f} x the CPU")  # noqa: T201


if __name__ == "__main__":
    main()
