"""An export loaded by the trainers themselves: rows kept, and what would be learned."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goldleaf.trainers.registry import Trainer
    from goldleaf.trainers.trainer import Loaded


def load_in_trainers(
    out: Path,
    trainers: Sequence[str],
    *,
    python: str | None = None,
    tokenizer: Path | None = None,
    template: str = "qwen3",
    samples: int = 3,
) -> Iterator[tuple[Trainer, list[str], list[Loaded]]]:
    """Yield (trainer, modules it lacks, what became of each file) for every trainer.

    Args:
        out: the folder of an export.
        trainers: names of trainers.
        python: the interpreter that has the trainers; this one by default.
        tokenizer: a model's folder: its tokens, lengths and template.
        template: the chat template where the tokenizer has none.
        samples: rows of each file to return rendered.

    Raises:
        UsageError: there is no such trainer, or the folder is not an export.
        GoldleafError: a trainer's process could not be started.
    """
    from goldleaf.exporters.publishing.manifest import load_manifest
    from goldleaf.trainers.verify import verify

    return verify(
        out,
        load_manifest(out),
        trainers,
        python=python or sys.executable,
        tokenizer=str(tokenizer or ""),
        template=template,
        samples=samples,
    )
