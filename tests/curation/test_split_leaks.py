"""Clusters of prompts: near duplicates share one, other questions do not."""

import polars as pl

from goldleaf.curation.engines.engine import unreported
from goldleaf.curation.engines.local import Local
from goldleaf.curation.near_duplicates.near_duplicates import near_duplicates
from goldleaf.curation.near_duplicates.split_leaks import prompt_clusters

ROWS = [
    ("1", "How long do painted tiles need to dry before they are glazed?"),
    ("2", "how long do painted tiles need to dry, before they are glazed"),
    ("3", "How long do painted tlies need to dry before they are galzed?"),
    ("4", "Please tell me how long painted tiles need to dry before they are glazed"),
    ("5", "Which herbs grow in the shade of a north wall?"),
    ("6", "哪些香草能在北墙的阴影里生长？"),
    ("7", "请问哪些香草能在北墙的阴影里生长"),
    ("8", ""),
    ("9", ""),
]


def clusters(rows, folder):
    frame = pl.DataFrame(rows, schema=["record", "prompt"], orient="row")
    return dict(prompt_clusters(frame, folder).rows())


def test_near_duplicates_share_a_cluster(tmp_path):
    found = clusters(ROWS, tmp_path)
    assert found["1"] == found["2"] == found["3"] == found["4"]
    assert found["6"] == found["7"]
    assert len(set(found.values())) == 5


def test_a_cluster_keeps_its_name_in_another_set(tmp_path):
    whole = clusters(ROWS, tmp_path / "whole")
    part = clusters([ROWS[6], ROWS[4], ROWS[5]], tmp_path / "part")
    assert part == {record: whole[record] for record in ("5", "6", "7")}


def test_the_work_of_near_duplicates_is_found_again(tmp_path):
    frame = pl.DataFrame(ROWS, schema=["record", "prompt"], orient="row")
    frame = frame.with_columns(answer=pl.lit("It depends on the weather, and on the tile."))
    near_duplicates(frame, tmp_path)
    found = prompt_clusters(frame, tmp_path, NoEngine(), answers=True)
    assert dict(found.rows()) == clusters(ROWS, tmp_path / "other")


class NoEngine(Local):
    """Fails where a kernel is run."""

    def collect(self, data, finished=unreported):
        raise AssertionError


def test_no_rows(tmp_path):
    frame = pl.DataFrame(schema={"record": pl.String, "prompt": pl.String})
    assert prompt_clusters(frame, tmp_path).height == 0
