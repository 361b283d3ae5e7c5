"""Tokens a second of a local model: prompts one by one against batches of equal length.

    python benchmarks/generation.py [--model FOLDER] [--prompts 96] [--batch 16] [--max-tokens 64]

Without `--model` a random Qwen2 of 6 million weights is made (no answer of it means anything, its
speed does); the model's process is the same for both ways, and its loading is not counted. Prompts
are 5 to 400 characters long, mixed. `--rows FOLDER` takes those of `alpaca_gpt4_en_demo.jsonl.gz`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from spent import cpu_of

from goldleaf.core.records import Turn
from goldleaf.generation.generator import Request, Sampling
from goldleaf.generation.local import LocalGenerator

sys.path.append(str(Path(__file__).parent.parent / "tests"))
WORDS = "gold leaf is beaten from a small piece until light goes through it 金 箔 很 薄".split()


def made(folder: Path) -> Path:
    """Write a random model of 6 million weights."""
    from tiny_model import build

    sizes = {"hidden_size": 256, "intermediate_size": 1024, "num_hidden_layers": 6}
    return build(folder, steps=0, context=2048, **sizes)


def prompts_of(rows: Path | None, count: int) -> list[str]:
    """Return prompts of mixed length."""
    if rows is not None:
        with gzip.open(rows / "alpaca_gpt4_en_demo.jsonl.gz", "rt", encoding="utf-8") as file:
            found = [json.loads(line) for line in file][:count]
        return [row.get("instruction") or row["prompt"] for row in found]
    drawn = random.Random(1)
    return [" ".join(drawn.choices(WORDS, k=drawn.randint(1, 80))) for _ in range(count)]


def measure(model: Path, requests: list[Request], batch: int) -> tuple[float, float, int]:
    """Return (seconds, CPU seconds of the model's process, tokens written)."""
    generator = LocalGenerator(model, batch=batch, threads=1)
    try:
        generator.open()
        list(generator.answer(requests[:1]))
        began, used = time.monotonic(), cpu_of(generator.pid or 0)
        answers = [a for group in generator.answer(requests) for _, a in group]
        seconds, cpu = time.monotonic() - began, cpu_of(generator.pid or 0) - used
        assert all(answer.outcome == "answered" for answer in answers), answers[:3]
        return seconds, cpu, sum(answer.answer_tokens for answer in answers)
    finally:
        generator.close()


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path)
    parser.add_argument("--rows", type=Path)
    parser.add_argument("--prompts", type=int, default=96)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=64)
    given = parser.parse_args()
    sampling = Sampling(1.0, given.max_tokens, 1)
    prompts = prompts_of(given.rows, given.prompts)
    requests = [Request((Turn("user", prompt),), sampling) for prompt in prompts]
    with tempfile.TemporaryDirectory() as folder:
        model = given.model or made(Path(folder, "model"))
        for batch in (1, given.batch):
            seconds, cpu, tokens = measure(model, requests, batch)
            how = "one by one" if batch == 1 else f"batches of {batch}"
            print(  # noqa: T201
                f"{how:>14}: {tokens:,} tokens, {tokens / seconds:,.0f} tokens/s, "
                f"{tokens / cpu:,.0f} tokens per CPU second"
            )


if __name__ == "__main__":
    main()
