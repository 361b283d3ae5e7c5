"""Files that are uploaded in Label Studio's Import dialog into a project of ours: rows as tasks."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError
from goldleaf.core.files import file_error
from goldleaf.core.translations import Translations
from goldleaf.label_configs.table_columns import with_table_columns
from goldleaf.label_studio_plugin.project_kind import Screen, screen_of
from goldleaf.studio.task_identity import identity_meta, task_hash
from goldleaf.workflows.import_findings import ImportFindings
from goldleaf.workflows.import_rows import open_rows
from goldleaf.workflows.import_to_project import tasks_of

_log = logging.getLogger("goldleaf")
_READ = (".json", ".csv", ".tsv")
_PREFIX = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the name of a file that it stores."""
_SHOWN = 5
"""Rejected rows that a message names."""


def wrap_read_tasks(original: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap what reads an uploaded file: returns `[{"data": {...}, "meta": {...}}, ...]`."""

    @wraps(original)
    def read_tasks(self: Any, file_as_tasks_list: bool = True) -> Any:
        screen = screen_of(self.project.label_config or "")
        if screen is None or self.format not in _READ:
            return original(self, file_as_tasks_list)
        if self.format == ".json":
            try:
                tasks = original(self, file_as_tasks_list)
            except Exception:  # JSON Lines under this name, which Label Studio does not read
                tasks = []
            if tasks and all("goldleaf" in task["data"] for task in tasks):
                return tasks
        return _tasks(self, screen)

    return read_tasks


def _tasks(upload: Any, screen: Screen) -> list[dict[str, Any]]:
    """Return the rows of a file as tasks.

    Raises:
        ValidationError: of Label Studio's API: no format fits, or rows cannot be used. The dialog
            has no place to name rows that are left out, so a file goes in whole or not at all.
            So is what nobody foresaw, after it was logged: the dialog shows no other status.
    """
    from rest_framework.exceptions import ValidationError

    words = Translations(screen.lang)
    rejected: list[str] = []

    def reject(key: str, reason: str, detail: str) -> None:
        rejected.append(f"{key}: {translate_error(detail, words.lang)}")

    findings = ImportFindings(on_reject=reject)
    name = _PREFIX.sub("", upload.file_name)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        try:
            with upload.file.open("rb") as stored:
                file.write_bytes(stored.read())
            rows = open_rows(file, kind=screen.kind.name)
            found = [
                task
                for result in findings.usable(iter(rows))
                for task in tasks_of(result, screen.kind.codec, findings)
            ]
        except GoldleafError as error:
            raise ValidationError(error.shown(words.lang).replace(f"{folder}/", "")) from error
        except Exception as error:
            _log.exception("project %s: %s could not be read", upload.project_id, name)
            # Paths and values that errors name are the server's affair.
            why = type(error).__name__
            if isinstance(error, OSError):
                why = translate_error(file_error(error, Path(name)).what, words.lang).rstrip(".。")
            told = {"file": name, "why": why, "project": upload.project_id}
            raise ValidationError(words("import.upload_failed", **told)) from error
    if rejected:
        listed = "; ".join(rejected[:_SHOWN])
        if more := len(rejected) - len(rejected[:_SHOWN]):
            listed = words("import.upload_more", rows=listed, count=more)
        numbers = {"count": len(rejected), "rows": findings.rows, "project": upload.project_id}
        raise ValidationError(words("import.upload_rejected", file=name, listed=listed, **numbers))
    return [
        {"data": with_table_columns(data), "meta": identity_meta(data, task_hash(data))}
        for data in found
    ]
