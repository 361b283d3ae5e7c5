"""A kind of another package that fails costs Label Studio none of its own templates."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from goldleaf.label_studio_plugin import template_gallery


def test_a_broken_kind_leaves_the_gallery_as_it_was(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def broken(*, chinese_first: bool) -> list[object]:
        raise KeyError("title")

    theirs = {"templates": [{"title": "Image Classification"}], "groups": ["Computer Vision"]}
    listed = template_gallery.wrap_list(lambda *_: SimpleNamespace(data=dict(theirs)))
    monkeypatch.setattr(template_gallery, "templates", broken)
    assert listed(None, SimpleNamespace(headers={})).data == theirs
    assert "goldleaf's templates are not in the gallery" in caplog.text
