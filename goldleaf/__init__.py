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
    from goldleaf.workflows.curate import curate
    from goldleaf.workflows.explain import diff, why
    from goldleaf.workflows.export import export, plan
    from goldleaf.workflows.export_sources import open_source
    from goldleaf.workflows.generate import generate
    from goldleaf.workflows.generation_run import GenerationPlan
    from goldleaf.workflows.import_rows import import_rows, open_rows
    from goldleaf.workflows.import_to_project import import_to_project
    from goldleaf.workflows.judge import judge
    from goldleaf.workflows.kinds import list_kinds
    from goldleaf.workflows.label_studio_connection import open_studio
    from goldleaf.workflows.map_project import map_project
    from goldleaf.workflows.models import list_models, report_drafts
    from goldleaf.workflows.open_generators import ModelChoice
    from goldleaf.workflows.prelabel import prelabel
    from goldleaf.workflows.projects import create_project, list_projects
    from goldleaf.workflows.recipes import load_recipe
    from goldleaf.workflows.self_instruct import SelfInstructPlan, self_instruct
    from goldleaf.workflows.signals import signals
    from goldleaf.workflows.spot_check import spot_check
    from goldleaf.workflows.steer import steer
    from goldleaf.workflows.team import team

__all__ = [
    "Candidate",
    "Comparison",
    "Demonstration",
    "GenerationPlan",
    "GoldleafError",
    "Judgement",
    "ModelChoice",
    "SelfInstructPlan",
    "Studio",
    "Turn",
    "check",
    "create_project",
    "curate",
    "diff",
    "export",
    "generate",
    "import_rows",
    "import_to_project",
    "judge",
    "list_kinds",
    "list_models",
    "list_projects",
    "load_recipe",
    "load_settings",
    "map_project",
    "open_rows",
    "open_source",
    "open_studio",
    "plan",
    "prelabel",
    "read_records",
    "report_drafts",
    "self_instruct",
    "signals",
    "spot_check",
    "steer",
    "team",
    "why",
    "write_records",
]

_RECORDS = "goldleaf.core.records"
_FROM = {
    "GenerationPlan": "goldleaf.workflows.generation_run",
    "GoldleafError": "goldleaf.core.errors",
    "ModelChoice": "goldleaf.workflows.open_generators",
    "SelfInstructPlan": "goldleaf.workflows.self_instruct",
    "Studio": "goldleaf.studio.client",
    "check": "goldleaf.workflows.check",
    "create_project": "goldleaf.workflows.projects",
    "curate": "goldleaf.workflows.curate",
    "diff": "goldleaf.workflows.explain",
    "export": "goldleaf.workflows.export",
    "generate": "goldleaf.workflows.generate",
    "import_rows": "goldleaf.workflows.import_rows",
    "import_to_project": "goldleaf.workflows.import_to_project",
    "judge": "goldleaf.workflows.judge",
    "list_kinds": "goldleaf.workflows.kinds",
    "list_models": "goldleaf.workflows.models",
    "list_projects": "goldleaf.workflows.projects",
    "load_recipe": "goldleaf.workflows.recipes",
    "load_settings": "goldleaf.core.settings:load",
    "map_project": "goldleaf.workflows.map_project",
    "open_rows": "goldleaf.workflows.import_rows",
    "open_source": "goldleaf.workflows.export_sources",
    "open_studio": "goldleaf.workflows.label_studio_connection",
    "plan": "goldleaf.workflows.export",
    "prelabel": "goldleaf.workflows.prelabel",
    "read_records": "goldleaf.core.record_files",
    "report_drafts": "goldleaf.workflows.models",
    "self_instruct": "goldleaf.workflows.self_instruct",
    "signals": "goldleaf.workflows.signals",
    "spot_check": "goldleaf.workflows.spot_check",
    "steer": "goldleaf.workflows.steer",
    "team": "goldleaf.workflows.team",
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
