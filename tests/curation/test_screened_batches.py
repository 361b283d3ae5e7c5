"""Screened batches are kept, and made again where the rules are others."""

from __future__ import annotations

from goldleaf.core.record_hash import record_id
from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.curation import record_frames
from goldleaf.curation.policy import Policy
from goldleaf.curation.refusals import refusal_detector
from goldleaf.curation.screened_batches import screen_batches


def test_another_refusal_detector_reads_the_answers_anew(tmp_path, monkeypatch):
    record = Demonstration((Turn("user", "Why?"),), (Turn("assistant", "I can't help with that."),))
    lines = [(record_id(record), to_line(record))]

    def refused():
        return screen_batches(lines, tmp_path, {}, Policy()).read("refuses")["refuses"].to_list()

    assert refused() == [True]
    monkeypatch.setattr(record_frames, "refuses", lambda answer: False)
    assert refused() == [True], "what is there already is not made again"
    monkeypatch.setattr(refusal_detector, "VERSION", "another")
    assert refused() == [False]
