"""The review of a team: everything on the lead's page, computed from tables of answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import polars as pl

from goldleaf.agreement.control_answers import REJECTED, SUBMITTED, current_answers
from goldleaf.agreement.measures import agreement_by_control, agreement_by_pair
from goldleaf.agreement.team.inputs import TeamInputs, TeamProject
from goldleaf.agreement.team.weak_annotators import (
    NAMING_LEVEL,
    AgreementWithOthers,
    agreement_with_others,
)
from goldleaf.agreement.team.workload import (
    Forecast,
    KindTime,
    Workload,
    annotations_of,
    forecast,
    kind_times,
    workloads,
)
from goldleaf.curation.pair_audit.biases import BiasRate, bias_rates
from goldleaf.curation.pair_audit.choices import newest

Why: TypeAlias = Literal["random", "first", "last", "longer", "shorter", "unread"]
"""Why an annotator is named: answers like chance; one place or length preferred; drafts unread."""

Note: TypeAlias = Literal[
    "nothing", "alone", "all_skipped", "deleted", "versions", "kinds", "unreadable", "no_overlap"
]
"""What a reader has to know before the numbers."""

SHOWN = 50
"""Disputed tasks, and skipped ones, that are listed."""
ROUNDS = 500
"""Resamplings behind an interval of agreement."""


@dataclass(frozen=True, slots=True)
class Named:
    """An annotator to talk to, and why."""

    annotator: str
    why: Why


@dataclass(frozen=True, slots=True)
class Dispute:
    """A task on whose control annotators differ: (annotator, value) of each, and its address."""

    project: int
    task: int
    control: str
    answers: tuple[tuple[str, str], ...]
    url: str


@dataclass(frozen=True, slots=True)
class Skip:
    """A skipped task, and what the annotator wrote of it, "" for nothing."""

    project: int
    task: int
    annotator: str
    note: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReview:
    """Everything on the page of a team.

    `tasks`, `finished`, `drafted`: how many; `annotators`: pseudonyms, the busiest first; `work`,
    `times`, `forecast`: `workload`; `controls`, `pairs`: rows of `agreement.measures`; `rates`:
    position and length of choices; `others`: agreement beyond chance; `named`: annotators to talk
    to; `disputed` of `disputes`, `skipped` of `skips`: tasks listed, and how many there are;
    `reasons`: why answers cannot be read -> how many; `gold`: annotator -> (right, answered);
    `notes`: (what, detail) to know before the numbers.
    """

    projects: tuple[TeamProject, ...]
    tasks: int
    finished: int
    drafted: int
    annotators: tuple[str, ...]
    work: tuple[Workload, ...]
    times: tuple[KindTime, ...]
    forecast: Forecast
    controls: tuple[dict[str, Any], ...]
    pairs: tuple[dict[str, Any], ...]
    rates: tuple[BiasRate, ...]
    others: tuple[AgreementWithOthers, ...]
    named: tuple[Named, ...]
    disputed: tuple[Dispute, ...]
    disputes: int
    skipped: tuple[Skip, ...]
    skips: int
    reasons: dict[str, int]
    gold: dict[str, tuple[int, int]]
    notes: tuple[tuple[Note, str], ...]

    def plain(self) -> dict[str, Any]:
        """Return the review as JSON-able values, with pseudonyms."""
        return asdict(self) | {"rates": [rate.plain() for rate in self.rates]}


def review_team(inputs: TeamInputs) -> TeamReview:
    """Return the review of a team's work; the order of rows does not matter."""
    current = current_answers(inputs.answers)
    annotations = annotations_of(current, inputs.tasks)
    work = workloads(annotations)
    controls = agreement_by_control(current, rounds=ROUNDS)
    others = agreement_with_others(current, controls)
    rates = team_rates(inputs.choices)
    disputes = list(_disputes(current, inputs))
    skips = _skips(annotations, inputs)
    return TeamReview(
        projects=inputs.projects,
        tasks=inputs.tasks.height,
        finished=int(inputs.tasks["finished"].sum()),
        drafted=int(inputs.tasks["drafted"].sum()),
        annotators=tuple(one.annotator for one in work),
        work=work,
        times=kind_times(annotations),
        forecast=forecast(inputs.projects, inputs.tasks, annotations),
        controls=tuple(controls.iter_rows(named=True)),
        pairs=tuple(agreement_by_pair(current, rounds=ROUNDS).iter_rows(named=True)),
        rates=rates,
        others=others,
        named=named_annotators(work, rates, others),
        disputed=tuple(disputes[:SHOWN]),
        disputes=len(disputes),
        skipped=tuple(skips[:SHOWN]),
        skips=len(skips),
        reasons=dict(
            annotations.filter(state=REJECTED)
            .join(_reasons(current), on=["project", "task", "annotation"], nulls_equal=True)
            .group_by("reason")
            .len()
            .sort("reason")
            .iter_rows()
        ),
        gold=dict(sorted(inputs.gold.items())),
        notes=tuple(_notes(inputs, work, controls)),
    )


