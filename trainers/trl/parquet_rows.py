r"""A folder for the Hugging Face Hub: TRL's rows as Parquet, with arguments of calls as they were.

    {"messages": "[{\"role\": \"user\", ...}]", "tools": "[]"}

In Parquet every object of a column shares its keys, and absent ones come back as null: a call
`{"city": "Paris"}` beside a call `{"size": 2}` would be learned as `{"city": "Paris", "size":
null}`. So each conversation stands as JSON text in a column of Arrow's type `arrow.json`, which
`datasets` 4.7 and later gives back as the objects they were. The configs of the dataset card name
the files. LLaMA-Factory 0.9.5 pins an older `datasets` and cannot read them: use `llamafactory`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from goldleaf.core.records import Record
from goldleaf.formats.parquet import CONVERSATIONS
from goldleaf.formats.parquet import NAME as NAME
from goldleaf.formats.parquet import TITLE as TITLE
from goldleaf.formats.parquet import read as read
from goldleaf.formats.parquet import recognises as recognises
from goldleaf.trainers.trl import rows

LOSSY_FIELDS = rows.LOSSY_FIELDS
TABLES = rows.TABLES
ADDS_IDS = rows.ADDS_IDS
SUFFIX = ".parquet"


def write(record: Record) -> dict[str, dict[str, Any]]:
    """Return the row of an example under its table, its conversations as JSON text.

    Raises:
        BadRow: what `goldleaf.trainers.trl.rows.write` raises.
    """
    return {
        table: {
            column: _packed(value) if column in CONVERSATIONS else value
            for column, value in row.items()
        }
        for table, row in rows.write(record).items()
    }


def _packed(value: Any) -> Any:
    """Return messages as JSON text; the prompt of steps is a text and stays one."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def pack(lines: Path, target: Path) -> None:
    """Turn rows as JSON Lines into Parquet, the conversations as `arrow.json`.

    Args:
        lines: a file of rows of one table, as `write` returns them.
        target: the file to write; one that exists is replaced.
    """
    import polars as pl

    frame = pl.scan_ndjson(lines, infer_schema_length=None)
    columns = frame.collect_schema()
    plain = "completions" in columns  # steps and their prompt are texts
    conversations = [c for c in CONVERSATIONS if c in columns and not plain]
    as_json = pl.Extension("arrow.json", pl.String, "")
    frame.with_columns(pl.col(conversations).ext.to(as_json)).sink_parquet(target)
