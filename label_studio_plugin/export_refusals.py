"""What the Export dialog shows instead of a file: what went wrong, and why, in a window."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from goldleaf.core.error_translation import translate_error
from goldleaf.core.errors import GoldleafError, NothingUsable, UsageError
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


def public_address(request: Any) -> str:
    """Return Label Studio's address: the one that it was told, which may have a path, or asked."""
    from django.conf import settings

    told = str(settings.HOSTNAME or "")
    return (told if told.startswith("http") else request.build_absolute_uri("/")).rstrip("/")


def refusal(error: GoldleafError, lang: str) -> Any:
    """Return the answer that the dialog shows as a window: what, and a list of why."""
    from rest_framework.response import Response

    what, why = _told(error, lang or _plugin_language())
    status = _REFUSED if isinstance(error, UsageError | NothingUsable) else 500
    body = {"status_code": status, "detail": what, "validation_errors": {"goldleaf": why}}
    return Response(body, status=status)


def validation_error(error: GoldleafError) -> Exception:
    """Return what Label Studio's API answers with 400 and the same text."""
    from rest_framework.exceptions import ValidationError

    what, why = _told(error, _plugin_language())
    return ValidationError({"goldleaf": [what, *why]})


def _told(error: GoldleafError, lang: str) -> tuple[str, list[str]]:
    """Return what went wrong, and why or what to do: of answers without a row, each reason."""
    from goldleaf.workflows.export_zip import NoRows

    if not isinstance(error, NoRows):
        lines = error.shown(lang).splitlines()[1:]
        return translate_error(error.what, lang), [line.strip() for line in lines]
    words = Translations(lang)
    return words("dialog.no_rows", count=error.read), [
        words(
            "dialog.reason",
            count=count,
            fate=words(f"export.{fate}"),
            reason=words.known(f"reason.{reason}") or reason,
        )
        for fate, reasons in sorted(error.reasons.items())
        for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    ]


def _plugin_language() -> str:
    """Return the language of this process's settings; English where they cannot be read."""
    try:
        return plugin_settings().language
    except GoldleafError:
        return "en"