def team_rates(choices: pl.DataFrame) -> tuple[BiasRate, ...]:
    """Return the position and length rates of a team, reported as rarely as people are named."""
    return bias_rates(newest(choices), level=NAMING_LEVEL) if choices.height else ()


def named_annotators(
    work: tuple[Workload, ...],
    rates: tuple[BiasRate, ...],
    others: tuple[AgreementWithOthers, ...],
) -> tuple[Named, ...]:
    """Return whom to talk to and why; who picks one place is not named for chance as well."""
    return tuple(_named(work, rates, others))


def _reasons(current: pl.DataFrame) -> pl.DataFrame:
    rejected = current.filter(state=REJECTED)
    return rejected.select("project", "task", "annotation", "reason").unique()


def _named(
    work: tuple[Workload, ...],
    rates: tuple[BiasRate, ...],
    others: tuple[AgreementWithOthers, ...],
) -> Iterator[Named]:
    ways: dict[str, list[Why]] = {one.annotator: [] for one in work}
    for rate in rates:
        if rate.reported and rate.annotator:
            sides: dict[str, tuple[Why, Why]] = {"first": ("first", "last")}
            more, less = sides.get(rate.measure, ("longer", "shorter"))
            ways.setdefault(rate.annotator, []).append(more if rate.rate > 0.5 else less)
    for one in others:
        known = ways.setdefault(one.annotator, [])
        if one.random and not {"first", "last"} & {*known}:
            known.append("random")
    for one in work:
        if one.takes_unread:
            ways[one.annotator].append("unread")
    for who, why in ways.items():
        yield from (Named(who, each) for each in dict.fromkeys(why))


def _disputes(current: pl.DataFrame, inputs: TeamInputs) -> Iterator[Dispute]:
    """Yield the tasks with different choices of different people, most disputed first."""
    urls = {project.number: project.url for project in inputs.projects}
    said = current.filter(
        (pl.col("state") == SUBMITTED) & (pl.col("scale") != "text") & (pl.col("place") < 0)
    ).drop_nulls(["project", "task"])
    keys = ["project", "task", "control"]
    together = said.group_by(keys).agg(
        pl.struct("annotator", "value").unique().sort().alias("answers"),
        people=pl.col("annotator").n_unique(),
        values=pl.col("value").n_unique(),
    )
    differ = together.filter((pl.col("people") > 1) & (pl.col("values") > 1))
    deciding = ("decision", "verdict", "right_behaviour", "preference", "label", "choice")
    first = pl.col("control").is_in(deciding)
    ordered = differ.with_columns(first=first).sort(
        *("first", "people", "values", "project", "task", "control"),
        descending=[True, True, True, False, False, False],
    )
    one = ordered.unique(["project", "task"], keep="first", maintain_order=True)
    for row in one.iter_rows(named=True):
        answers = tuple((each["annotator"], each["value"]) for each in row["answers"])
        address = _address(urls, row["project"], row["task"])
        yield Dispute(row["project"], row["task"], row["control"], answers, address)


def _skips(annotations: pl.DataFrame, inputs: TeamInputs) -> list[Skip]:
    urls = {project.number: project.url for project in inputs.projects}
    notes = {(project, task, who): text for project, task, who, text in inputs.skip_notes}
    rows = annotations.filter(state="skipped").drop_nulls(["project", "task"])
    found = [
        Skip(project, task, who, notes.get((project, task, who), ""), _address(urls, project, task))
        for project, task, who in rows.select("project", "task", "annotator").iter_rows()
    ]
    return sorted(found, key=lambda one: (not one.note, one.project, one.task, one.annotator))


def _address(urls: dict[int, str], project: int, task: int) -> str:
    return f"{urls[project]}?task={task}" if urls.get(project) else ""


def _notes(
    inputs: TeamInputs, work: tuple[Workload, ...], controls: pl.DataFrame
) -> Iterator[tuple[Note, str]]:
    """Yield what a reader has to know before the numbers."""
    submitted = sum(one.submitted for one in work)
    skipped = sum(one.skipped for one in work)
    for project in inputs.projects:
        if project.error:
            yield "unreadable", f"{project.number}: {project.error}"
        made = inputs.tasks.filter((pl.col("project") == project.number) & (pl.col("kind") != ""))
        versions = sorted({*made["kind"]} - {project.kind})
        if versions and project.kind:
            yield "versions", f"{project.number}: {', '.join([project.kind, *versions])}"
    kinds = sorted({project.kind for project in inputs.projects if project.kind})
    if len(kinds) > 1:
        yield "kinds", ", ".join(kinds)
    gone = [one.annotator for one in work if one.annotator in inputs.deleted]
    if gone:
        yield "deleted", ", ".join(gone)
    if not submitted:
        yield ("all_skipped" if skipped else "nothing"), f"{skipped:,}"
    elif len([one for one in work if one.submitted]) == 1:
        yield "alone", ""
    elif not controls.height:
        yield "no_overlap", ""
