"""What a consumer is: a trainer, or whatever else loads our files, asked through its own loader.

A consumer's file runs in two places. Here it only says what it is. Its `load` runs in a process of
its own, under the interpreter that has the trainer, which may be another environment: so that file
imports nothing of goldleaf, and its heavy imports stand inside functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

Span: TypeAlias = tuple[str, bool]
"""A stretch of rendered text, and whether the model is trained on it."""


class Consumer(Protocol):
    """A module of this room."""

    NAME: str
    """What `check --with` calls it."""

    TITLE: str
    """What it is, in a few words."""

    READS: tuple[str, ...]
    """Formats whose files it loads."""

    NEEDS: tuple[str, ...]
    """Modules that must be importable where `load` runs."""

    INSTALL: str
    """How to get them."""

    TRAINERS: Mapping[str, tuple[str, ...]]
    """What it can train with a table: by the first part of its name (`dpo_tools` as `dpo`), or,
    where some key has an underscore, by its whole name."""

    def load(self, tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """Load one file with the trainer's own code; runs in the trainer's environment.

        Args:
            tokenizer: the tokenizer of `job["model"]`, loaded by transformers.
            job: a `Job` as plain values.

        Returns:
            `rows`: how many rows the trainer kept, in what order is up to it; `samples`: for the
            first of them, part of the row -> `(token ids, labels)`, where a label of -100 means
            that the token is not trained on.
        """
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One file to load: `trainer` is what the consumer is to train with it (`sft`, `dpo`...).

    `out` is the folder of the export, `file` the path inside it, `model` a folder with a tokenizer,
    `max_length` in tokens, `template` the name of a chat template for consumers that keep their
    own, `steps` how many training steps to take after loading, where the consumer can.
    """

    out: str
    file: str
    format: str
    table: str
    trainer: str
    model: str
    max_length: int
    samples: int = 3
    steps: int = 0
    template: str = "qwen3"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file: rows in it, rows kept, what the model would be trained on.

    `samples` has one mapping a row: part (`text`, or `chosen` and `rejected`) -> spans. `error` is
    what the loader said when it gave up.
    """

    consumer: str
    trainer: str
    file: str
    rows: int
    kept: int = 0
    samples: Sequence[Mapping[str, Sequence[Span]]] = ()
    error: str = ""

    @property
    def whole(self) -> bool:
        """Tell whether every row was kept."""
        return not self.error and self.kept == self.rows
