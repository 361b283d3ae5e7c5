"""How a team works: the projects of Label Studio read once, as the lead's page or as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import BadRow, UsageError
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.settings import Settings, load

if TYPE_CHECKING:
    from goldleaf.agreement.team.inputs import TeamInputs, TeamProject
    from goldleaf.agreement.team.team_review import TeamReview
    from goldleaf.core.notebook import Section
    from goldleaf.core.translations import Translations
    from goldleaf.label_configs.read_annotations import AnswerReader
    from goldleaf.studio.client import Studio

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The review of a team, and the accounts behind its pseudonyms."""

    review: TeamReview
    accounts: Mapping[str, str]

    def page(self, lang: str, *, names: bool = False) -> str:
        """Return the page as HTML.

        Args:
            lang: `en` or `zh`.
            names: show accounts instead of pseudonyms.
        """
        from goldleaf.agreement.team.team_page import team_page

        return team_page(self.review, lang, self.accounts if names else {})

    def sections(self, words: Translations, *, names: bool = False) -> Iterator[Section]:
        """Return the sections that `goldleaf team` prints."""
        from goldleaf.agreement.team.team_page import team_sections

        return team_sections(self.review, words, self.accounts if names else {})

    def plain(self, *, names: bool = False) -> dict[str, Any]:
        """Return the review as JSON-able values; with `names` also pseudonym -> account."""
        accounts = {who: name for who, name in sorted(self.accounts.items()) if names}
        return self.review.plain() | ({"accounts": accounts} if names else {})


def team(
    projects: Sequence[int] = (),
    *,
    settings: Settings | None = None,
    studio: Studio | None = None,
    notify: Notify = lambda message: None,
) -> Team:
    """Return how a team works in some projects, or in all that goldleaf reads.

    Args:
        projects: their numbers; by default those of `team_projects` whose answers can be read.
        settings: where Label Studio is, and the key of the pseudonyms.
        studio: an open Label Studio to use instead of the settings' one.
        notify: called with what a person should know of a project while it is read.

    Raises:
        UsageError: no Label Studio is configured, or there is no such project.
    """
    from goldleaf.agreement.team.team_review import review_team
    from goldleaf.workflows.label_studio_connection import open_studio

    settings = settings or load()
    opened = studio or open_studio(settings)
    try:
        numbers = list(dict.fromkeys(projects))
        reading = _Reading(opened, settings, notify, named=bool(numbers))
        for number in sorted(numbers or team_projects(opened)):
            reading.add(number)
        accounts = {settings.state.pseudonym(email): email for email in opened.accounts().values()}
    finally:
        if studio is None:
            opened.close()
    return Team(review=review_team(reading.inputs(frozenset(accounts))), accounts=accounts)


def team_projects(studio: Studio) -> list[int]:
    """Return the numbers of all projects but those of adjudicators.

    An adjudicator has seen the others' answers: to agree with them is no agreement.
    """
    from goldleaf.studio.projects import list_projects
    from goldleaf.workflows.adjudicated import settles_another

    return [int(each["id"]) for each in list_projects(studio) if not settles_another(each)]


