"""Rows with a known answer mixed into a project's tasks, and how annotators answer them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

from goldleaf.core.errors import UsageError
from goldleaf.core.notebook import Section, Shown
from goldleaf.core.settings import Settings, load
from goldleaf.core.translations import Translations
from goldleaf.workflows.gold_key import GoldKey, GoldQuestion, keep_key, key_name, read_key
from goldleaf.workflows.gold_rows import read_gold_rows
from goldleaf.workflows.label_studio_connection import open_studio

if TYPE_CHECKING:
    from goldleaf.agreement.gold import Expected, GoldScore, Miss
    from goldleaf.studio.client import Studio


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldReport(Shown):
    """The gold questions of a project, and each annotator's score on them.

    `questions` are known, `asked` of them are tasks, `created` newly so; `members` may answer them.
    `prompts` are what the questions of `scores` ask, by their `task_hash`.
    """

    project: int
    questions: int
    asked: int
    created: int
    members: int
    scores: tuple[GoldScore, ...]
    prompts: Mapping[int, str]
    annotator: str = ""

    def sections(self, words: Translations) -> Iterator[Section]:
        """Return the counts, a line for each annotator, and what the one asked about missed."""
        if not self.questions:
            yield Section(text=words("gold.none", project=self.project), commands=True)
            return
        counts = {"questions": self.questions, "asked": self.asked, "created": self.created}
        said = words("gold.asked", project=self.project, members=self.members, **counts)
        yield Section(text=said)
        names = ("annotator", "right", "share", "interval", "drift", "skipped")
        rows = [_row(score, words) for score in self.scores]
        none = "" if rows else words("gold.no_answers")
        yield Section(head=[words(f"gold.{name}") for name in names], rows=rows, text=none)
        if self.annotator:
            misses = (miss for score in self.scores for miss in score.misses)
            lines = (_miss(miss, self.prompts.get(miss.task, ""), words) for miss in misses)
            yield Section(text="\n".join(lines))


def gold_questions(
    number: int,
    file: Path | str | None = None,
    *,
    share: float | None = None,
    seed: int | None = None,
    annotator: str = "",
    settings: Settings | None = None,
) -> GoldReport:
    """Mix gold questions into a project, each for every member, and score the answers to them.

    Rows, shares and what is expected are kept in the data directory. Repeated, it adds what is
    missing for the tasks that came since; a question that was asked stays one.

    Args:
        number: the project's.
        file: rows as they are imported (`.jsonl`), each with `expected`; None to add none.
        share: of all tasks that are to be gold questions; 0.05 at first, then as it was.
        seed: draws them out of the file.
        annotator: score only the account of this e-mail address.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.

    Raises:
        UsageError: the file cannot be read, a row expects what the screen cannot say, the project
            has no other tasks yet, the share is none, or there is no such account.
    """
    from goldleaf.core.file_lock import locked
    from goldleaf.studio.projects import get_project, project_kind

    settings = settings or load()
    if share is not None and not 0 < share < 1:
        fix = "give a number over 0 and under 1, such as 0.05"
        raise UsageError(f"{share:g} is not a share of gold questions.", where="--share", fix=fix)
    with open_studio(settings) as studio:
        accounts = studio.accounts().values()
        if annotator and annotator.casefold() not in map(str.casefold, accounts):
            raise UsageError(
                f"{annotator!r} is no account of this Label Studio.",
                where=studio.url,
                fix=f"give the e-mail address of one: {', '.join(sorted(accounts))}",
            )
        project = get_project(studio, number)
        kind = project_kind(studio, number, project)
        name = key_name(studio.url, project)
        with locked(settings.state.create().import_lock(studio.url, number)):
            key = read_key(settings.state, name)
            if file is not None:
                new = read_gold_rows(Path(file), kind, settings)
                key = replace(key, questions={**key.questions, **new})
            key = replace(
                key,
                share=key.share if share is None else share,
                seed=key.seed if seed is None else seed,
            )
            before = len(key.asked)
            if key.questions:
                key = ask(studio, number, key)
                keep_key(settings.state, name, key)
        scores, prompts = _scores(studio, number, key, annotator, settings)
    return GoldReport(
        project=number,
        questions=len(key.questions),
        asked=len(key.asked),
        created=len(key.asked) - before,
        members=len(accounts),
        scores=scores,
        prompts=prompts,
        annotator=annotator,
    )


def ask(studio: Studio, number: int, key: GoldKey) -> GoldKey:
    """Make tasks of so many questions that they are their share of all; every member gets each.

    Returns:
        The key, with the questions that are tasks now.

    Raises:
        UsageError: the project has no other tasks, among which they would not be seen.
    """
    from goldleaf.studio.existing_tasks import pass_over
    from goldleaf.studio.overlap import set_overlap
    from goldleaf.studio.task_identity import task_hash
    from goldleaf.studio.task_import import import_tasks
    from goldleaf.studio.task_pagination import iterate_tasks

    wanted = ("id", "data", "overlap", "total_annotations")
    rows = list(iterate_tasks(studio, number, include=wanted, unreadable=pass_over))
    there = {task_hash(row["data"]): row for row in rows}
    others = [
        data
        for identity, row in there.items()
        if identity not in key.questions
        for data in [row["data"]]
    ]
    if not others:
        raise UsageError(
            "Gold questions are recognised where there are no other tasks.",
            where=f"{studio.url}/projects/{number}",
            fix=f"import the rows first: goldleaf import FILE --project {number}",
        )
    asked = set(key.asked & there.keys()) | (key.questions.keys() & there.keys())
    need = math.ceil(round(key.share / (1 - key.share) * len(others), 9)) - len(asked)
    waiting = sorted(key.questions.keys() - asked, key=lambda each: _draw(each, key.seed))
    chosen = waiting[: max(0, need)]
    import_tasks(studio, number, [_disguised(key.questions[each], each, others) for each in chosen])
    members = len(studio.accounts())
    for row in iterate_tasks(studio, number, include=wanted, unreadable=pass_over):
        if task_hash(row["data"]) in key.questions and int(row["overlap"] or 1) < members:
            set_overlap(studio, int(row["id"]), members, int(row["total_annotations"] or 0))
    return replace(key, asked=frozenset(asked | set(chosen)))


def _draw(identity: str, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(f"{seed}\x1f{identity}".encode())


def _disguised(
    question: GoldQuestion, identity: str, others: list[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the task data of a question with the origin of another task.

    A file's name and a line would tell which are gold questions. The true origin is in the key.
    """
    from goldleaf.studio.task_identity import parents_of, with_parents

    draw = _draw(identity, 1)
    parents = parents_of(others[draw % len(others)])
    lines = [int(p["line"]) for data in others for p in parents_of(data) if p.get("line")]
    for parent in parents:
        if parent.get("line") and lines:
            parent["line"] = 1 + draw % (max(lines) + len(lines))
    return with_parents(question.data, parents)


