"""What a file format offers: recognise a row, read it, and perhaps write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from goldleaf.core.records import Record

Row: TypeAlias = Mapping[str, Any]
"""One row of a file as parsed: column -> JSON value."""


class Format(Protocol):
    """A module of this room, or one that another package offers under `goldleaf.formats`."""

    NAME: str
    """What `--format` calls it."""

    TITLE: str
    """What it is, in a few words."""

    def recognises(self, row: Row) -> bool:
        """Return by its columns whether a row has this format's shape; formats do not overlap.

        Values need not be valid: that is for `read` to say.
        """
        ...

    def read(self, row: Row) -> Record | tuple[Record, ...]:
        """Return the record that a row holds, or a tuple of one or more (a tree of messages).

        Raises:
            BadRow: with a stable reason, when it holds none.
        """
        ...


@runtime_checkable
class Writer(Format, Protocol):
    """A format that an export can be written in: rows of a trainer, or a format that also writes.

    What is written is one *example*: a demonstration, a judgement, or a comparison of exactly two
    candidates ranked 1 and 2 (`goldleaf.exporters.ingest.pairs` makes these). An example may have a
    row in several tables, at most one in each, and which tables is the format's own business: a
    comparison goes to `dpo`, a demonstration to `sft`, a judgement to `kto`, one of the steps of an
    answer to `stepwise`. Rows of one table share their keys and types. Identity is not a writer's
    business: hashes and repeats are the exporter's, see `ADDS_IDS`.

    Law: each row of `write(record)` reads back as `record`, but for what `LOSSY_FIELDS` names.
    """

    LOSSY_FIELDS: tuple[tuple[str, str], ...]
    """(field, why) of everything a record has and a written row has not."""

    TABLES: tuple[str, ...]
    """Every table that `write` may name."""

    ADDS_IDS: bool
    """Whether the trainer takes columns of ours beside its own (`id`, `group_id`, `repeat_of`)."""

    def write(self, record: Record) -> dict[str, dict[str, Any]]:
        """Return table -> row of an example, for at least one table.

        Raises:
            BadRow: the trainer would lose or spoil it, or the format has no place for it.
        """
        ...


@runtime_checkable
class ContainerWriter(Protocol):
    """A writer whose files are no JSON Lines."""

    SUFFIX: str
    """How its files end, with the dot."""

    def pack(self, lines: Path, target: Path) -> None:
        """Turn a file of rows as JSON Lines into a file of the format; `target` is written anew."""
        ...


@runtime_checkable
class OncePerPrompt(Protocol):
    """A writer of prompts whose answers a trainer samples: one row a prompt, of no stage.

    Repeating an example says its answer again; a prompt without an answer is only asked again.
    """

    ONCE_PER_PROMPT: bool
    """True."""


@runtime_checkable
class MergesPerPrompt(OncePerPrompt, Protocol):
    """A writer of one row a prompt that says what all of its examples say together."""

    def merged(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return one row of several of one prompt, as `write` made them; its keys are the first's.

        `rows` are in the order of their ids, and at least two.
        """
        ...
