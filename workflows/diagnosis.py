"""Checks of a Label Studio, its projects and their backends."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import SHARED_NAMES, Settings
from goldleaf.core.translations import Translations
from goldleaf.workflows.check_models import check_models
from goldleaf.workflows.label_studio_connection import (
    DATA_DIR,
    Connection,
    backend_at,
    connection,
    open_studio,
)
from goldleaf.workflows.open_generators import ModelChoice

if TYPE_CHECKING:
    from goldleaf.studio.doctor_findings import Check


def diagnose(
    settings: Settings,
    project: int | None,
    backend: str | None,
    words: Translations,
    models: ModelChoice | None = None,
) -> list[Check]:
    """Return the findings of `goldleaf doctor`: on Label Studio first, then on each project.

    Args:
        settings: where Label Studio and the data directory are.
        project: one project; None for every project of goldleaf.
        backend: the backend's address; the data directory's backend by default.
        words: language of what is found and how to fix it.
        models: models that write text; those of the settings by default.

    Raises:
        UsageError: no Label Studio is configured, and no model is; a Label Studio that cannot be
            reached is a finding.
    """
    from goldleaf.studio.doctor_checks import (
        check_local_backend,
        check_project,
        projects_of_goldleaf,
        run_checks,
    )
    from goldleaf.studio.local_backend import kept_backend

    known = kept_backend(settings.state)
    if backend:
        known = backend_at(settings, backend)
    written = check_models((models or ModelChoice()).or_settings(settings), words)
    try:
        opened = open_studio(settings)
    except UsageError:
        if written:
            return written
        raise
    with opened as studio:
        checks = run_checks(studio, words=words)
        checks.insert(1, _settings_check(connection(settings), words))
        if checks[0].ok and (kept := kept_backend(settings.state)):
            checks.append(check_local_backend(kept, words))
        if all(check.ok for check in checks if check.name in ("reachable", "token")):
            numbers = [project] if project is not None else projects_of_goldleaf(studio)
            for number in numbers:
                checks += check_project(
                    *(studio, number, words),
                    backend_url=backend or "",
                    known=known,
                    tasks=project is not None,  # a look at each task of every project takes long
                )
    return checks + written


def _settings_check(found: Connection, words: Translations) -> Check:
    """Return a finding: where the address and the token are from; the token is not in it."""
    from goldleaf.studio.doctor_findings import Check

    def named(origin: str) -> str:
        return words("doctor.from_data_dir") if origin == DATA_DIR else origin

    url, token = named(found.url_origin), named(found.token_origin)
    text = words("doctor.settings_from", url=url, token=token)
    used = {found.url_origin, found.token_origin}
    unused = [name for name in SHARED_NAMES.values() if os.environ.get(name) and name not in used]
    if unused:
        text += "; " + words("doctor.settings_unused", names=words.listed(unused))
    return Check("settings", True, text)
