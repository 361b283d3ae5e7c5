"""Write YAML settings for a trainer, with comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from goldleaf.core.translations import Translations
from goldleaf.trainers.training_plan import Run

MODEL = "/path/to/model"
"""The placeholder that the user replaces by a model."""


def to_yaml(comment: str, values: Mapping[str, Any]) -> str:
    """Return a YAML file of settings in their given order, below a comment of one or more lines."""
    lines = "".join(f"# {line}\n" for line in comment.splitlines())
    return lines + yaml.dump(dict(values), Dumper=_Plain, sort_keys=False, allow_unicode=True)


class _Plain(yaml.SafeDumper):
    """Writes no anchors, because a person reads the file."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return true for everything."""
        return True


def output_of(name: str) -> str:
    """Return the folder, beside its configuration, in which training `name` leaves its model.

    `out-NAME`, a path relative to the configuration; nothing is made.
    """
    return f"out-{name}"


def order_comments(run: Run, words: Translations) -> list[str]:
    """Return what a training's user must know about order, of its rows and of the trainings.

    Lines for `to_yaml`'s comment; [] where there is nothing to say.
    """
    comments = [words("trainer.ordered")] if run.ordered else []
    return comments + ([words("trainer.after", before=run.after)] if run.after else [])
