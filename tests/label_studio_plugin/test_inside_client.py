"""A Label Studio that answers to a few hosts only is asked under one of them."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

SCRIPT = """
import sys
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=sys.argv[1].split(","),
    ROOT_URLCONF=__name__,
    SECRET_KEY="key",
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
import django
from django.http import HttpResponse
from django.urls import path

django.setup()
urlpatterns = [path("", lambda request: HttpResponse(request.get_host()))]

from goldleaf.label_studio_plugin.inside_client import InsideStudio

with InsideStudio(None) as studio:
    answer = studio._http.get("/")
print(answer.status_code, answer.text)
"""


@pytest.mark.skipif(not find_spec("django"), reason="label-studio is not installed")
@pytest.mark.parametrize(
    ("allowed", "said"),
    [("*", "label-studio.invalid"), (".a.example, b.example", "a.example"), ("[::1]", "[::1]")],
)
def test_the_host_is_one_that_is_allowed(allowed: str, said: str):
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, allowed], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == f"200 {said}", done.stderr
