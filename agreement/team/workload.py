"""What each annotator did, how fast, and what became of the drafts; and days that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from goldleaf.agreement.control_answers import EMPTY, REJECTED, SKIPPED, SUBMITTED
from goldleaf.agreement.team.inputs import TeamProject
from goldleaf.agreement.team.reading_speed import UNREAD

DAY = 86_400_000_000
"""Microseconds of a day."""
WINDOW = 14
"""Days before the last answer that a forecast looks at."""
LEAST_UNREAD, UNREAD_SHARE = 5, 0.2
"""An annotator is named for drafts taken unread from so many on, and such a part of all taken."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One annotator's work.

    `submitted`, `skipped`, `empty`, `rejected`: annotations by state; `drafted`: submitted ones
    over a draft, of which `accepted` left it as it was and `edited` changed it; `seconds`: median
    time of an answer, None where Label Studio kept none; `timed`: accepted ones with a time, of
    which `unread` came faster than most of the text can be read.
    """

    annotator: str
    submitted: int
    skipped: int
    empty: int
    rejected: int
    drafted: int
    accepted: int
    edited: int
    seconds: float | None
    timed: int
    unread: int

    @property
    def takes_unread(self) -> bool:
        """Whether so many drafts were taken unread that the annotator is named for it."""
        return self.unread >= LEAST_UNREAD and self.unread >= UNREAD_SHARE * self.timed


@dataclass(frozen=True, slots=True)
class KindTime:
    """How long answers of one kind take: median and quartiles, in seconds."""

    kind: str
    answers: int
    seconds: float
    quarter: float
    three_quarters: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many answers are missing, and in how many days they will be there.

    `a_day`: answers on a calendar day of the last `WINDOW` days; `days`, `fast`, `slow`: the
    likeliest number and an interval of 95 %; None where fewer than two days had answers.
    """

    missing: int
    a_day: float | None
    days: float | None
    fast: float | None
    slow: float | None


def annotations_of(answers: pl.DataFrame, tasks: pl.DataFrame) -> pl.DataFrame:
    """Return one row an annotation: state, seconds, whether it took or changed a draft, unread.

    Args:
        answers: those that count (`current_answers`).
        tasks: `task_schema`.
    """
    keys = ["project", "task", "task_hash", "annotation", "annotator", "kind", "state", "stamp"]
    drafted = pl.col("model") != ""
    found = answers.group_by(keys).agg(
        pl.col("seconds").max(),
        accepted=((pl.col("change") == "accepted") & drafted).any(),
        edited=((pl.col("change") == "edited") & drafted).any(),
    )
    times = tasks.select("project", "task", "reading").unique(["project", "task"])
    found = found.join(times, on=["project", "task"], how="left", nulls_equal=True)
    submitted = pl.col("state") == SUBMITTED
    took = submitted & pl.col("accepted") & ~pl.col("edited")
    return found.with_columns(
        took=took, unread=took & (pl.col("seconds") < UNREAD * pl.col("reading"))
    ).sort(keys, nulls_last=True)


def workloads(annotations: pl.DataFrame) -> tuple[Workload, ...]:
    """Return every annotator's work, the busiest first; the frame is that of `annotations_of`."""
    state, submitted = pl.col("state"), pl.col("state") == SUBMITTED
    changed = submitted & pl.col("edited")
    rows = annotations.group_by("annotator").agg(
        *((state == name).sum().alias(name) for name in (SUBMITTED, SKIPPED, EMPTY, REJECTED)),
        drafted=(pl.col("took") | changed).sum(),
        accepted=pl.col("took").sum(),
        edited=changed.sum(),
        seconds=pl.col("seconds").filter(submitted).median(),
        timed=(pl.col("took") & pl.col("seconds").is_not_null()).sum(),
        unread=pl.col("unread").fill_null(False).sum(),
    )
    rows = rows.sort(SUBMITTED, "annotator", descending=[True, False])
    return tuple(Workload(**row) for row in rows.iter_rows(named=True))


def kind_times(annotations: pl.DataFrame) -> tuple[KindTime, ...]:
    """Return how long answers of each kind take, by kind."""
    timed = annotations.filter((pl.col("state") == SUBMITTED) & pl.col("seconds").is_not_null())
    seconds = pl.col("seconds")
    rows = timed.group_by("kind").agg(
        pl.len().alias("answers"),
        seconds.median().alias("median"),
        seconds.quantile(0.25, "linear").alias("low"),
        seconds.quantile(0.75, "linear").alias("high"),
    )
    return tuple(KindTime(*row) for row in rows.sort("kind").iter_rows())


def forecast(
    projects: Sequence[TeamProject], tasks: pl.DataFrame, annotations: pl.DataFrame
) -> Forecast:
    """Return how much is missing and for how long.

    The last answer is taken for now, so that the same answers give the same page.
    """
    overlap = {project.number: project.overlap for project in projects}
    done = annotations.filter(state=SUBMITTED)
    answered = done.group_by("project", "task").agg(given=pl.col("annotator").n_unique())
    open_tasks = tasks.filter(~pl.col("finished")).join(
        answered, on=["project", "task"], how="left", nulls_equal=True
    )
    wanted = pl.col("project").replace_strict(overlap, default=1, return_dtype=pl.Int64)
    short = (wanted - pl.col("given").fill_null(0)).clip(lower_bound=1)
    missing = int(open_tasks.select(short.sum()).item() or 0)
    days = done.drop_nulls("stamp").select(day=pl.col("stamp") // DAY)["day"]
    if days.n_unique() < 2:
        return Forecast(missing, None, None, None, None)
    last, first = _number(days.max()), _number(days.min())
    first = max(first, last - WINDOW + 1)
    counts = dict(days.filter(days >= first).value_counts().iter_rows())
    daily = pl.Series([counts.get(day, 0) for day in range(first, last + 1)], dtype=pl.Float64)
    rate = _number(daily.mean(), 0.0)
    error = 1.96 * _number(daily.std(), 0.0) / daily.len() ** 0.5
    slow = missing / (rate - error) if rate > error else None
    return Forecast(missing, rate, missing / rate, missing / (rate + error), slow)


def _number(value: object, default: int | float = 0) -> int:
    return value if isinstance(value, int | float) else default  # type: ignore[return-value]
