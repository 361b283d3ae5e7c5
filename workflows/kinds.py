"""The kinds of annotation that are installed, and the check of a labeling config or a kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.translations import LANGUAGES

if TYPE_CHECKING:
    from goldleaf.label_configs.kind import Kind
    from goldleaf.label_configs.linter import Finding
    from goldleaf.studio.sdk_validation import SdkValidator

SDK_RULE = "label_studio_sdk"
"""The rule of findings that are label-studio-sdk's own."""


def list_kinds(name: str | None = None) -> list[Kind]:
    """Return the kind of a name, or all of them.

    >>> "preference" in [kind.name for kind in list_kinds()]
    True

    Args:
        name: one kind; all by default, those of other packages too.

    Raises:
        UsageError: there is no such kind.
    """
    from goldleaf.label_configs.registry import kind_named, kinds

    return [kind_named(name)] if name else list(kinds().values())


def judged_by_sdk() -> bool:
    """Return whether `lint` asks label-studio-sdk too: it is part of the extra `studio`."""
    from goldleaf.studio.sdk_validation import sdk_installed

    return sdk_installed()


def lint(target: Path) -> list[Finding]:
    """Return the findings on a labeling config or a kind; [] if nothing is wrong.

    Args:
        target: a file, or the name of a kind where there is no such file.

    Raises:
        UsageError: it is neither, or cannot be read, or is not UTF-8 text.
    """
    from goldleaf.label_configs.registry import kinds

    if (kind := kinds().get(str(target))) and not os.path.lexists(target):
        return lint_kind(kind)
    return lint_config(target)


def lint_config(file: Path) -> list[Finding]:
    """Return what Label Studio's free edition cannot show, or shows wrongly, of a labeling config.

    goldleaf's own rules come first, then what label-studio-sdk refuses, where it is installed.
    [] if nothing is wrong.

    Args:
        file: its XML.

    Raises:
        UsageError: it cannot be read, or is not UTF-8 text.
    """
    from goldleaf.core.files import read_small
    from goldleaf.label_configs import linter

    try:
        config = read_small(file).decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("This file is not UTF-8 text.", where=str(file)) from None
    found = list(linter.lint(config))
    # What is no XML, or declares entities, is not given to a second parser.
    if judged_by_sdk() and not any(f.rule.startswith("config_") for f in found):
        found += _refusals(_validator(config).config_errors(), "config")
    return found


def lint_kind(kind: Kind) -> list[Finding]:
    """Return what is wrong with a kind: in each language its folder, config, samples and drafts.

    A sample task is judged with the draft that the rules make for it. [] if nothing is wrong.
    """
    from goldleaf.label_configs import kind_linter

    found: list[Finding] = []
    for lang in LANGUAGES:
        own = kind_linter.lint_kind(kind, lang)
        found += own
        if not own and judged_by_sdk():
            found += _sdk_findings(kind, lang)
    return found


def _sdk_findings(kind: Kind, lang: str) -> Iterator[Finding]:
    """Yield what label-studio-sdk refuses of a kind in one language."""
    from goldleaf.backend.predictions import draft_predictions
    from goldleaf.backend.predictors import rules
    from goldleaf.formats.format_registry import guess_format
    from goldleaf.label_configs.screen import parse

    config = kind.config(lang)
    validator = _validator(config)
    yield from _refusals(validator.config_errors(), f"config {lang}")
    tasks: list[dict[str, Any]] = []
    for row in kind.sample_tasks():
        read = guess_format([row]).read(row)
        tasks += [
            kind.codec.to_task(each) for each in (read if isinstance(read, tuple) else [read])
        ]
    given = [{"data": task} for task in tasks]
    drafts = draft_predictions(kind, parse(config), given, rules)
    for number, (task, draft) in enumerate(zip(tasks, drafts, strict=True), 1):
        yield from _refusals(validator.errors(task, draft or None), f"sample {number} {lang}")


def _validator(config: str) -> SdkValidator:
    from goldleaf.studio.sdk_validation import SdkValidator

    return SdkValidator(config)


def _refusals(reasons: list[str], where: str) -> Iterator[Finding]:
    from goldleaf.label_configs.linter import Finding

    for reason in reasons:
        yield Finding(SDK_RULE, where, f"label-studio-sdk refuses it: {reason}")
