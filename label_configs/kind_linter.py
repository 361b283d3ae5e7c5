"""Holds a kind's config against the controls that its `Answer` declares, and its folder for whole.

What Label Studio itself gets wrong is found by `linter.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from goldleaf.label_configs.control_types import (
    DeclaredControl,
    DeclaredRepeater,
    VisibleWhen,
    controls,
    declarations,
)
from goldleaf.label_configs.kind import Kind
from goldleaf.label_configs.linter import Finding, lint
from goldleaf.label_configs.screen import INDEX, Control, parse
from goldleaf.label_configs.table_columns import TABLE_FIELDS, fields_of_screen


def lint_kind(kind: Kind, lang: str = "en") -> list[Finding]:
    """Return what is wrong with a kind in one language; an empty list means nothing.

    Looked for in this order, and only the first group with a fault is returned: a file of its
    folder is absent; a rule of `linter.lint` is broken, or a field is shown whose name is one of
    `TABLE_FIELDS`; a control of its config is absent, not declared, or not as it is declared.
    """
    if missing := list(_missing(kind, lang)):
        return missing
    config = kind.config(lang)
    wrong = [*lint(config), *_taken(config)]
    return wrong or [*_conditions(kind), *_controls(kind, parse(config).controls)]


def _missing(kind: Kind, lang: str) -> Iterator[Finding]:
    ending = "" if lang == "en" else f".{lang}"
    for name in (f"config{ending}.xml", f"guide{ending}.md", "sample_tasks.json"):
        if not kind.folder.joinpath(name).is_file():
            yield Finding("missing_file", name, "every kind's folder holds one")
    if not kind.codec.TITLES.get(lang):
        yield Finding("missing_title", lang, "projects of this kind are called by it")


def _taken(config: str) -> Iterator[Finding]:
    for name in sorted(fields_of_screen(config).intersection(TABLE_FIELDS)):
        yield Finding("taken_field", f"${name}", "replaced by the column of that name at import")


def _conditions(kind: Kind) -> Iterator[Finding]:
    """Yield each declared condition that no choice can meet."""
    for name, declared in kind.controls.items():
        if condition := _condition(kind, name, declared):
            decider, choices = condition
            known = kind.controls[decider].choices if decider in kind.controls else ()
            if not set(choices) <= set(known):
                yield Finding("unknown_condition", name, f"{decider} has no such choice")


def _controls(kind: Kind, found: Mapping[str, Control]) -> Iterator[Finding]:
    for name, declared in kind.controls.items():
        if declared.retired and name not in found:
            continue
        if name not in found:
            yield Finding("absent_control", name, "declared, but not in the config")
            continue
        compared = _compared(
            declared, found[name], _over(kind, name), _condition(kind, name, declared)
        )
        for what, wanted, given in compared:
            if wanted != given:
                detail = f"{what}: declared {wanted!r}, in the config {given!r}"
                yield Finding("differs_from_declaration", name, detail)
    for name in found:
        if name not in kind.controls:
            yield Finding("undeclared_control", name, "no field of the answer holds it")


def _compared(
    declared: DeclaredControl, found: Control, over: str, condition: VisibleWhen | None
) -> Iterator[tuple[str, object, object]]:
    yield "type", declared.type, found.type
    yield "choices", declared.choices, found.choices
    yield "several choices", declared.multiple, found.multiple
    yield "required", declared.required, found.required
    yield "most stars", declared.highest, found.highest
    yield "repeated over", over, found.repeated
    yield "visible when", _sorted((condition,) if condition else ()), _sorted(found.visible_when)


def _condition(kind: Kind, name: str, declared: DeclaredControl) -> VisibleWhen | None:
    """Return when a control is shown; inside a Repeater its condition names one of the same turn.

    Where that turn has no control of the name, the condition is of one outside the Repeater.
    """
    if declared.visible_when is None or not name.endswith(f"_{INDEX}"):
        return declared.visible_when
    decider, choices = declared.visible_when
    inner = f"{decider}_{INDEX}"
    return (inner if inner in kind.controls else decider, choices)


def _over(kind: Kind, name: str) -> str:
    """Return the list of the task's data that a declared control is repeated over, "" for none."""
    for declared in declarations(kind.codec.Answer):
        if isinstance(declared, DeclaredRepeater):
            inner = {f"{each}_{INDEX}" for each in controls(declared.answer)}
            if name in inner:
                return declared.over
    return ""


def _sorted(conditions: tuple[VisibleWhen, ...]) -> list[tuple[str, list[str]]]:
    return [(decider, sorted(choices)) for decider, choices in conditions]
