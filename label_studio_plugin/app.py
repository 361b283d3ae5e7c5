"""The Django app: prepares the plug-in once Label Studio's apps are loaded, or says why not."""

from __future__ import annotations

import logging

from django.apps import AppConfig


class GoldleafPlugin(AppConfig):
    """goldleaf inside Label Studio; without models, so without migrations."""

    name = "goldleaf.label_studio_plugin"
    label = "goldleaf"
    verbose_name = "goldleaf"

    def ready(self) -> None:
        """Have Django load our routes and middleware, or leave it as it is and write one line.

        Whatever goes wrong is no reason for Label Studio not to start, a goldleaf package of which
        a part is missing included: so nothing of ours is imported before this.
        """
        try:
            from goldleaf.label_studio_plugin.switch import prepare

            prepare()
        except Exception as error:
            report_off(error)


def report_off(error: Exception) -> None:
    """Write the one line of log that says that the plug-in is off, and why."""
    why = " ".join(str(error).split()) or type(error).__name__
    logging.getLogger("goldleaf").warning("goldleaf plug-in is off: %s.", why.rstrip("."))
