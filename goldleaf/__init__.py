"""goldleaf from Python: what the command line does, as functions; docs/python.md shows each.

Names are loaded when they are first used, so that `import goldleaf` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goldleaf.core.errors import GoldleafError
    from goldleaf.core.record_files import read_records, write_records
    from goldleaf.core.records import Candidate, Comparison, Demonstration, Judgement, Turn
    from goldleaf.core.settings import load as load_settings
    from goldleaf.studio.client import Studio
    from goldleaf.workflows.check import check
    from goldleaf.workflows.explain import diff, why
    from goldleaf.workflows.export import export, plan
    from goldleaf.workflows.export_sources import open_source
    from goldleaf.workflows.import_rows import import_rows, open_rows
    from goldleaf.workflows.import_to_project import import_to_project
    from goldleaf.workflows.kinds import list_kinds
    from goldleaf.workflows.label_studio_connection import open_studio
    from goldleaf.workflows.prelabel import prelabel
    from goldleaf.workflows.projects import create_project, list_projects
    from goldleaf.workflows.recipes import load_recipe

__all__ = [
    "Candidate",
    "Comparison",
    "Demonstration",
    "GoldleafError",
    "Judgement",
    "Studio",
    "Turn",
    "check",
    "create_project",
    "diff",
    "export",
    "import_rows",
    "import_to_project",
    "list_kinds",
    "list_projects",
    "load_recipe",
    "load_settings",
    "open_rows",
    "open_source",
    "open_studio",
    "plan",
    "prelabel",
    "read_records",
    "why",
    "write_records",
]

_RECORDS = "goldleaf.core.records"
_FROM = {
    "GoldleafError": "goldleaf.core.errors",
    "Studio": "goldleaf.studio.client",
    "check": "goldleaf.workflows.check",
    "create_project": "goldleaf.workflows.projects",
    "diff": "goldleaf.workflows.explain",
    "export": "goldleaf.workflows.export",
    "import_rows": "goldleaf.workflows.import_rows",
    "import_to_project": "goldleaf.workflows.import_to_project",
    "list_kinds": "goldleaf.workflows.kinds",
    "list_projects": "goldleaf.workflows.projects",
    "load_recipe": "goldleaf.workflows.recipes",
    "load_settings": "goldleaf.core.settings:load",
    "open_rows": "goldleaf.workflows.import_rows",
    "open_source": "goldleaf.workflows.export_sources",
    "open_studio": "goldleaf.workflows.label_studio_connection",
    "plan": "goldleaf.workflows.export",
    "prelabel": "goldleaf.workflows.prelabel",
    "read_records": "goldleaf.core.record_files",
    "why": "goldleaf.workflows.explain",
    "write_records": "goldleaf.core.record_files",
}
"""The module of a name, with the name that it has there if that is another; else the records'."""


def __getattr__(name: str) -> Any:
    """Load a name of `__all__`."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, there = _FROM.get(name, _RECORDS).partition(":")
    value = getattr(import_module(module), there or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
