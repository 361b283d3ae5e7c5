"""What a model that writes is asked for a task: the texts of its kind, one request a box."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Protocol, cast

import goldleaf.backend.text_drafts as room
from goldleaf.backend.fenced_data import prompts_version as version_of
from goldleaf.backend.text_drafts.text_request import TextRequest
from goldleaf.core.plugins import modules


class TextDrafts(Protocol):
    """What a module of `text_drafts/` with a `KIND` offers."""

    KIND: str
    """The name of the kind."""
    PROMPTS: tuple[str, ...]
    """The prompts that it asks with, files of `prompts/`."""

    def requests(self, task: Mapping[str, Any]) -> list[TextRequest]:
        """Return what to ask for a task's data; BadRow if the data is not of the kind."""
        ...


@cache
def text_drafts() -> Mapping[str, TextDrafts]:
    """Return what asks for the texts of each kind, by its name; other kinds get none."""
    found = [module for _, module in modules(room, packages=False) if hasattr(module, "KIND")]
    return {module.KIND: cast("TextDrafts", module) for module in found}


def text_requests(kind: str, task: Mapping[str, Any]) -> list[TextRequest]:
    """Return what to ask for a task's data, nothing where there is nothing to write about.

    Raises:
        BadRow: as `text_of`, for the fields of the kind.
    """
    drafts = text_drafts().get(kind)
    return drafts.requests(task) if drafts else []


@cache
def prompts_version() -> str:
    """Return 6 hex digits that change with any of the prompts."""
    return version_of(name for drafts in text_drafts().values() for name in drafts.PROMPTS)
