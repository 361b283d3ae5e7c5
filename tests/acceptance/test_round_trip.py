"""Records to a file and back, for every format: equal but for what `LOSSY_FIELDS` names."""

from dataclasses import replace

import pytest
from cases import CASES
from forgetting import forgotten
from writing import FORMATS, examples

from goldleaf.core.errors import BadRow
from goldleaf.core.records_jsonl import to_line
from goldleaf.formats.format_registry import format_named
from goldleaf.formats.read_rows import rows
from goldleaf.formats.row_location import FileRow
from goldleaf.formats.write_messages import results_by_call
from goldleaf.trainers.registry import writer_named


@pytest.mark.parametrize("format", FORMATS)
def test_through_a_file_and_back(format, written):
    told, unit = written(format), writer_named(format)
    assert unit.read is format_named(format).read
    read = []
    for table in told.rows:
        for row in rows(told.out / format / table / f"train{told.suffix}"):
            assert isinstance(row, FileRow)
            read.append(unit.read(row.value))
    wanted = [example for record in CASES.values() for example in accepted(format, record)]
    assert lines(read, unit) == lines(wanted, unit)


def accepted(format, record):
    for example in examples(record):
        try:
            writer_named(format).write(example)
        except BadRow:
            continue
        yield replace(example, context=tuple(results_by_call(example.context)))


def lines(records, unit):
    return sorted(to_line(forgotten(record, unit)) for record in records)
