"""A scripted annotator's account, on the real Label Studio with sign-up closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from goldleaf.core.data_dir import SCRIPT_DOMAIN
from goldleaf.core.errors import StudioUnreachable, UsageError
from goldleaf.studio.accounts import create_account
from goldleaf.studio.annotation_stream import stream_tasks
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.task_import import import_tasks


@pytest.mark.label_studio
def test_an_account_that_annotates_in_its_own_name(
    label_studio: EmbeddedStudio, project: int, comparisons: Callable[..., list[dict[str, Any]]]
):
    studio, email = label_studio.studio, "Demo" + SCRIPT_DOMAIN
    (task,) = import_tasks(studio, project, comparisons(1)).task_ids
    with create_account(studio, email, "a long enough password") as script:
        said = script.post(f"/api/tasks/{task}/annotations/", {"result": []})
    members = studio.accounts()
    assert members[said["completed_by"]] == email.lower()
    assert next(stream_tasks(studio, project))["annotations"][0]["completed_by"] in members
    with create_account(studio, email, "a long enough password") as again:
        assert again.get("/api/current-user/whoami")["id"] == said["completed_by"]
    with pytest.raises(StudioUnreachable, match="does not let"):
        create_account(studio, email, "another password")


@pytest.mark.label_studio
@pytest.mark.parametrize(
    ("email", "password"), [("no address", "long enough 1"), ("short" + SCRIPT_DOMAIN, "1")]
)
def test_what_label_studio_will_not_take(label_studio: EmbeddedStudio, email: str, password: str):
    with pytest.raises(UsageError, match="will not make an account"):
        create_account(label_studio.studio, email, password)
