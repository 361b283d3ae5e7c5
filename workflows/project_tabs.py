"""The tabs of a project's data manager, made where they lack and brought up to date."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from goldleaf.core.settings import Settings, load
from goldleaf.workflows.label_studio_connection import open_studio

_CHINESE = re.compile(r'value="[^"]*[\u4e00-\u9fff]')


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectTabs:
    """What was done: titles of the tabs `made`; tasks whose columns were `filled`; `disagreements`.

    `disagreements` counts the tasks with two or more answers that differ
    (`goldleaf.agreement.differing_answers`), `unreadable` those that Label Studio cannot give.
    """

    made: tuple[str, ...]
    filled: int
    disagreements: int
    unreadable: int


def config_language(config: str) -> str:
    """Return the language of a labeling config, `zh` where what people read in it is Chinese."""
    return "zh" if _CHINESE.search(config) else "en"


def update_tabs(
    number: int,
    settings: Settings | None = None,
    *,
    progress: Callable[[float], None] = lambda tasks: None,
) -> ProjectTabs:
    """Make the tabs that a project lacks, in its language, and list the disagreements anew.

    Args:
        number: the project's.
        settings: where Label Studio is; read from `goldleaf.toml` and `GOLDLEAF_*` by default.
        progress: called with how many tasks were looked at for their columns.

    Raises:
        UsageError: there is no such project, it is not of goldleaf, or no Label Studio is
            configured.
    """
    from goldleaf.backend.disagreements import refresh_disagreements
    from goldleaf.studio import data_manager_views as views
    from goldleaf.studio.projects import get_project, project_kind

    with open_studio(settings or load()) as studio:
        described = get_project(studio, number)
        kind, config = project_kind(studio, number, described), described["label_config"]
        # First the columns: the tab of findings is for projects that have its column.
        filled = views.fill_table_columns(studio, number, progress)
        made = views.add_tabs(studio, number, config, config_language(config))
        differing, unreadable = refresh_disagreements(studio, described, kind)
    return ProjectTabs(
        made=tuple(made), filled=filled, disagreements=differing, unreadable=len(unreadable)
    )
