"""What a trainer's folder offers, and what comes of a file that its loader was given.

A folder holds up to five things; all but the first may be missing:

| file | what it offers |
|---|---|
| `__init__.py` | `NAME`, `TITLE`, `READS`, `NEEDS`, `INSTALL`, `METHODS`: see `About` |
| `rows.py`, or any file with `TABLES` | rows as the trainer reads them: a `Writer` of `formats` |
| `configuration.py` | files that make the trainer do what a recipe promises: `Configuration` |
| `page.py` | how to train, for a person: `Pages` |
| `loader.py` | the trainer's own loader, asked: `Loader`, perhaps `ReportsOrder` |

`loader.py` runs in a process of its own, under the interpreter that has the trainer, which may be
another environment: it imports nothing of goldleaf, and heavy packages only inside functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

from goldleaf.core.translations import Translations
from goldleaf.trainers.table import Table

Span: TypeAlias = tuple[str, bool]
"""A stretch of rendered text, and whether the model is trained on it."""


class About(Protocol):
    """The folder itself: a package of this room, or of another one under `goldleaf.trainers`."""

    NAME: str
    """What `check --with` calls it."""

    TITLE: str
    """What it is, in a few words."""

    READS: tuple[str, ...]
    """Formats whose files it loads."""

    NEEDS: tuple[str, ...]
    """Modules that must be importable where its loader runs."""

    INSTALL: str
    """How to get them."""

    METHODS: Mapping[str, tuple[str, ...]]
    """What it can train with a table: by the first part of its name (`dpo_tools` as `dpo`), or,
    where some key has an underscore, by its whole name."""


class Configuration(Protocol):
    """`configuration.py`: files of settings beside the rows."""

    KEEPS_ORDER: Mapping[str, bool | str]
    """Settings that switch shuffling off."""

    def config_name(self, run: str, method: str) -> str:
        """Return the file of a training's settings, inside the format's folder.

        Args:
            run: `Run.name`.
            method: what is trained (`sft`, `dpo`...), for trainers with one file for each.
        """
        ...

    def config_files(self, tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
        """Return path inside the format's folder -> text of every settings file.

        `tables` are those of one format; `words` gives the language of comments.
        """
        ...


class Pages(Protocol):
    """`page.py`: how to train, in the user's language."""

    def pages(self, tables: Sequence[Table], words: Translations) -> Mapping[str, str]:
        """Return path inside the format's folder -> text of every page on how to train.

        `tables` are those of one format; `words` gives the language.
        """
        ...


class Loader(Protocol):
    """`loader.py`: one file through the trainer's own code."""

    def load(self, tokenizer: Any, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """Load one file with the trainer's own code; runs in the trainer's environment.

        Args:
            tokenizer: the tokenizer of `job["model"]`, loaded by transformers.
            job: a `Job` as plain values.

        Returns:
            `rows`: how many rows the trainer kept, in what order is up to it; `samples`: for the
            first of them, part of the row -> `(token ids, labels)`, where a label of -100 means
            that the token is not trained on; perhaps `labels`: of each sample whether its text is
            to be learned or unlearned (KTO); perhaps `remarks`: what the user of the file must
            know though every row is kept, a key of the translations `trainer` -> its values.
        """
        ...


@runtime_checkable
class ReportsOrder(Protocol):
    """A loader that can be asked in which order the trainer gives rows to the model."""

    def batches(self, tokenizer: Any, job: Mapping[str, Any]) -> Iterable[Sequence[int]]:
        """Yield the token ids of every row as the trainer's data loader gives it to the model.

        With the settings of the configuration. The file's rows have their numbers in front of
        what the user says, so that each is known again. Runs where `load` does.
        """
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One file to load: `method` is what to train with it (`sft`, `dpo`...).

    `out` is the folder of the export, `file` and `config` (its settings, or empty) are paths inside
    it, `model` a folder with a tokenizer, `max_length` in tokens, `template` the name of a chat
    template for trainers that keep their own, `steps` how many training steps to take after
    loading, where the loader can; `ordered` says that the order of the rows matters (S18).
    """

    out: str
    file: str
    format: str
    table: str
    method: str
    model: str
    max_length: int
    samples: int = 3
    steps: int = 0
    template: str = "qwen3"
    ordered: bool = False
    config: str = ""


Order: TypeAlias = Literal["", "kept", "lost", "unread"]
"""Whether a trainer keeps the order of rows; nothing where none is promised."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file: rows in it, rows kept, what the model would be trained on.

    `samples` has one mapping a row: part (`text`, or `chosen` and `rejected`) -> spans;
    `labels` the verdict that the trainer reads of each sample, where it learns from one (KTO).
    `error` is the loader's error, `remarks` what else it reported.
    Where the file is ordered, `order` says whether the trainer keeps that: `moved` rows are given
    at another place than in the file, or `settings` is what was found in its configuration because
    nothing else could be asked.
    """

    trainer: str
    method: str
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
        """Return whether every row was kept and the loader raised nothing, whatever their order."""
        return not self.error and self.kept == self.rows