def expected_answers(key: GoldKey) -> Expected:
    """Return what is expected as `goldleaf.agreement.gold` compares it."""
    from goldleaf.agreement.control_answers import SINGLE, task_hash
    from goldleaf.label_configs.screen import pattern_of, place_of

    def placed(name: str) -> tuple[str, int]:
        place = place_of(name)
        return (name, SINGLE) if place is None else (pattern_of(name), int(place))

    return {
        task_hash({"data": question.data}): {
            placed(name): values for name, values in question.expected.items()
        }
        for question in key.questions.values()
    }


def _scores(
    studio: Studio, number: int, key: GoldKey, annotator: str, settings: Settings
) -> tuple[tuple[GoldScore, ...], dict[int, str]]:
    from goldleaf.agreement.control_answers import current_answers, task_hash
    from goldleaf.agreement.gold import gold_scores
    from goldleaf.workflows.control_answers import read_control_answers

    if not key.questions:
        return (), {}
    table = current_answers(read_control_answers([f"project:{number}"], settings, studio))
    scores = gold_scores(table, expected_answers(key))
    if annotator:
        wanted = settings.state.pseudonym(annotator)
        scores = tuple(score for score in scores if score.annotator == wanted)
    prompts = {
        task_hash({"data": each.data}): str(each.data.get("prompt", ""))
        for each in key.questions.values()
    }
    return scores, prompts


_LONGEST = 70
"""Characters of a prompt that name a question."""


def _row(score: GoldScore, words: Translations) -> tuple[str, ...]:
    low, high = score.share.interval
    drift = words("gold.few")
    if score.drift is not None:
        change, below, above = score.drift
        drift = f"{change:+.0%} ({below:+.0%} .. {above:+.0%})"
    right = f"{score.share.right}/{score.share.count}"
    share, interval = f"{score.share.value:.0%}", f"{low:.0%} .. {high:.0%}"
    return score.annotator, right, share, interval, drift, str(score.skipped)


def _miss(miss: Miss, prompt: str, words: Translations) -> str:
    """Return two lines: how the prompt begins, and what was answered instead of what."""
    prompt = " ".join(prompt.split())
    return words(
        "gold.miss",
        prompt=prompt if len(prompt) <= _LONGEST else prompt[: _LONGEST - 3] + "...",
        control=miss.control,
        expected=words.listed(value or words("gold.nothing") for value in miss.expected),
        given=miss.given or words("gold.nothing"),
    )
