"""The zip of a project's answers, from what Label Studio's process holds of it."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any

from goldleaf.core.errors import UsageError
from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.label_studio_plugin import project_answers
from goldleaf.label_studio_plugin.export_formats import ExportFormat

MOST = 50_000
"""Answered tasks of one export by the dialog. It is one request that takes a millisecond a task,
and what stands before Label Studio ends a request after one or two minutes."""


def project_zip(
    project: Any,
    chosen: ExportFormat,
    tasks: Iterable[Mapping[str, Any]],
    settings: Settings,
    *,
    where: str = "",
    lang: str = "",
) -> tuple[IO[bytes], str]:
    """Return an open zip, which is gone once it is closed, and how it is to be called.

    Args:
        project: a Django model.
        chosen: which of our formats.
        tasks: the project's tasks with their answers, as `project_answers` gives them.
        settings: hold the key of the pseudonyms.
        where: Label Studio's address, for messages.
        lang: language of the card; the settings' by default.

    Raises:
        GoldleafError: nothing can be exported, with the reason.
    """
    from django.conf import settings as theirs

    from goldleaf.workflows.export_zip import export_zip
    from goldleaf.workflows.loaded_project import LoadedProject, adjudicates, loaded_source

    accounts = project_answers.account_addresses(project)

    def loaded(number: int, described: dict[str, Any], held: Iterable[Any]) -> LoadedProject:
        address = f"{where}/projects/{number}/settings/labeling"
        return LoadedProject(described, held, accounts, address)

    mine = project_answers.describe_project(project)
    others = [
        loaded(other.id, described, project_answers.answered_tasks(other))
        for other, described in project_answers.describe_others(project)
        if adjudicates(described, mine)
    ]
    folder = f"project-{project.id}-{chosen.slug}"
    scratch = theirs.FILE_UPLOAD_TEMP_DIR
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile(prefix="goldleaf-", dir=scratch))
        export_zip(
            loaded_source(loaded(project.id, mine, tasks), others, settings),
            chosen.size,
            file,
            folder=folder,
            settings=settings,
            lang=lang,
            scratch=scratch,
        )
        file.seek(0)
        opened.pop_all()
    return file, f"{folder}-at-{datetime.now():%Y-%m-%d-%H-%M}.zip"


def refuse_empty(project: Any, words: Translations) -> int:
    """Return how many tasks of a project have an answer.

    Raises:
        UsageError: none has one.
    """
    count = project_answers.count_answered(project)
    if not count:
        fix = words("dialog.no_answers_fix")
        raise UsageError(words("dialog.no_answers", project=project.id), fix=fix)
    return count


def refuse_size(
    project: int,
    count: int,
    chosen: ExportFormat,
    where: str,
    settings: Settings,
    words: Translations,
) -> None:
    """Refuse more answered tasks than `MOST`: a browser does not wait for them.

    Raises:
        UsageError: with the command that exports them.
    """
    if count <= MOST:
        return
    command = ["goldleaf", "export", f"project:{project}"]
    command += ["--model", chosen.size] if chosen.size else []
    command += ["--out", f"project-{project}-{chosen.slug}", "--url", where]
    command += ["--data-dir", str(settings.state.path)]
    raise UsageError(
        words("dialog.too_many", project=project, count=f"{count:,}", most=f"{MOST:,}"),
        fix=words("dialog.too_many_fix", command=shlex.join(command)),
    )
