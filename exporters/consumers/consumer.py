"""What a consumer is: a trainer, or whatever else loads our files, asked through its own loader.

A consumer's file runs in two places. Here it only says what it is. Its `load` runs in a process of
its own, under the interpreter that has the trainer, which may be another environment: so that file
imports nothing of goldleaf, and its heavy imports stand inside functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

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
            that the token is not trained on; perhaps `labels`: of each sample whether its text is
            to be learned or unlearned (KTO); perhaps `remarks`: what whoever uses the file must
            know though every row is kept, a key of the translations `trainer` -> its values.
        """
        ...


@runtime_checkable
class Feeder(Protocol):
    """A consumer whose own data loader can be asked for the order of rows."""

    def fed(self, tokenizer: Any, job: Mapping[str, Any]) -> Iterable[Sequence[int]]:
        """Yield the token ids of every row as the trainer's data loader gives it to the model.

        With the settings that stand beside the file. The file's rows have their numbers in front of
        what the user says, so that each is known again. Runs where `load` does.
        """
        ...


@runtime_checkable
class Configured(Protocol):
    """A consumer whose data loader cannot be asked; its configuration says that order is kept."""

    CONFIGURATION: str
    """The file beside the rows, `{run}` standing for the training's name."""

    KEEPS_ORDER: Mapping[str, bool]
    """Settings in that file that switch shuffling off."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to load: `trainer` is what the consumer is to train with it (`sft`, `dpo`...).

    `out` is the folder of the export, `file` the path inside it, `model` a folder with a tokenizer,
    `max_length` in tokens, `template` the name of a chat template for consumers that keep their
    own, `steps` how many training steps to take after loading, where the consumer can; `ordered`
    says that the rows stand in an order that matters (S18).
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
    ordered: bool = False


Order: TypeAlias = Literal["", "kept", "lost", "unread"]
"""Whether a trainer keeps the order of rows; nothing where none is promised."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file: rows in it, rows kept, what the model would be trained on.

    `samples` has one mapping a row: part (`text`, or `chosen` and `rejected`) -> spans;
    `labels` the verdict that the trainer reads of each sample, where it learns from one (KTO).
    `error` is what the loader said when it gave up, `remarks` what else it said of the file.
    Where the file is ordered, `order` says whether the trainer keeps that: `moved` rows are given
    elsewhere than they stand, or `settings` is what was found in its configuration because
    nothing else could be asked.
    """

    consumer: str
    trainer: str
    file: str
    rows: int
    kept: int = 0
    samples: Sequence[Mapping[str, Sequence[Span]]] = ()
    error: str = ""
    remarks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Any])
    order: Order = ""
    moved: int = 0
    settings: str = ""
    labels: Sequence[bool] = ()

    @property
    def whole(self) -> bool:
        """Tell whether every row was kept."""
        return not self.error and self.kept == self.rows
