"""From `records.jsonl` to TRL files, against the floor measured in the same run.

The floor is what no exporter can do without: parse every line, hash it, write it again, in one
process (orjson, xxhash). `make bench` prints one line a size; trust the ratio, which is of CPU
seconds, because neighbours on the machine lengthen the others.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson
import xxhash

from goldleaf.core.record_lines import to_line
from goldleaf.core.records import Candidate, Comparison, Provenance, Turn
from goldleaf.exporters.export import export
from goldleaf.exporters.readings import records_file
from goldleaf.exporters.recipe import Recipe

WORDS = {
    "en": "the water boils sooner where air is thin and people who climb cook longer".split(),
    "zh": list("山上的空气稀薄气压较低所以水在更低的温度下就会沸腾煮饭要更久"),
}


def made(number: int) -> Comparison:
    """Return one comparison of about 700 bytes, a third of them Chinese."""
    chance = random.Random(number)
    words = WORDS["zh" if number % 3 == 0 else "en"]
    glue = "" if number % 3 == 0 else " "

    def text(length: int) -> str:
        return glue.join(chance.choices(words, k=length))

    answers = (
        Candidate((Turn("assistant", text(50)),), rank=1),
        Candidate((Turn("assistant", text(40)),), rank=2),
    )
    parent = Provenance(source="S5", file="bench.jsonl", line=number + 1, licence="Apache-2.0")
    prompt = (Turn("user", f"{number}: {text(15)}"),)
    return Comparison(prompt, answers, strength="slight", parents=(parent,))


def floor(file: Path, target: Path) -> None:
    """Parse, hash and write every line."""
    with open(file, "rb") as lines, open(target, "wb") as output:
        for line in lines:
            xxhash.xxh3_128_digest(line)
            output.write(orjson.dumps(orjson.loads(line)) + b"\n")


def taken(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that some work takes, on the clock and of the CPU."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - cpu


def main() -> None:
    """Print a table: records, MB, floor, export, ratio, peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 50_000])
    sizes = parser.parse_args().sizes
    print("records      MB  floor s  export s  ratio  peak MB", file=sys.stdout)  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            file = Path(folder, "records.jsonl")
            with open(file, "wb") as output:
                for number in range(size):
                    output.write(to_line(made(number)) + b"\n")
            least, least_cpu = taken(partial(floor, file, Path(folder, "floor.jsonl")))
            run = partial(export, records_file(file), Recipe(), Path(folder, "out"))
            spent, spent_cpu = taken(run)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(  # noqa: T201
                f"{size:>7,} {file.stat().st_size / 1e6:>7.1f} {least:>8.2f} {spent:>9.2f}"
                f" {spent_cpu / least_cpu:>6.1f} {peak:>8.0f}"
            )


if __name__ == "__main__":
    main()
