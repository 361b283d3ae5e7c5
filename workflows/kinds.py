"""The kinds of annotation that are installed, and the check of a labeling config."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError

if TYPE_CHECKING:
    from goldleaf.label_configs.kind import Kind
    from goldleaf.label_configs.linter import Finding


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


def lint_config(file: Path) -> list[Finding]:
    """Return what Label Studio's free edition cannot show, or shows wrongly, of a labeling config.

    [] if nothing is wrong.

    Args:
        file: its XML.

    Raises:
        UsageError: it cannot be read, or is not UTF-8 text.
    """
    from goldleaf.core.files import read_small
    from goldleaf.label_configs.linter import lint

    try:
        return list(lint(read_small(file).decode("utf-8")))
    except UnicodeDecodeError:
        raise UsageError("This file is not UTF-8 text.", where=str(file)) from None
