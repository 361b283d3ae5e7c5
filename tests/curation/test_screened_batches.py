"""Screened batches are kept, and made again where the rules are others."""

from __future__ import annotations

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation import record_frames
from goldleaf.curation.policy import Policy
from goldleaf.curation.record_store import open_store
from goldleaf.curation.refusals import refusal_detector
from goldleaf.curation.screened_batches import screen_batches


def test_another_refusal_detector_reads_the_answers_anew(tmp_path, monkeypatch):
    record = Demonstration((Turn("user", "Why?"),), (Turn("assistant", "I can't help with that."),))

    def refused():
        with open_store(tmp_path / "records") as store:
            store.add(record)
            return (
                screen_batches(store, tmp_path, (), Policy()).read("refuses")["refuses"].to_list()
            )

    assert refused() == [True]
    monkeypatch.setattr(record_frames, "refuses", lambda answer: False)
    assert refused() == [True], "what is there already is not made again"
    monkeypatch.setattr(refusal_detector, "VERSION", "another")
    assert refused() == [False]