@dataclass
class _Reading:
    """Reads projects task by task into the tables of a review."""

    studio: Studio
    settings: Settings
    notify: Notify
    named: bool
    projects: list[TeamProject] = field(default_factory=list)
    tasks: list[tuple[object, ...]] = field(default_factory=list)
    answers: list[tuple[object, ...]] = field(default_factory=list)
    choices: list[tuple[object, ...]] = field(default_factory=list)
    notes: list[tuple[int, int, str, str]] = field(default_factory=list)
    expected: dict[int, Mapping[tuple[str, int], tuple[str, ...]]] = field(default_factory=dict)

    def add(self, number: int) -> None:
        """Read one project; one that cannot be read is on the page with the reason."""
        from goldleaf.agreement.control_answers import answers_of, task_hash
        from goldleaf.agreement.team.inputs import TeamProject
        from goldleaf.studio.annotation_stream import stream_tasks
        from goldleaf.studio.projects import get_project
        from goldleaf.workflows.export_sources import reader_of
        from goldleaf.workflows.gold_key import key_name, read_key
        from goldleaf.workflows.gold_questions import expected_answers

        project = get_project(self.studio, number)
        about = (number, str(project["title"]), int(project.get("maximum_annotations") or 1))
        url = f"{self.studio.url}/projects/{number}/data"
        try:
            reader, kind = reader_of(project, self.studio, self.settings, None)
        except UsageError as error:
            if self.named:
                self.projects.append(TeamProject(*about, "", url, str(error.what)))
            return
        self.projects.append(TeamProject(*about, kind, url))
        key = read_key(self.settings.state, key_name(self.studio.url, project))
        self.expected |= expected_answers(key) if key.questions else {}
        tasks = stream_tasks(
            self.studio,
            number,
            described=project,
            unreadable=lambda lost: self.notify(f"  {lost}"),
        )
        for task in tasks:
            self.answers += answers_of(task, reader)
            self.choices += _choices(task, reader)
            self.notes += _skip_notes(task, reader, number)
            made = object_or_empty(object_or_empty(task.get("data")).get("goldleaf"))
            finished, drafted = bool(task["is_labeled"]), bool(task["predictions"])
            row = (number, task["id"], task_hash(task), str(made.get("kind") or ""))
            self.tasks.append((*row, finished, drafted, _reading_seconds(task)))

    def inputs(self, known: frozenset[str]) -> TeamInputs:
        """Return the tables; `known` are the pseudonyms of accounts that exist."""
        import polars as pl

        from goldleaf.agreement.control_answers import NOBODY, control_answers, current_answers
        from goldleaf.agreement.gold import gold_scores
        from goldleaf.agreement.team.inputs import TeamInputs, task_schema
        from goldleaf.curation.pair_audit.choices import choice_schema

        answers = control_answers(self.answers)
        scores = gold_scores(current_answers(answers), self.expected) if self.expected else ()
        return TeamInputs(
            projects=tuple(self.projects),
            tasks=pl.DataFrame(self.tasks, schema=task_schema(), orient="row"),
            answers=answers,
            choices=pl.DataFrame(self.choices, schema=choice_schema(), orient="row"),
            skip_notes=tuple(self.notes),
            deleted=frozenset({*answers["annotator"]} - known - {NOBODY[0]}),
            gold={one.annotator: (one.share.right, one.share.count) for one in scores},
        )


def _choices(task: Mapping[str, Any], reader: AnswerReader) -> Iterator[tuple[object, ...]]:
    """Yield which of several shown answers each annotation of a task preferred."""
    from goldleaf.curation.pair_audit.choices import choices_of

    for annotation in objects_in(task.get("annotations")):
        if annotation.get("was_cancelled") or not annotation.get("result"):
            continue
        try:
            records = reader.records(task, annotation)
        except BadRow:  # it is among the rejected answers
            continue
        for record in records:
            yield from choices_of(record)


def _skip_notes(
    task: Mapping[str, Any], reader: AnswerReader, number: int
) -> Iterator[tuple[int, int, str, str]]:
    """Yield what annotators wrote into the note of a task that they skipped."""
    for annotation in objects_in(task.get("annotations")):
        if not annotation.get("was_cancelled"):
            continue
        for region in objects_in(annotation.get("result")):
            written = object_or_empty(region.get("value")).get("text")
            if region.get("from_name") == "note" and written:
                text = "\n".join(map(str, written)) if isinstance(written, list) else str(written)
                who = reader.controls(task, {**annotation, "result": []}).annotator
                yield number, int(task["id"]), who, text


def _reading_seconds(task: Mapping[str, Any]) -> float:
    """Return how long a fast reader needs for what a task shows."""
    from goldleaf.agreement.team.reading_speed import reading_seconds
    from goldleaf.core.record_texts import record_texts
    from goldleaf.core.records_jsonl import from_plain

    data = object_or_empty(task.get("data"))
    try:
        record = from_plain(object_or_empty(data.get("goldleaf")).get("record"))
        texts = [text for _, text in record_texts(record)]
    except BadRow:
        texts = [value for value in data.values() if isinstance(value, str)]
    return sum(map(reading_seconds, texts))
