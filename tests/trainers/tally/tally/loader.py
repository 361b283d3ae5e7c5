"""Its own loader, asked: every row with an answer is kept, and the answer is learned."""

import json
from pathlib import Path


def load(tokenizer, job):
    """Load one file."""
    with open(Path(job["out"], job["file"]), encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    asked, said = (tokenizer(rows[0][key])["input_ids"] for key in ("ask", "say"))
    sample = {"text": ([*asked, *said], [-100] * len(asked) + said)}
    return {"rows": sum(bool(row["say"]) for row in rows), "samples": [sample]}


def batches(tokenizer, job):
    """Yield the rows as they are given to the model."""
    with open(Path(job["out"], job["file"]), encoding="utf-8") as lines:
        for line in lines:
            yield tokenizer(json.loads(line)["ask"])["input_ids"]
