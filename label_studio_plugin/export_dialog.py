"""goldleaf's files in Label Studio's Export dialog, and of the snapshots that its API makes.

The dialog asks for a format's name and takes a file; a refusal it shows in a window of its own, so
that is where a person reads why nothing came out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.translations import Translations
from goldleaf.label_studio_plugin.export_formats import (
    entries,
    format_named,
    is_ours,
    unreadable_entry,
)
from goldleaf.label_studio_plugin.export_refusals import (
    explained,
    public_address,
    refusal,
    validation_error,
)
from goldleaf.label_studio_plugin.plugin_settings import plugin_settings
from goldleaf.label_studio_plugin.project_answers import (
    answered_tasks,
    describe_project,
    snapshot_tasks,
)
from goldleaf.label_studio_plugin.project_zip import project_zip, refuse_empty, refuse_size
from goldleaf.label_studio_plugin.reader_language import reader_language

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
        if not is_ours(name):
            return original(self, request, *args, **kwargs)
        project = self.get_object()
        lang = reader_language(request)
        some = request.GET.getlist("ids[]")
        ids = {int(each) for each in some if each.isdecimal()} if some else None
        where = public_address(request)
        try:
            with explained(project, lang):
                settings = plugin_settings()
                words = Translations(lang or settings.language)
                chosen = format_named(name, words)
                count = refuse_empty(project, words)
                asked = count if ids is None else min(count, len(ids))
                refuse_size(project.id, asked, chosen, where, settings, words)
                tasks = answered_tasks(project, ids)
                file, filename = project_zip(
                    project, chosen, tasks, settings, where=where, lang=words.lang
                )
        except GoldleafError as error:
            return refusal(error, lang)
        from django.http import FileResponse

        answer = FileResponse(
            file, as_attachment=True, content_type="application/zip", filename=filename
        )
        answer["filename"] = filename  # the dialog reads the name here
        return answer

    return get


def wrap_snapshot(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what converts a snapshot, as its API offers for each format that is listed."""

    @wraps(original)
    def convert_file(
        self: Any, to_format: str, download_resources: bool = False, hostname: str | None = None
    ) -> Any:
        if not is_ours(to_format):
            return original(
                self, to_format, download_resources=download_resources, hostname=hostname
            )
        from django.core.files import File

        try:
            with explained(self.project, ""), self.file.open("rb") as snapshot:
                settings = plugin_settings()
                chosen = format_named(to_format, Translations(settings.language))
                tasks = snapshot_tasks(snapshot)
                file, filename = project_zip(self.project, chosen, tasks, settings)
        except GoldleafError as error:
            raise validation_error(error) from None
        return File(file, name=filename)

    return convert_file


def _entries(project: Any) -> tuple[dict[str, Any], ...]:
    """Return our entries for a project; none where its labeling config is foreign to us."""
    from goldleaf.core.errors import BadRow
    from goldleaf.label_configs.config_mismatch import nearest_kind
    from goldleaf.workflows.loaded_project import check_exportable

    described = describe_project(project)
    try:
        check_exportable(described, "")
    except UsageError as error:
        try:
            near = nearest_kind(described["label_config"])
        except BadRow:
            return ()
        return (unreadable_entry(f"{error.what} {error.fix}"),) if near else ()
    return entries()
