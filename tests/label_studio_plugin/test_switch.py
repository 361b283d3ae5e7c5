"""Where the plug-in is off, it says so in one line, and Label Studio is as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

SCRIPT = """
import dataclasses, json, sys
import label_studio

real, label_studio.__version__ = label_studio.__version__, "9.9.9"
from label_studio.server import _setup_env
_setup_env()

from django.apps import apps
from django.conf import settings

found = {}

def look(what, functions=()):
    print(f"UNTIL {what}")
    found[what] = {
        "urls": settings.ROOT_URLCONF,
        "middleware": [each for each in settings.MIDDLEWARE if "goldleaf" in each],
        "functions": [function.__code__.co_filename for function in functions],
    }

look("another version")

import logging, runpy
import label_studio.core.settings.base as base
django, root = logging.getLogger("django"), logging.getLogger()
found["handlers of a request"] = [len(django.handlers), django.propagate, len(root.handlers)]
del base.LOGGING["loggers"]["django"]  # as another release may have it
runpy.run_module("goldleaf.label_studio_plugin.settings")

label_studio.__version__ = real
app = apps.get_app_config("goldleaf")

def forget():
    for name in [name for name in sys.modules if name.startswith("goldleaf.")]:
        if not name.endswith((".label_studio_plugin", ".app")):
            del sys.modules[name]

for missing in ("goldleaf.label_studio_plugin.project_setup", "goldleaf.label_configs"):
    forget()
    sys.modules[missing] = None
    app.ready()
    look(missing)
forget()

import goldleaf.label_studio_plugin.switch
from projects.api import TemplateListAPI
from data_import.models import FileUpload

switch = sys.modules["goldleaf.label_studio_plugin.switch"]  # not the one that was forgotten
switch.WRAPPED = tuple(
    dataclasses.replace(each, parameters=("self",)) if each.name == "read_tasks" else each
    for each in switch.WRAPPED
)
app.ready()
import goldleaf.label_studio_plugin.urls
ours = sys.modules["goldleaf.label_studio_plugin.urls"]
look("another function", [TemplateListAPI.list, FileUpload.read_tasks])
from core.urls import urlpatterns
found["another function"]["routes"] = ours.urlpatterns == urlpatterns
print("FOUND" + json.dumps(found))
"""


@pytest.mark.skipif(not find_spec("label_studio"), reason="label-studio is not installed")
def test_it_is_off_with_one_line_and_label_studio_as_it_was(tmp_path: Path):
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-P", "-u", "-c", SCRIPT],
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "goldleaf.label_studio_plugin.settings",
            "LABEL_STUDIO_BASE_DATA_DIR": str(tmp_path),
            "LABEL_STUDIO_SENTRY_DSN": "",
            "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        cwd=tmp_path,
    )
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    found = json.loads(done.stdout.rpartition("FOUND")[2])
    said = {
        "another version": "this is Label Studio 9.9.9, and it was tried with 1.23.2",
        "goldleaf.label_studio_plugin.project_setup": "goldleaf.label_studio_plugin.project_setup",
        "goldleaf.label_configs": "goldleaf.label_configs",
        "another function": "read_tasks has the parameters self, file_as_tasks_list",
    }
    rest = done.stdout
    for what, why in said.items():
        before, _, rest = rest.partition(f"UNTIL {what}\n")
        (line,) = [line for line in before.splitlines() if "goldleaf plug-in is off: " in line]
        assert why in line
    assert found["handlers of a request"] == [0, True, 1], "a request is one line of the log"
    for what in list(said)[:-1]:
        assert found[what]["urls"] == "core.urls" and found[what]["middleware"] == []
    other = found["another function"]
    assert other["routes"] is True
    assert not [file for file in other["functions"] if "label_studio_plugin" in file]
