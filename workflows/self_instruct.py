"""New tasks after seed tasks, answered by the same model: a batch of which people check a share."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import NothingUsable, UsageError
from goldleaf.core.files import replacing
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.records import Demonstration, Provenance, Record, Tags, Turn
from goldleaf.core.settings import Settings, load
from goldleaf.workflows.asked_models import ask_all
from goldleaf.workflows.open_generators import ModelChoice, open_one

if TYPE_CHECKING:
    from goldleaf.generation.answer_store import AnswerStore
    from goldleaf.generation.generator import Generator, Request

EXAMPLES, OWN = 6, 2
"""Seed tasks, and new tasks, among the examples of a request (Self-Instruct, section 2.2)."""
TASKS = 4
"""New tasks that a request asks for."""
ROUND = 8
"""Requests of a round; what one gives is an example in the next."""
STALE = 4
"""Rounds in a row without a new task, after which a model has no more to give."""


@dataclass(frozen=True)
class SelfInstructPlan:
    """What to ask for.

    Attributes:
        count: new tasks.
        prototypes: names of `core/prototypes.toml`, asked for in turn; none for tasks of any kind.
        spot_check: the share that people check, 0 to 1.
        temperature: of tasks and answers.
        max_tokens: the longest answer.
        seed: another one gives others.
        licence: of the records.
    """

    count: int = 100
    prototypes: Sequence[str] = ()
    spot_check: float = 0.1
    temperature: float = 1.0
    max_tokens: int = 512
    seed: int = 0
    licence: str = ""


@dataclass
class SelfInstructed:
    """What a run made.

    Attributes:
        model: its name and the version of its prompts.
        seeds: seed tasks that were read.
        written: tasks that the model wrote.
        repeated: of these, those that nearly repeat a seed or another one.
        unread: answers that are no list of tasks.
        unanswered: new tasks without an answer, by reason code.
        records: records written.
        to_check: of these, those that people check.
        by_prototype: records by prototype, "" for none.
        stopped: whether the model had no more new tasks to give before there were enough.
    """

    model: str = ""
    seeds: int = 0
    written: int = 0
    repeated: int = 0
    unread: int = 0
    unanswered: Counter[str] = field(default_factory=Counter[str])
    records: int = 0
    to_check: int = 0
    by_prototype: Counter[str] = field(default_factory=Counter[str])
    stopped: bool = False


def self_instruct(
    seeds: Path | str,
    out: Path | str,
    models: ModelChoice | Generator = ModelChoice(),  # noqa: B008 - frozen
    plan: SelfInstructPlan = SelfInstructPlan(),
    *,
    settings: Settings | None = None,
    options: Mapping[str, Any] | None = None,
    on_hosts: Callable[[list[str]], None] = lambda hosts: None,
    progress: Callable[[float], None] = lambda tasks: None,
) -> SelfInstructed:
    """Have a model write tasks like the seed tasks and answer them, and write both as records.

    Nearly equal tasks are left out as they come. A share of the records is marked to be checked
    (`spot_check` among the signals; `goldleaf.sources.self_instruct`). What the model wrote is in
    `OUT.answers`: the same call after a `kill -9` goes on, and one with a greater count continues.

    Args:
        seeds: tasks, with answers or without, in any shape that is imported.
        out: the file of records, replaced when all is done.
        models: which model, or one that is open already.
        plan: what to ask for.
        settings: a model where none is named; read from `goldleaf.toml` and `GOLDLEAF_*` by
            default.
        options: `format`, `columns`, `encoding`, `separator`, as `open_rows` takes them.
        on_hosts: called with the servers that texts are sent to, before any is.
        progress: called with how many new tasks there are.

    Raises:
        UsageError: the file, the model or the plan cannot be used.
        NothingUsable: there is no seed task, or no new task got an answer.
        GoldleafError: the model cannot be used by anyone, or a file cannot be written.
    """
    from goldleaf.core.records_jsonl import to_line
    from goldleaf.generation.answer_store import AnswerStore

    _check(plan)
    settings, out = settings or load(), Path(out)
    given = seed_tasks(Path(seeds), settings, options or {})
    with open_one(models, settings) as model:
        on_hosts(model.hosts)
        run = _Run(model.all[0], given, plan, progress)
        with AnswerStore(out.with_name(f"{out.name}.answers")) as store:
            tasks = run.new_tasks(store)
            records = list(run.answered(store, tasks))
        if not records:
            raise NothingUsable(
                "The model gave no new task with an answer.",
                where=run.report.model,
                fix="give more seed tasks or another model; see --json for the counts",
            )
        with replacing(out) as file:
            for record in records:
                file.write(to_line(record) + b"\n")
    return run.report


def seed_tasks(path: Path, settings: Settings, options: Mapping[str, Any]) -> list[str]:
    """Return the first user's turn of every row of a file, each once.

    Raises:
        UsageError: the file cannot be read, or its shape cannot be guessed.
        NothingUsable: no row has one.
    """
    from goldleaf.workflows.import_rows import open_rows

    found: dict[str, None] = {}
    for result in open_rows(path, "self_instruct", settings=settings, **options):
        for record in result.records:
            asked = next((turn.content for turn in record.context if turn.role == "user"), "")
            if asked.strip():
                found[asked.strip()] = None
    if not found:
        raise NothingUsable(
            "No row has a seed task.", where=str(path), fix="give tasks: instructions or prompts"
        )
    return list(found)


def short_prototypes(plan: Mapping[str, Any]) -> list[str]:
    """Return the prototypes that a plan finds short, those with fewest examples first.

    Short is one with less than half of an equal share of the examples that name a prototype; one
    that no example names is, too.

    Args:
        plan: what `goldleaf plan --json` prints.

    Raises:
        UsageError: it holds no prototypes.
    """
    from goldleaf.core.prototypes import prototypes

    rows = [object_or_empty(row) for row in objects_in(plan.get("prototypes"))]
    if "prototypes" not in plan:
        raise UsageError(
            "This is no plan with prototypes.",
            where="--plan",
            fix="write one with goldleaf plan SOURCE --json",
        )
    counts = {str(row.get("name")): int(row.get("train") or 0) for row in rows if row.get("name")}
    equal = sum(counts.values()) / len(prototypes())
    short = [name for name in prototypes() if counts.get(name, 0) < equal / 2 or not equal]
    return sorted(short, key=lambda name: counts.get(name, 0))


def _check(plan: SelfInstructPlan) -> None:
    from goldleaf.core.nearest_name import nearest_or_all
    from goldleaf.core.prototypes import prototypes

    for name in plan.prototypes:
        if name not in prototypes():
            fix = nearest_or_all(name, prototypes(), "prototypes are")
            raise UsageError(f"There is no prototype {name!r}.", where="--prototype", fix=fix)
    if not 0 <= plan.spot_check <= 1:
        raise UsageError(
            "The share to check is not a number from 0 to 1.", where="--spot-check", fix="give 0.1"
        )


class _Run:
    """One run: new tasks round by round, then their answers."""

    def __init__(
        self,
        generator: Generator,
        seeds: list[str],
        plan: SelfInstructPlan,
        progress: Callable[[float], None],
    ) -> None:
        from goldleaf.backend.self_instruct import self_instruct_version
        from goldleaf.core.prototypes import prototypes
        from goldleaf.curation.near_duplicates.new_prompts import NewPrompts
        from goldleaf.curation.texts.language import language

        self.generator, self.plan, self._progress = generator, plan, progress
        name = f"{generator.name}:{self_instruct_version()}"
        self.report = SelfInstructed(model=name, seeds=len(seeds))
        self._language = language
        self._seeds: dict[str, list[str]] = {}
        for seed in seeds:
            self._seeds.setdefault("zh" if language(seed) == "zh" else "en", []).append(seed)
        shown = [seed for name in plan.prototypes for seed in prototypes()[name].seeds]
        self._new = NewPrompts([*seeds, *shown])

    def new_tasks(self, store: AnswerStore) -> list[tuple[str, str]]:
        """Return (task, prototype) of as many new tasks as the plan wants, or fewer."""
        from goldleaf.backend.self_instruct import tasks_of

        found: list[tuple[str, str]] = []
        number, stale = 0, 0
        while len(found) < self.plan.count and stale < STALE:
            asked = [self._asked(number + place, found) for place in range(ROUND)]
            number += ROUND
            before = len(found)
            answers = ask_all(store, self.generator, [request for request, _ in asked])
            for answer, (_, prototype) in zip(answers, asked, strict=True):
                tasks = tasks_of(answer)
                if tasks is None:
                    self.report.unread += 1
                    continue
                self.report.written += len(tasks)
                new = self._new.take(tasks)
                self.report.repeated += new.count(False)
                fresh = [task for task, is_new in zip(tasks, new, strict=True) if is_new]
                found += [(task, prototype) for task in fresh]
            stale = 0 if len(found) > before else stale + 1
            self._progress(min(len(found), self.plan.count))
        self.report.stopped = len(found) < self.plan.count
        return found[: self.plan.count]

    def answered(self, store: AnswerStore, tasks: Sequence[tuple[str, str]]) -> Iterator[Record]:
        """Yield the record of every task that the model answers."""
        from goldleaf.generation.generator import Request, Sampling
        from goldleaf.sources.refusal_tags import add_refusal_tags
        from goldleaf.sources.self_instruct import is_sampled
        from goldleaf.sources.structural_tags import add_structural_tags

        plan, report = self.plan, self.report
        requests: list[Request] = []
        for task, _ in tasks:
            sampling = Sampling(plan.temperature, plan.max_tokens, self._seed("answer", task))
            requests.append(Request((Turn("user", task),), sampling))
        answers = ask_all(store, self.generator, requests)
        for (task, prototype), answer in zip(tasks, answers, strict=True):
            if answer.outcome != "answered":
                report.unanswered[answer.outcome] += 1
                continue
            issues = ("truncated",) if answer.cut else ()
            parent = Provenance("S3", drafted_by=report.model, licence=plan.licence)
            record = Demonstration(
                (Turn("user", task),),
                (Turn("assistant", answer.text),),
                tags=Tags(prototype=prototype, issues=issues),
                parents=(parent,),
            )
            report.records += 1
            report.by_prototype[prototype] += 1
            if plan.spot_check:
                drawn = is_sampled(record, plan.spot_check)
                report.to_check += drawn
                mark = {"spot_check": float(drawn), "spot_check_share": plan.spot_check}
                record = replace(record, tags=replace(record.tags, signals=mark))
            yield add_refusal_tags(add_structural_tags(record))

    def _asked(self, number: int, found: Sequence[tuple[str, str]]) -> tuple[Request, str]:
        """Return the request of one number, and the prototype that it asks for."""
        from goldleaf.backend.self_instruct import tasks_request
        from goldleaf.core.prototypes import prototypes

        draw = Random(self._seed("examples", str(number)))
        languages = sorted(self._seeds)
        lang = languages[number % len(languages)]
        pool, prototype, ability = self._seeds[lang], "", ""
        if self.plan.prototypes:
            prototype = self.plan.prototypes[number // len(languages) % len(self.plan.prototypes)]
            wanted = prototypes()[prototype]
            ability = wanted.titles[lang]
            fitting = [s for s in wanted.seeds if (self._language(s) == "zh") == (lang == "zh")]
            pool = fitting or pool
        own = [
            task
            for task, of in found
            if of == prototype and (self._language(task) == "zh") == (lang == "zh")
        ]
        examples = draw.sample(pool, min(EXAMPLES, len(pool)))
        examples += draw.sample(own, min(OWN, len(own)))
        request = tasks_request(
            examples,
            ability,
            TASKS,
            temperature=self.plan.temperature,
            seed=self._seed("tasks", str(number)),
        )
        return request, prototype

    def _seed(self, *what: str) -> int:
        """Return 31 bits that depend on the plan's seed and on what is drawn."""
        content = "\0".join((str(self.plan.seed), *what)).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.sha256(content).digest()[:4], "big") >> 1
