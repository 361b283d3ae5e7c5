"""What the Export dialog shows instead of a file: what went wrong, and why, in a window."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError, UsageError
from goldleaf.core.translations import Translations
from goldleaf.label_studio_plugin.plugin_settings import plugin_settings

_REFUSED = 422
_log = logging.getLogger("goldleaf")


@contextmanager
def explained(project: Any, lang: str) -> Iterator[None]:
    """Turn what nobody foresaw into an error that a person can read, and log it."""
    try:
        yield
    except GoldleafError:
        raise
    except Exception as error:
        _log.exception("project %s could not be exported", project.id)
        words = Translations(lang or "en")
        why = f"{type(error).__name__}: {error}"
        raise GoldleafError(
            words("dialog.failed", why=why), fix=words("dialog.failed_fix")
        ) from error


def reader_language(request: Any) -> str:
    """Return `zh` for a browser in Chinese, "" for others: then the settings say."""
    return "zh" if request.headers.get("Accept-Language", "").casefold().startswith("zh") else ""


def refusal(error: GoldleafError, lang: str) -> Any:
    """Return the answer that the dialog shows as a window: what, and a list of why."""
    from rest_framework.response import Response

    from goldleaf.workflows.export_zip import NoRows

    lang = lang or _plugin_language()
    what, lines = translate_error(error.what, lang), error.shown(lang).splitlines()[1:]
    if isinstance(error, NoRows):
        words = Translations(lang)
        what = words("dialog.no_rows", count=error.read)
        lines = [
            words(
                "dialog.reason",
                count=count,
                fate=words(f"export.{fate}"),
                reason=words.known(f"reason.{reason}") or reason,
            )
            for fate, reasons in sorted(error.reasons.items())
            for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
        ]
    status = _REFUSED if isinstance(error, UsageError | NoRows) else 500
    body = {"status_code": status, "detail": what}
    return Response(
        body | {"validation_errors": {"goldleaf": [line.strip() for line in lines]}}, status=status
    )


def _plugin_language() -> str:
    """Return the language of this process's settings; English where they cannot be read."""
    try:
        return plugin_settings().language
    except GoldleafError:
        return "en"
