"""Load an export with its trainers: which rows they keep, and what the model would learn."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from goldleaf.trainers import dummy_model
from goldleaf.trainers.clean_copy import clean_copy
from goldleaf.trainers.registry import Trainer, trainer_named
from goldleaf.trainers.subprocess_runner import load, missing
from goldleaf.trainers.trainer import Job, Loaded, Order

UNBOUNDED = 1_000_000
"""Tokens a row may have when one byte is one token and only the text is looked at."""


def verify(
    out: Path,
    manifest: Mapping[str, Any],
    names: Sequence[str],
    *,
    python: str = sys.executable,
    tokenizer: str = "",
    template: str = "qwen3",
    samples: int = 3,
) -> Iterator[tuple[Trainer, list[str], list[Loaded]]]:
    """Yield (trainer, modules it lacks, what became of each file) for every trainer named.

    Training files are loaded, once for each method; files of test rows are not. The last list is
    empty where modules are lacking, and where the export has nothing that the trainer reads.

    Args:
        out: the folder of an export.
        manifest: its manifest, as `load_manifest` gives it.
        names: names of trainers; each loads the tables of the formats it reads.
        python: the interpreter that has the trainers.
        tokenizer: folder of a model, whose own tokenizer then counts against the `max_length` that
            the export advises; without one a byte is a token and no length is held.
        template: a chat template as the trainers call it, where the tokenizer brings none.
        samples: rows of each file to show.

    Raises:
        UsageError: there is no such trainer.
        GoldleafError: a trainer's process could not be started.
    """
    asked = [trainer_named(name) for name in dict.fromkeys(names)]
    with tempfile.TemporaryDirectory() as folder:
        model = tokenizer or str(dummy_model.write(Path(folder)))
        copy = clean_copy(out, manifest, Path(tempfile.mkdtemp(dir=folder)))
        for trainer in asked:
            if lacking := missing(trainer, python):
                yield trainer, lacking, []
                continue
            jobs = [
                (Job(samples=samples, template=template, **values), rows)
                for values, rows in _files(manifest, trainer, copy, model, bool(tokenizer))
            ]
            found = load(trainer, jobs, python) if jobs else []
            pairs = zip(found, jobs, strict=True)
            yield trainer, [], [_order_set(trainer, loaded, job) for loaded, (job, _) in pairs]


def _order_set(trainer: Trainer, loaded: Loaded, job: Job) -> Loaded:
    """Return what is known of the order of an ordered file whose data loader was not asked."""
    if not job.ordered or loaded.order or loaded.error:
        return loaded
    if trainer.configuration is None:
        return replace(loaded, order="unread")
    file, wanted = Path(job.out, job.config), trainer.configuration.KEEPS_ORDER
    written: Mapping[str, Any] = yaml.safe_load(file.read_text("utf-8")) if file.exists() else {}
    found = {name: written.get(name) for name in wanted}
    settings = ", ".join(f"{name}: {json.dumps(value)}" for name, value in found.items())
    order: Order = "unread" if found == wanted else "lost"
    return replace(loaded, order=order, settings=settings)


def _files(
    manifest: Mapping[str, Any], trainer: Trainer, out: Path, model: str, counted: bool
) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the fields of a job for each training file that a trainer reads, and its rows."""
    for table in manifest["tables"]:
        methods = trainer.methods(table["table"])
        own = (table["format"], table["table"])
        for file in manifest["files"]:
            *within, name = Path(file["path"]).parts
            if not name.startswith("train.") or tuple(within[:2]) != own:
                continue
            if table["format"] not in trainer.about.READS:
                continue
            for method in methods:
                values = {
                    "out": str(out),
                    "file": file["path"],
                    "config": trainer.config_of(file["path"], method),
                    "format": table["format"],
                    "table": table["table"],
                    "method": method,
                    "model": model if trainer.about.NEEDS else "",
                    "max_length": table["max_length_estimate"] if counted else UNBOUNDED,
                    "ordered": table.get("ordered", False),
                }
                yield values, int(file["rows"] or 0)
