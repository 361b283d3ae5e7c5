"""An export through the trainers that are to load it: what they keep, and what they would learn."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from goldleaf.exporters.consumers import tiny_model
from goldleaf.exporters.consumers.catalogue import consumer_named
from goldleaf.exporters.consumers.clean_copy import clean_copy
from goldleaf.exporters.consumers.consumer import Configured, Consumer, Job, Loaded, Order
from goldleaf.exporters.consumers.running import load, missing
from goldleaf.exporters.publishing.manifest import load_manifest

UNBOUNDED = 1_000_000
"""Tokens a row may have when one byte is one token and only the text is looked at."""


def check_with(
    out: Path,
    names: Sequence[str],
    *,
    python: str = sys.executable,
    tokenizer: str = "",
    template: str = "qwen3",
    samples: int = 3,
) -> Iterator[tuple[Consumer, list[str], list[Loaded]]]:
    """Yield (consumer, modules it lacks, what became of each file) for every consumer named.

    Args:
        out: the folder of an export.
        names: names of consumers; each loads the tables of the formats it reads.
        python: the interpreter that has the trainers.
        tokenizer: folder of a model, whose own tokenizer then counts against the `max_length`
            that the export advises; without one a byte is a token and no length is held.
        template: a chat template as the trainers call it, where the tokenizer brings none.
        samples: rows of each file to show.

    Raises:
        UsageError: `out` is no export of ours, or there is no such consumer.
        GoldleafError: a trainer's process could not be started.
    """
    manifest = load_manifest(out)
    asked = [consumer_named(name) for name in dict.fromkeys(names)]
    with tempfile.TemporaryDirectory() as folder:
        model = tokenizer or str(tiny_model.write(Path(folder)))
        copy = clean_copy(out, manifest, Path(tempfile.mkdtemp(dir=folder)))
        for consumer in asked:
            if lacking := missing(consumer, python):
                yield consumer, lacking, []
                continue
            jobs = [
                (Job(samples=samples, template=template, **told), rows)
                for told, rows in _files(manifest, consumer, copy, model, bool(tokenizer))
            ]
            found = load(consumer, jobs, python) if jobs else []
            yield (
                consumer,
                [],
                [_configured(consumer, *told) for told in zip(found, jobs, strict=True)],
            )


def _configured(consumer: Consumer, loaded: Loaded, asked: tuple[Job, int]) -> Loaded:
    """Return what is known of the order of an ordered file whose data loader was not asked."""
    job, _ = asked
    if not job.ordered or loaded.order or loaded.error:
        return loaded
    if not isinstance(consumer, Configured):
        return replace(loaded, order="unread")
    format, *within, _ = Path(job.file).parts
    file = Path(job.out, format, consumer.CONFIGURATION.format(run="_".join(within)))
    written: Mapping[str, Any] = yaml.safe_load(file.read_text("utf-8")) if file.exists() else {}
    said = {name: written.get(name) for name in consumer.KEEPS_ORDER}
    told = ", ".join(f"{name}: {json.dumps(value)}" for name, value in said.items())
    order: Order = "unread" if said == consumer.KEEPS_ORDER else "lost"
    return replace(loaded, order=order, settings=told)


def trainers_of(consumer: Consumer, table: str) -> tuple[str, ...]:
    """Return what a consumer can train with a table: by its name, or by the first part of it."""
    named = consumer.TRAINERS
    if any("_" in name for name in named):
        return named.get(table, ())
    return named.get(table.split("_")[0], ())


def _files(
    manifest: Mapping[str, Any], consumer: Consumer, out: Path, model: str, counted: bool
) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield what a job says of each training file that a consumer reads, and its rows."""
    for table in manifest["tables"]:
        trainers = trainers_of(consumer, table["table"])
        own = (table["format"], table["table"])
        for file in manifest["files"]:
            *within, name = Path(file["path"]).parts
            if not name.startswith("train.") or tuple(within[:2]) != own:
                continue
            if table["format"] not in consumer.READS:
                continue
            for trainer in trainers:
                told = {
                    "out": str(out),
                    "file": file["path"],
                    "format": table["format"],
                    "table": table["table"],
                    "trainer": trainer,
                    "model": model if consumer.NEEDS else "",
                    "max_length": table["max_length_estimate"] if counted else UNBOUNDED,
                    "ordered": table.get("ordered", False),
                }
                yield told, int(file["rows"] or 0)
