"""Row screens in a batch: one that fails on a row says so in that row's verdict and goes on."""

import polars as pl

from goldleaf.core.records import Demonstration, Turn
from goldleaf.curation.record_frames import record_frames
from goldleaf.curation.row_findings import row_findings
from goldleaf.curation.screens.screen import FINDINGS


class Fragile:
    NAME, VERSION = "fragile", "1"

    @staticmethod
    def screen(records: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
        if "boom" in "".join(records["answer"]):
            raise ValueError("cannot read this")
        found = records.filter(pl.col("answer").str.contains("bad"))
        rows = [{"row": row, "verdict": "bad"} for row in found["row"]]
        return pl.DataFrame(rows, schema=FINDINGS)


def frames(*answers):
    asked = (Turn("user", "Why?"),)
    return record_frames(
        (f"{number}", Demonstration(asked, (Turn("assistant", answer),)))
        for number, answer in enumerate(answers)
    )


def test_a_failing_row_has_a_verdict_and_the_others_are_screened():
    found = row_findings(*frames("good", "boom", "bad"), {"fragile": Fragile})  # pyright: ignore[reportArgumentType]
    assert found.select("record", "screen", "verdict").rows() == [
        ("1", "fragile", "failed"),
        ("2", "fragile", "bad"),
    ]
    assert "cannot read this" in found["reason"][0]


def test_no_screen_no_finding():
    assert row_findings(*frames("good"), {}).height == 0
