"""Is a batch good enough: the error rate of a share that people checked, with its interval."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.files import replacing
from goldleaf.core.records import Record
from goldleaf.core.settings import Settings, load
from goldleaf.core.share_interval import Share

if TYPE_CHECKING:
    from goldleaf.studio.client import Studio

Decision: TypeAlias = Literal["accepted", "sent_back", "undecided"]
CHECKED = "spot_check"
"""The signal of records that people check (`goldleaf.sources.self_instruct`)."""


@dataclass
class SpotCheck:
    """What people found of a batch.

    Attributes:
        records: of the batch.
        drawn: records that were to be checked.
        checked: of these, those that somebody answered.
        unusable: of these, those called unusable.
        edited: of these, those whose task or answer had to be changed.
        low: lower end of the 95 % interval of the error rate (Wilson 1927).
        high: upper end.
        most: the error rate that may be.
        decision: `accepted` where even the upper end is within, `sent_back` where even the lower
            end is above, else `undecided`.
        accepted: records written; 0 unless accepted.
    """

    records: int = 0
    drawn: int = 0
    checked: int = 0
    unusable: int = 0
    edited: int = 0
    low: float = 0.0
    high: float = 1.0
    most: float = 0.0
    decision: Decision = "undecided"
    accepted: int = 0

    @property
    def errors(self) -> int:
        """Records that were not good as they came."""
        return self.unusable + self.edited


def spot_check(
    batch: Path | str,
    project: int,
    out: Path | str,
    *,
    most: float = 0.1,
    settings: Settings | None = None,
    notify: Callable[[str], None] = lambda message: None,
) -> SpotCheck:
    """Read what people said of the drawn records of a batch; accept the batch or send it back.

    An accepted batch is written without the records that somebody checked: these come out of the
    project, as people left them. Nothing is written for another decision.

    Args:
        batch: what `self_instruct` wrote, or any records that were imported with a spot check.
        project: where the drawn records were imported; a project of the kind instruction.
        out: the file of accepted records.
        most: the highest error rate, 0 to 1.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        notify: called with what a person should know while the project is read.

    Raises:
        UsageError: there is no such file or project, or it is of another kind.
        NothingUsable: nothing of the batch was drawn or answered.
    """
    from goldleaf.core.record_files import read_records
    from goldleaf.core.record_hash import record_id
    from goldleaf.core.records_jsonl import to_line
    from goldleaf.workflows.label_studio_connection import open_studio

    path, settings = Path(batch), settings or load()
    found = SpotCheck(most=most)
    drawn = _drawn(path, found)
    with open_studio(settings) as studio:
        seen: set[str] = set()
        for record, verdict in _answers(studio, project, notify):
            name = record_id(record)
            if name in drawn and name not in seen:
                seen.add(name)
                found.checked += 1
                found.unusable += verdict == "unusable"
                found.edited += verdict == "edited"
    if not found.checked:
        raise NothingUsable(
            "Nobody has checked a record of this batch yet.",
            where=f"project {project}",
            fix="answer its tasks in Label Studio, then run this again",
        )
    found.low, found.high = interval(found.errors, found.checked)
    found.decision = (
        "accepted" if found.high <= most else "sent_back" if found.low > most else "undecided"
    )
    if found.decision == "accepted":
        with replacing(Path(out)) as file:
            for record in read_records(path):
                if record_id(record) not in seen:
                    file.write(to_line(record) + b"\n")
                    found.accepted += 1
    return found


def _drawn(path: Path, found: SpotCheck) -> set[str]:
    """Return the ids of the records that people are to check, and count all records.

    Raises:
        UsageError: there is no such file, or the error rate is none.
        NothingUsable: no record is to be checked.
    """
    from goldleaf.core.record_files import read_records
    from goldleaf.core.record_hash import record_id

    if not 0 < found.most < 1:
        raise UsageError(
            "The highest error rate is not a number between 0 and 1.",
            where="--max-error",
            fix="give 0.1",
        )
    if not path.is_file():
        fix = "give the file that goldleaf self-instruct new wrote"
        raise UsageError("There is no such file.", where=str(path), fix=fix)
    drawn: set[str] = set()
    for record in read_records(path):
        found.records += 1
        if record.tags.signals.get(CHECKED):
            drawn.add(record_id(record))
    found.drawn = len(drawn)
    if not drawn:
        raise NothingUsable(
            "No record of this batch is to be checked.",
            where=str(path),
            fix="make the batch with --spot-check 0.1",
        )
    return drawn


def import_drawn(
    batch: Path,
    project: int,
    *,
    settings: Settings,
    notify: Callable[[str], None] = lambda message: None,
) -> dict[str, int]:
    """Import the records of a batch that people are to check, once each, as tasks of a project.

    Returns:
        How many were `created`, and how many were `already_there`.

    Raises:
        UsageError: there is no such project, or it is of another kind than instruction.
    """
    from goldleaf.workflows.import_rows import open_rows
    from goldleaf.workflows.import_to_project import import_to_project

    rows = open_rows(batch, "self_instruct", format="records", settings=settings)
    return import_to_project(rows, project, settings=settings, kind="instruction", notify=notify)


def interval(errors: int, checked: int) -> tuple[float, float]:
    """Return the ends of the 95 % interval of a rate (Wilson 1927), two-sided.

    >>> [round(end, 3) for end in (*interval(0, 30), *interval(5, 50))]
    [0.0, 0.114, 0.043, 0.214]
    """
    return Share(errors, checked).interval


def still_to_check(errors: int, checked: int, most: float) -> int | None:
    """Return how many more answers would accept a batch that stays as good; None for never."""
    rate = errors / checked
    if rate >= most:
        return None
    total = checked
    while interval(round(rate * total), total)[1] > most:
        total += max(1, total // 20)
    return total - checked


def _answers(
    studio: Studio, project: int, notify: Callable[[str], None]
) -> Iterator[tuple[Record, str]]:
    """Yield (record as it was shown, `good`, `edited` or `unusable`) of every answered task.

    Of several answers to one task the worst counts: an error that one person saw is one.
    """
    from goldleaf.core.errors import BadRow
    from goldleaf.core.text_comparison import same_text
    from goldleaf.label_configs.display_check import imported_record
    from goldleaf.label_configs.regions import to_values
    from goldleaf.label_configs.screen import parse
    from goldleaf.studio.annotation_stream import stream_tasks
    from goldleaf.studio.projects import get_project, project_kind

    described = get_project(studio, project)
    kind = project_kind(studio, project, described)
    if kind.name != "instruction":
        raise UsageError(
            f"This is a project of the kind {kind.name}.",
            where=f"project {project}",
            fix="check batches in a project of the kind instruction",
        )
    screen = parse(described["label_config"])
    for task in stream_tasks(
        studio, project, only_submitted=True, unreadable=lambda task: notify(f"  {task}")
    ):
        data, said = task["data"], []
        try:
            record = imported_record(data)
            for each in task["annotations"]:
                if each["was_cancelled"]:
                    continue
                answer = kind.parse_annotation(to_values(each["result"], screen), data)
                changed = any(
                    text and not same_text(text, str(data.get(shown, "")))
                    for text, shown in ((answer.instruction, "prompt"), (answer.answer, "answer"))
                )
                unusable = answer.verdict == "unusable"
                said.append("unusable" if unusable else "edited" if changed else "good")
        except BadRow as error:
            notify(f"  task {task['id']}: {error.reason}")
            continue
        if said:
            yield record, min(said, key=("unusable", "edited", "good").index)
