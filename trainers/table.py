"""One table of an export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StageFile:
    """The training rows of one stage (S18): `replays` of the `rows` are of earlier stages.

    `number` counts stages from 1 in the order of training; `stage` is the stage's name.
    """

    number: int
    stage: str
    rows: int
    replays: int

    @property
    def folder(self) -> str:
        """Return the name of the stage's folder inside the table's, such as `2_long_tail`."""
        return f"{self.number}_{self.stage}"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an export: the rows of one format that share their keys and types.

    `rows`: side (`train`, `test`) -> rows, repeats counted; `repeats`: how many of them say an
    example again; `verdicts`: verdict of the training rows -> rows, for a table of judgements;
    `max_length`: the trainer setting, in tokens, that keeps every row, from an estimate; `suffix`:
    how its files end; `ordered`: whether its training rows must be learned in their order,
    `shown_first` how many of them are in front of it to show every shape; `stages`: its files of
    training rows where there is one a stage. `format` is empty where the table is seen from inside
    its format's own folder.
    """

    format: str
    name: str
    rows: dict[str, int]
    max_length: int
    repeats: int = 0
    verdicts: Mapping[bool, int] = field(default_factory=dict[bool, int])
    suffix: str = ".jsonl"
    ordered: bool = False
    shown_first: int = 0
    stages: tuple[StageFile, ...] = ()

    def file(self, side: str, stage: str = "") -> str:
        """Return the path inside OUT of the file of one side, or of one stage's rows of it.

        Nothing is checked: the file may not exist.

        Args:
            side: `train` or `test`.
            stage: a stage's folder (`StageFile.folder`); "" for the file outside of stages.

        >>> table = Table("trl", "sft", {"train": 9}, 1024)
        >>> table.file("train"), table.file("train", "2_long_tail")
        ('trl/sft/train.jsonl', 'trl/sft/2_long_tail/train.jsonl')
        """
        inside = f"{self.format}/" if self.format else ""
        within = f"{stage}/" if stage else ""
        return f"{inside}{self.name}/{within}{side}{self.suffix}"

    def files(self) -> dict[str, int]:
        """Return path inside OUT -> rows of each of its files of rows; those of stages first.

        Repeats and replays count as rows; configurations and pages are not in it.
        """
        found = {self.file("train", stage.folder): stage.rows for stage in self.stages}
        sides = ("train", "test") if not self.stages else ("test",)
        return found | {self.file(s): self.rows[s] for s in sides if s in self.rows}

    @property
    def folders(self) -> tuple[str, ...]:
        """Return the names of its stages' folders in their order; () where one file holds all."""
        return tuple(stage.folder for stage in self.stages)

    @property
    def is_packed(self) -> bool:
        """Return whether its files are no JSON Lines but a container such as Parquet."""
        return self.suffix != ".jsonl"

    @property
    def config(self) -> str:
        """Return the configuration of the table in `load_dataset(OUT, ...)`.

        The table's name for TRL (`sft`), else with the format before it: `swift-sft`.
        """
        return self.name if self.format in ("trl", "") else f"{self.format}-{self.name}"

    @property
    def configs(self) -> dict[str, dict[str, str]]:
        """Return config of `load_dataset` -> side -> path inside OUT.

        Each stage is a config of its own, and so are the test rows beside them: a reader settles
        the columns of a config by its first file.
        """
        if not self.stages:
            sides = [side for side in ("train", "test") if side in self.rows]
            return {self.config: {side: self.file(side) for side in sides}}
        found = {f"{self.config}-{f}": {"train": self.file("train", f)} for f in self.folders}
        tested = {f"{self.config}-test": {"test": self.file("test")}}
        return found | (tested if "test" in self.rows else {})

    def plain(self) -> dict[str, Any]:
        """Return the table as JSON values, as it goes into the manifest; rows are counts only.

        Keys: `format`, `table` (its name), `config`, `rows`, `repeats`, `max_length_estimate`,
        `ordered`, `shown_first`, `stages`. Verdicts and suffix are left out.
        """
        return {
            "format": self.format,
            "table": self.name,
            "config": self.config,
            "rows": self.rows,
            "repeats": self.repeats,
            "max_length_estimate": self.max_length,
            "ordered": self.ordered,
            "shown_first": self.shown_first,
            "stages": [asdict(stage) for stage in self.stages],
        }

    @property
    def stem(self) -> str:
        """Return its name without `_tools`: `dpo` for `dpo_tools`, `sft_last` for itself."""
        return self.name.removesuffix("_tools")
