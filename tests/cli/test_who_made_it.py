"""The report's "Who made it": a click writes nothing; only a typed text is written by hand."""

from __future__ import annotations

import pytest
from label_studio_export import Project, shown_pair


@pytest.mark.parametrize("typed", ["", "Call a locksmith, and wait for her."])
def test_a_click_is_not_written_by_hand(inside, tmp_path, typed):
    project = Project(3, "preference")
    more = {"edit": typed} if typed else {}
    project.prefer(project.task(shown_pair()), 1, "Ask a locksmith.", **more)
    file = project.write(tmp_path / "answers.json")
    done = inside("export", file, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert ">written by hand<" not in page
    assert (">judged as shown<" in page) == (not typed)
    assert (">changed by a person<" in page) == bool(typed)
