"""Label Studio's routes, ours before them, and the place where its functions are wrapped.

Django loads this when it first needs a route. To import the modules that are wrapped any earlier,
from `AppConfig.ready`, would have Label Studio look into its database before that is migrated.
"""

from __future__ import annotations

from importlib import import_module

from goldleaf.label_studio_plugin.app import report_off
from goldleaf.label_studio_plugin.switch import switch_on

urlpatterns = import_module("core.urls").urlpatterns
try:
    urlpatterns = [*switch_on(), *urlpatterns]
except Exception as error:
    report_off(error)
