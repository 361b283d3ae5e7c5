"""What an answer to a task is likely to give, before anybody has answered it.

From the record in the task: its own tags, what its structure shows, and curation's detectors of
harm, refusals, risks, behaviours and prototypes. Numbers are probabilities of one answer; where no
benchmark gives one it is a round guess, and an order needs no more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

import polars as pl

from goldleaf.core.records import JUDGED, Comparison, Record
from goldleaf.exporters.ingest.behaviours import OWN, OwnBehaviours
from goldleaf.exporters.steering.needs import Facet
from goldleaf.recipes.recipe import Recipe
from goldleaf.sources.structural_tags import structural_behaviours

Gives: TypeAlias = dict[tuple[Facet, str], float]
"""(facet, name) -> probability that an answer to the task has it."""
SEEN = 0.95
"""Of what the data says of itself, or its structure shows."""
DETECTED = 0.7
"""Of what a detector of curation says (0.77 to 0.87 of its behaviours and modes are right)."""
_RIGHT = {"refuse": "refusal", "safe_complete": "safe_completion"}


def expected_facets(
    records: Sequence[Record], wanted: Collection[tuple[Facet, str]], recipe: Recipe
) -> list[Gives]:
    """Return what an answer to each record is likely to give, of what is wanted.

    Args:
        records: as they were imported, before annotation.
        wanted: (facet, name) of what is asked about; a detector runs only where it matters.
        recipe: whose own behaviours are looked for, too.
    """
    found = [_known(record) for record in records]
    names = {name for facet, name in wanted if facet == "behaviour"}
    facets = {facet for facet, _ in wanted}
    prompts = [_question(record) for record in records]
    if names & set(JUDGED):
        _add_judgements(found, records, prompts)
    if "risk" in facets:
        _add_risks(found, prompts)
    if "prototype" in facets:
        _add_prototypes(found, prompts)
    if names - set(JUDGED) - recipe.behaviours.keys():
        _add_detected(found, prompts, [_answer(record) for record in records])
    if names & recipe.behaviours.keys():
        own = OwnBehaviours(recipe.behaviours)
        for record in records:
            own.add(record)
        for column in own.columns():
            for gives, shows in zip(found, column.to_list(), strict=True):
                if shows:
                    gives["behaviour", column.name.removeprefix(OWN)] = SEEN
    return [{key: gives[key] for key in wanted if gives.get(key)} for gives in found]


def _known(record: Record) -> Gives:
    """Return what the record says of itself, and what can be seen."""
    tags = record.tags
    # Not what could be detected now: an export counts the language that the record came with.
    gives: Gives = {("language", tags.language): SEEN} if tags.language else {}
    for name in (*tags.behaviours, *structural_behaviours(record)):
        gives["behaviour", name] = SEEN
    if tags.prototype:
        gives["prototype", tags.prototype] = SEEN
    if tags.risk:
        gives["risk", tags.risk] = SEEN
    return gives


def _add_judgements(found: Sequence[Gives], records: Sequence[Record], prompts: list[str]) -> None:
    """Add how likely the prompt's answer is a refusal, a safe completion, a benign twin."""
    from goldleaf.curation.refusals.risk_words import suggest_risks

    for gives, record, prompt, harm in zip(found, records, prompts, _harm(prompts), strict=True):
        tags = record.tags
        if any(gives.get(("behaviour", name)) for name in JUDGED):
            continue
        if right := _RIGHT.get(tags.right_behaviour):
            gives["behaviour", right] = SEEN
        elif tags.right_behaviour == "comply" or tags.twin_of:
            gives["behaviour", "benign_twin"] = SEEN if tags.twin_of else DETECTED
        else:
            looks = bool(suggest_risks(prompt)) or harm > _LOOKS
            gives["behaviour", "refusal"] = round(harm, 3)
            gives["behaviour", "safe_completion"] = round(harm / 2, 3)
            gives["behaviour", "benign_twin"] = round((1 - harm) * (DETECTED if looks else 0.05), 3)


_LOOKS = 0.15
"""Harm from which a harmless prompt looks harmful: `prompt_harm.CLEARLY_HARMLESS`."""


def _harm(prompts: Sequence[str]) -> list[float]:
    """Return how likely each prompt asks for harm; of those seen lately it is remembered."""
    from goldleaf.curation.refusals.prompt_harm import judge_prompt

    unknown = [prompt for prompt in dict.fromkeys(prompts) if prompt not in _HARM]
    judged = dict(zip(unknown, judge_prompt(unknown).tolist(), strict=True)) if unknown else {}
    found = [judged[prompt] if prompt in judged else _HARM[prompt] for prompt in prompts]
    if len(_HARM) > _REMEMBERED:
        _HARM.clear()
    _HARM.update(judged)
    return found


_HARM: dict[str, float] = {}
_REMEMBERED = 20_000
"""Prompts from which on it is emptied: passes come every few answers, over the same tasks."""


def _add_risks(found: Sequence[Gives], prompts: Sequence[str]) -> None:
    from goldleaf.curation.refusals.risk_words import suggest_risks

    for gives, prompt in zip(found, prompts, strict=True):
        if not any(facet == "risk" for facet, _ in gives):
            for each in suggest_risks(prompt):
                gives["risk", each.risk] = DETECTED


def _add_prototypes(found: Sequence[Gives], prompts: Sequence[str]) -> None:
    from goldleaf.curation.meaning.prototype_assignment import assign

    frame = pl.DataFrame({"record": list(map(str, range(len(prompts)))), "prompt": prompts})
    for gives, name in zip(found, assign(frame)["prototype"].to_list(), strict=True):
        if name and not any(facet == "prototype" for facet, _ in gives):
            gives["prototype", name] = DETECTED


def _add_detected(found: Sequence[Gives], prompts: list[str], answers: list[str]) -> None:
    from goldleaf.curation.meaning.behaviour_detector import detect

    numbers = list(map(str, range(len(prompts))))
    frame = pl.DataFrame({"record": numbers, "question": prompts, "answer": answers})
    for gives, names in zip(found, detect(frame)["behaviours"].to_list(), strict=True):
        for name in names or ():
            if name not in JUDGED:
                gives.setdefault(("behaviour", name), DETECTED)


def hardness(records: Sequence[Record], recipe: Recipe) -> list[float | None]:
    """Return how hard each record is by the signals of `hard.signals`, 0 to 1; None without any.

    A signal counts by its place among all, as when examples are chosen for an export.
    """
    places: list[list[float]] = [[] for _ in records]
    for name, direction in recipe.hard.used.items():
        there = [
            (n, float(r.tags.signals[name]))
            for n, r in enumerate(records)
            if name in r.tags.signals
        ]
        sign = 1 if direction == "high" else -1
        ordered = sorted({sign * value for _, value in there})
        place = {value: (k + 0.5) / len(ordered) for k, value in enumerate(ordered)}
        for number, value in there:
            places[number].append(place[sign * value])
    return [sum(each) / len(each) if each else None for each in places]


def _question(record: Record) -> str:
    asked = [turn.content for turn in record.context if turn.role == "user"]
    return asked[-1] if asked else ""


def _answer(record: Record) -> str:
    turns = record.candidates[0].turns if isinstance(record, Comparison) else record.response
    return turns[-1].content if turns else ""
