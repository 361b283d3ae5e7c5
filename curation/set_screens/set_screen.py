"""The interface of a screen that sees the whole set, what it reads and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from goldleaf.curation.engines.engine import Engine, unreported
from goldleaf.curation.engines.local import Local
from goldleaf.curation.screened_batches import ScreenedBatches
from goldleaf.curation.screens.screen import SIGNALS

BEHAVIOURS = {"record": pl.String, "name": pl.String, "shown": pl.Boolean}
"""One row a behaviour that a record shows (true), or that it is no longer tagged with (false)."""


@dataclass(frozen=True)
class SetInputs:
    """What a screen may read.

    `batches`: all records as columns, with the findings of row screens; `work`: a folder for stages
    that a later run may find again; `evaluations`: (id, prompt) that must not be trained on;
    `report`: called with how many records are done, by screens that take long; `signals`: a frame
    `SIGNALS` of the screens before, for a screen with `READS_SIGNALS = True`, which then runs after
    all others; `evaluation_sets`: names of shipped sets that must not be trained on
    (`contamination/evaluation_sets.py`); `here`: runs kernels on this machine; `engine`: runs those
    that compare records, on a cluster if there is one, else `here`.
    """

    batches: ScreenedBatches
    work: Path
    evaluations: Sequence[tuple[str, str]] = ()
    report: Callable[[float], None] = unreported
    signals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SIGNALS))
    evaluation_sets: Sequence[str] = ()
    engine: Engine = field(default_factory=Local)
    here: Local = field(default_factory=Local)


def no_findings() -> pl.DataFrame:
    """Return an empty frame of findings."""
    return pl.DataFrame(
        schema={"record": pl.String, "screen": pl.String, "verdict": pl.String, "of": pl.String}
    )


@dataclass(frozen=True, kw_only=True)
class SetFindings:
    """What a screen found.

    `findings`: record, screen, verdict, and any other columns of
    `goldleaf.curation.verdict_table.VERDICTS`; `signals`: a frame `SIGNALS`; `behaviours`: a frame
    `BEHAVIOURS`; `tags`: record and one column a tag of its name (`Tags`), null where there is
    nothing to say; `facts`: name -> JSON, for the page, such as a method or a measure of the set.
    """

    findings: pl.DataFrame = field(default_factory=no_findings)
    signals: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SIGNALS))
    behaviours: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BEHAVIOURS))
    tags: pl.DataFrame | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


class SetScreen(Protocol):
    """A module of this folder, or of another package (entry point `goldleaf.set_screens`)."""

    NAME: str
    """As stages and messages call it."""

    SCREENS: tuple[str, ...]
    """The screens (`core/verdicts.toml`) that it decides; it runs where a profile names one.

    A module may also say `READS_SIGNALS = True`: it runs after those that do not, with their
    signals; and `ALONE = True`: it may run in another process while other screens run, and neither
    reports how much is done nor needs other processes.
    """

    def run(self, inputs: SetInputs) -> SetFindings:
        """Return what it finds; the same records give the same findings in any order."""
        ...
