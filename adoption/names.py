"""A reading held against the config it is for: names that are not there, roles that do not fit."""

from __future__ import annotations

from collections.abc import Iterable

from goldleaf.adoption.config import ConfigTag, ProjectConfig
from goldleaf.adoption.reading import Reading
from goldleaf.core.errors import UsageError
from goldleaf.core.nearest_name import nearest_or_all

_FITS = {
    "choice": ("Pairwise", "Choices"),
    "rank": ("Ranker",),
    "edited": ("TextArea",),
    "note": ("TextArea",),
    "verdict": ("Choices", "Rating", "Number"),
    "faults": ("Choices",),
    "reasons": ("Choices", "Taxonomy"),
}
"""Which tags a key may name."""


def problems_of(reading: Reading, config: ProjectConfig, fields: Iterable[str] = ()) -> list[str]:
    """Return what a reading names and the config does not have, each with its path.

    Args:
        reading: what to check.
        config: of the project; of a file as `files.observed_config` sees it.
        fields: the fields that tasks have, where that is known; then `$field` is checked, too.
    """
    known = set(fields)
    found = [
        problem
        for path, source in reading.sources.items()
        if (problem := _source_problem(path, source, config, known))
    ]
    for path, name in reading.controls.items():
        found += _control_problems(path, name, config)
    for path, control, choices in _choices_named(reading):
        tag = config.find(control)
        if tag is None or tag.open_choices or not tag.choices:
            continue
        found += [
            f"{path}: {control} has no choice {choice!r}; "
            + nearest_or_all(choice, tag.choices, "its choices are")
            for choice in choices
            if choice not in tag.choices
        ]
    tag = config.find(reading.rank or "")
    if tag and tag.buckets:
        for key in ("buckets", "bad_buckets"):
            found += [
                f"{key}: {tag.name} has no bucket {name!r}; "
                + nearest_or_all(name, tag.buckets, "its buckets are")
                for name in getattr(reading, key)
                if name not in tag.buckets
            ]
        if not reading.buckets:
            listed = ", ".join(tag.buckets)
            found.append(f"buckets: which bucket of {tag.name} is best? they are: {listed}")
    return found


def check_names(
    reading: Reading, config: ProjectConfig, where: str, fields: Iterable[str] = ()
) -> None:
    """Raise UsageError where a reading names what the config does not have; each is named.

    The message lists the controls there are, so a reading that would read nothing says what it
    looked for and what there is.
    """
    if problems := problems_of(reading, config, fields):
        there = ", ".join(f"{tag.name} ({tag.tag})" for tag in config.controls) or "none"
        raise UsageError("; ".join(problems), where=where, fix=f"the controls there are: {there}")


def _source_problem(path: str, source: str, config: ProjectConfig, fields: set[str]) -> str:
    if source.startswith("$"):
        first = source[1:].partition(".")[0].partition("[")[0]
        if not fields or first in fields or source[1:] in fields:
            return ""
        near = nearest_or_all(first, sorted(fields), "the fields are")
        return f"{path}: no task has the field {source}; {near}"
    if config.find(source):
        return ""
    near = nearest_or_all(source, config.tags, "the names are")
    return f"{path}: there is nothing called {source!r}; {near}"


def _control_problems(path: str, name: str, config: ProjectConfig) -> list[str]:
    key = path.partition(".")[0]
    tag: ConfigTag | None = config.find(name)
    if tag is None or not tag.is_control:
        fitting = [each.name for each in config.controls if each.tag in _FITS[key]]
        near = nearest_or_all(name, fitting or [each.name for each in config.controls], "there are")
        return [f"{path}: looked for a control called {name!r}; {near}"]
    if tag.tag not in _FITS[key]:
        return [f"{path}: {name} is a {tag.tag}, and {' or '.join(_FITS[key])} is needed"]
    return []


def _choices_named(reading: Reading) -> Iterable[tuple[str, str, list[str]]]:
    yield "better", reading.choice or "", list(reading.better)
    yield "strong", reading.choice or "", reading.strong
    yield "slight", reading.choice or "", reading.slight
    for key in ("good", "bad"):
        yield key, reading.verdict or "", [str(name) for name in getattr(reading, key)]
    for control, choices in reading.faults.items():
        yield f"faults.{control}", control, choices
