"""A reading proposed for a config that no template fits: by its tags, and by what names say.

A proposal is a start for a person, who sees three answers read through it. What cannot be told is
left out, never guessed in silence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from goldleaf.adoption.config import ConfigTag, ProjectConfig
from goldleaf.adoption.reading import Reading

_TEXTS = ("Text", "HyperText", "Markdown")
_PROMPT = re.compile(
    r"prompt|question|query|instruction|input|ask|user|document|提问|问题|指令", re.I
)
_ANSWER = re.compile(r"answer|response|reply|output|completion|generation|summary|回答|回复", re.I)
_NUMBERED = re.compile(r"([a-z]*?)[\s_\-.]*(\d|[ab]|left|right|one|two|three|first|second)\Z", re.I)
_NOTE = re.compile(r"note|comment|remark|why|reason|expla|feedback|justif|备注|理由|说明", re.I)
_TIE = re.compile(r"\btie\b|same|equal|both (are )?good|neither.*better|一样|平", re.I)
_BAD = re.compile(r"both.*(bad|wrong)|neither|none|都不|都差", re.I)
_MUCH = re.compile(r"much|far|strong|clearly|significantly|明显|好很多", re.I)
_SLIGHTLY = re.compile(r"slight|a bit|little|略|稍", re.I)
_PLACES = (
    re.compile(r"\b(1|a|left|first|one)\b|回答\s*[1一aA]", re.I),
    re.compile(r"\b(2|b|right|second|two)\b|回答\s*[2二bB]", re.I),
    re.compile(r"\b(3|c|third|three)\b", re.I),
    re.compile(r"\b(4|d|fourth|four)\b", re.I),
)
_GOOD = re.compile(
    r"\A(yes|good|correct|accept\w*|pass|true|thumbs?.?up|right|好|是|正确|通过)", re.I
)
_WRONG = re.compile(
    r"\A(no\b|bad|incorrect|reject\w*|fail|false|thumbs?.?down|wrong|差|否|错)", re.I
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed reading: `keys` as YAML would have them, and what keeps them from being one.

    `problem` is "" where `reading` is there.
    """

    keys: dict[str, Any]
    reading: Reading | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """What a text may be read from: `source` as a reading names it, `names` that describe it."""

    source: str
    names: tuple[str, ...]

    def like(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(name) for name in self.names)


def propose(config: ProjectConfig, fields: Iterable[str] = ()) -> Proposal:
    """Return a reading for a config; for a file without one, also by the fields of its tasks."""
    sources = [
        _Source(tag.name, (tag.name, tag.shows.removeprefix("$")))
        for tag in config.tags.values()
        if tag.tag in _TEXTS and tag.shows.startswith("$")
    ]
    shown = {tag.shows for tag in config.tags.values()}
    sources += [_Source(f"${name}", (name,)) for name in fields if f"${name}" not in shown]
    keys: dict[str, Any] = {}
    _conversation(config, keys)
    answers = _several(config, sources, keys)
    if not answers:
        answers = _one_answer(config, sources, keys)
    free = [each for each in sources if each.source not in answers]
    prompt = _first(free, lambda each: each.like(_PROMPT)) or (free[0] if free else None)
    if prompt and "turns" not in keys:
        keys = {"prompt": prompt.source, **keys}
    _texts(config, keys)
    try:
        return Proposal(keys, Reading.model_validate(keys))
    except ValidationError as error:
        problem = error.errors()[0]["msg"].removeprefix("Value error, ")
        return Proposal(keys, None, problem)


def _conversation(config: ProjectConfig, keys: dict[str, Any]) -> None:
    for tag in config.tags.values():
        if tag.tag in ("Paragraphs", "Chat") and "turns" not in keys:
            keys["turns"] = tag.name


