"""Projects from kinds and back, on the real Label Studio."""

from __future__ import annotations

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.label_configs.registry import kind_named
from goldleaf.label_configs.safe_html import guide_html
from goldleaf.studio.embedded_label_studio import EmbeddedStudio
from goldleaf.studio.projects import create_project, get_project, list_projects, project_kind

FOREIGN = '<View><Text name="t" value="$x"/><Rating name="r" toName="t"/></View>'


@pytest.mark.label_studio
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_project_from_a_kind_and_its_kind_again(label_studio: EmbeddedStudio, lang: str):
    studio, kind = label_studio.studio, kind_named("preference")
    made = create_project(studio, kind, lang=lang, overlap=3)
    try:
        found = get_project(studio, made)
        assert project_kind(studio, made).name == "preference"
        assert found["title"] == kind.title(lang)
        assert found["label_config"] == kind.config(lang).strip(), "it strips the ends"
        assert found["expert_instruction"] == guide_html(kind.guide(lang))
        assert found["show_instruction"] and found["show_skip_button"]
        assert not found["enable_empty_annotation"]
        assert found["sampling"] == "Uncertainty sampling"
        assert found["maximum_annotations"] == 3
        assert made in {each["id"] for each in list_projects(studio)}
    finally:
        studio.delete(f"/api/projects/{made}/")


@pytest.mark.label_studio
def test_a_project_whose_screen_is_not_ours(label_studio: EmbeddedStudio):
    body = {"title": "foreign", "label_config": FOREIGN}
    made = label_studio.studio.post("/api/projects", body)["id"]
    with pytest.raises(UsageError, match="belongs to no kind") as caught:
        project_kind(label_studio.studio, made)
    assert "preference" in caught.value.fix
    label_studio.studio.delete(f"/api/projects/{made}/")


@pytest.mark.label_studio
def test_a_project_that_does_not_exist(label_studio: EmbeddedStudio):
    with pytest.raises(UsageError, match="no project 999999"):
        get_project(label_studio.studio, 999999)


@pytest.mark.label_studio
def test_a_title_or_an_overlap_that_cannot_be(label_studio: EmbeddedStudio):
    kind = kind_named("preference")
    for title in ("ab", "x" * 51):
        with pytest.raises(UsageError, match="3 to 50"):
            create_project(label_studio.studio, kind, title=title)
    with pytest.raises(UsageError, match="At least one"):
        create_project(label_studio.studio, kind, overlap=0)
    for title in ("abc", "题" * 50):
        made = create_project(label_studio.studio, kind, title=title)
        label_studio.studio.delete(f"/api/projects/{made}/")
