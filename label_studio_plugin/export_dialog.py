"""goldleaf's files in Label Studio's Export dialog, and wherever else it writes an export.

The dialog asks for a format's name and takes a file; a refusal it shows in a window of its own, so
that is where a person reads why nothing came out.
"""

from __future__ import annotations

import logging
import shlex
import tempfile
from collections.abc import Callable, Collection
from contextlib import ExitStack
from datetime import datetime
from functools import wraps
from typing import IO, Any

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.settings import Settings
from goldleaf.core.translations import Translations
from goldleaf.label_studio_plugin import project_answers
from goldleaf.label_studio_plugin.export_formats import (
    PREFIX,
    ExportFormat,
    entries,
    export_formats,
    unreadable_entry,
)
from goldleaf.label_studio_plugin.export_refusals import explained, reader_language, refusal
from goldleaf.label_studio_plugin.plugin_settings import plugin_settings

MOST = 50_000
"""Answered tasks of one export by the dialog. It is one request that takes a millisecond a task,
and what stands before Label Studio ends a request after one or two minutes."""
_log = logging.getLogger("goldleaf")


def wrap_formats(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what lists the formats of a project: ours come behind the first."""

    @wraps(original)
    def get_export_formats(project: Any) -> list[dict[str, Any]]:
        theirs = original(project)
        try:
            ours = _entries(project)
        except Exception:
            _log.exception("goldleaf's formats are not in the Export dialog")
            return theirs
        # The first one is chosen until a person chooses another, so that stays theirs.
        return [*theirs[:1], *ours, *theirs[1:]]

    return get_export_formats


def wrap_download(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what answers the dialog: of ours nothing is serialized first, and errors are told."""

    @wraps(original)
    def get(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        name = request.GET.get("exportType") or request.GET.get("export_type") or ""
        if not _is_ours(name):
            return original(self, request, *args, **kwargs)
        project = self.get_object()
        lang = reader_language(request)
        ids = {int(each) for each in request.GET.getlist("ids[]") if each.isdecimal()}
        where = request.build_absolute_uri("/").rstrip("/")
        try:
            with explained(project, lang):
                file, filename = _export(project, name, ids or None, where, lang)
        except GoldleafError as error:
            return refusal(error, lang)
        from django.http import FileResponse

        answer = FileResponse(
            file, as_attachment=True, content_type="application/zip", filename=filename
        )
        answer["filename"] = filename  # the dialog reads the name here
        return answer

    return get


def wrap_file(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what `label-studio export` calls: the tasks that it has are read again, by their ids."""

    @wraps(original)
    def generate_export_file(
        project: Any,
        tasks: Any,
        output_format: str,
        download_resources: Any,
        get_args: Any,
        hostname: str | None = None,
    ) -> Any:
        if not _is_ours(output_format):
            return original(
                project, tasks, output_format, download_resources, get_args, hostname=hostname
            )
        ids = {int(task["id"]) for task in tasks}
        file, filename = _export(project, output_format, ids, "", "")
        return file, "application/zip", filename

    return generate_export_file


def _is_ours(name: str) -> bool:
    return name.upper().startswith(PREFIX)


def _entries(project: Any) -> tuple[dict[str, Any], ...]:
    """Return our entries for a project; none where its labeling config is foreign to us."""
    from goldleaf.core.errors import BadRow
    from goldleaf.label_configs.config_mismatch import nearest_kind
    from goldleaf.workflows.loaded_project import check_exportable

    described = project_answers.describe_project(project)
    try:
        check_exportable(described, "")
    except UsageError as error:
        try:
            near = nearest_kind(described["label_config"])
        except BadRow:
            return ()
        return (unreadable_entry(f"{error.what} {error.fix}"),) if near else ()
    return entries()


def _export(
    project: Any,
    name: str,
    ids: Collection[int] | None,
    where: str,
    lang: str,
) -> tuple[IO[bytes], str]:
    """Return the open zip of a project's answers, and how it is to be called.

    Args:
        project: a Django model.
        name: of the format.
        ids: these tasks only; all without.
        where: Label Studio's address for a browser that waits, which it does not do for any number
            of tasks; "" where none waits.
        lang: `en` or `zh`; the settings' without.

    Raises:
        GoldleafError: nothing can be exported, with the reason.
    """
    from django.conf import settings as theirs

    from goldleaf.workflows.export_zip import export_zip
    from goldleaf.workflows.loaded_project import LoadedProject, adjudicates, loaded_source

    settings = plugin_settings()
    words = Translations(lang or settings.language)
    chosen = _chosen(name, words)
    count = project_answers.count_answered(project)
    if not count:
        fix = words("dialog.no_answers_fix")
        raise UsageError(words("dialog.no_answers", project=project.id), fix=fix)
    if where:
        asked = count if ids is None else min(count, len(ids))
        refuse_size(project.id, asked, chosen, where, settings, words)
    accounts = project_answers.account_addresses(project)

    def loaded(
        which: Any, described: dict[str, Any], only: Collection[int] | None
    ) -> LoadedProject:
        address = f"{where}/projects/{which.id}/settings/labeling"
        tasks = project_answers.answered_tasks(which, only)
        return LoadedProject(described, tasks, accounts, address)

    mine = project_answers.describe_project(project)
    others = [
        loaded(other, described, None)
        for other, described in project_answers.describe_others(project)
        if adjudicates(described, mine)
    ]
    folder = f"project-{project.id}-{chosen.slug}"
    scratch = theirs.FILE_UPLOAD_TEMP_DIR
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile(prefix="goldleaf-", dir=scratch))
        export_zip(
            loaded_source(loaded(project, mine, ids), others, settings),
            chosen.size,
            file,
            folder=folder,
            settings=settings,
            lang=words.lang,
            scratch=scratch,
        )
        file.seek(0)
        opened.pop_all()
    return file, f"{folder}-at-{datetime.now():%Y-%m-%d-%H-%M}.zip"


def _chosen(name: str, words: Translations) -> ExportFormat:
    """Return one of our formats by its name.

    Raises:
        UsageError: there is none of that name; the message has all.
    """
    known = export_formats()
    if found := known.get(name.upper()):
        return found
    fix = words("dialog.unknown_fix", names=words.listed(known))
    raise UsageError(words("dialog.unknown", name=ascii(name[:64])), fix=fix)


def refuse_size(
    project: int,
    count: int,
    chosen: ExportFormat,
    where: str,
    settings: Settings,
    words: Translations,
) -> None:
    """Refuse more answered tasks than `MOST`.

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