def _several(config: ProjectConfig, sources: Sequence[_Source], keys: dict[str, Any]) -> set[str]:
    """Propose how several answers are compared; return the sources of the answers."""
    for tag in config.controls:
        if tag.tag == "Pairwise":
            known = [name for name in tag.to_names if name in config.tags]
            found = known if len(known) == 2 else [each.source for each in _numbered(sources)]
            keys |= {"answers": found, "choice": tag.name}
            return set(found)
        if tag.tag == "Ranker":
            items = next((name for name in tag.to_names if name in config.tags), "")
            listed = items or next((s.source for s in sources if s.like(_LISTS)), "")
            keys |= {"answers": listed, "rank": tag.name} if listed else {"rank": tag.name}
            if tag.buckets:
                keys["buckets"] = list(tag.buckets)
            return {listed}
    shown = [each.source for each in _numbered(sources)]
    for tag in config.controls:
        if tag.tag == "Choices" and not tag.multiple and 2 <= len(shown) <= len(_PLACES):
            better = {name: m for name in _named(tag) if (m := _meaning(name, shown)) is not None}
            if {1, 2} <= {*better.values()}:
                keys |= {"answers": shown, "choice": tag.name, "better": better}
                strong = [name for name in better if _MUCH.search(name)]
                slight = [name for name in better if _SLIGHTLY.search(name)]
                keys |= {"strong": strong} if strong else {}
                keys |= {"slight": slight} if slight else {}
                return set(shown)
    return set()


_LISTS = re.compile(r"items|answers|responses|candidates|results|outputs", re.I)


def _numbered(sources: Sequence[_Source]) -> list[_Source]:
    """Return the sources whose names differ in a number or a letter: answer_a and answer_b."""
    groups: dict[str, list[_Source]] = {}
    for each in sources:
        for name in each.names:
            if found := _NUMBERED.match(name):
                group = groups.setdefault(found[1].lower(), [])
                if each not in group:
                    group.append(each)
    return max(groups.values(), key=len, default=list[_Source]())


def _meaning(choice: str, shown: Sequence[str]) -> int | str | None:
    if _BAD.search(choice):
        return "bad"
    if _TIE.search(choice):
        return "tie"
    places = [n for n, pattern in enumerate(_PLACES, 1) if pattern.search(choice.replace("_", " "))]
    if len(places) == 1 and places[0] <= len(shown):
        return places[0]
    return next((n for n, name in enumerate(shown, 1) if name.strip("$") == choice), None)


def _one_answer(
    config: ProjectConfig, sources: Sequence[_Source], keys: dict[str, Any]
) -> set[str]:
    """Propose how the one answer is judged; return its source."""
    found = _first(sources, lambda each: each.like(_ANSWER) and not each.like(_PROMPT))
    for tag in config.controls:
        if tag.tag == "Rating":
            keys["verdict"] = tag.name
            break
        good = [name for name in _named(tag) if _GOOD.search(name)]
        bad = [name for name in _named(tag) if _WRONG.search(name)]
        if tag.tag == "Choices" and good and bad and not tag.multiple:
            keys |= {"verdict": tag.name, "good": good, "bad": bad}
            break
    if found:
        keys["answers"] = [found.source]
        return {found.source}
    return set()


def _texts(config: ProjectConfig, keys: dict[str, Any]) -> None:
    """Propose which box holds an answer, and which a remark."""
    boxes = [tag for tag in config.controls if tag.tag == "TextArea"]
    note = _first(boxes, lambda tag: bool(_NOTE.search(tag.name)))
    others = [tag for tag in boxes if tag is not note]
    written = _first(others, lambda tag: bool(_ANSWER.search(tag.name))) or (
        others[0] if others else None
    )
    if written:
        keys["edited"] = written.name
        asked = _first(others, lambda tag: tag is not written and bool(_PROMPT.search(tag.name)))
        if asked and "prompt" not in keys:
            keys["prompt"] = asked.name
    if note:
        keys["note"] = note.name


def _named(tag: ConfigTag) -> list[str]:
    """Return what people read of each choice: its value, where it has an alias too."""
    return [name for name, said in tag.choices.items() if name != said or name not in _aliases(tag)]


def _aliases(tag: ConfigTag) -> set[str]:
    return {said for name, said in tag.choices.items() if name != said}


def _first(found: Sequence[Any], fits: Callable[[Any], bool]) -> Any:
    return next((each for each in found if fits(each)), None)
