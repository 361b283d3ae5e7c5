"""Self-Instruct's seed tasks: one instruction with several instances of input and output.

{"id": "seed_task_1", "instruction": "Add the numbers.",
 "instances": [{"input": "2, 2", "output": "4"}, {"input": "2, 3", "output": "5"}]}
"""

from __future__ import annotations

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Demonstration
from goldleaf.formats import alpaca
from goldleaf.formats.format import Row

NAME = "self_instruct"
TITLE = "Self-Instruct's tasks with their instances"


def recognises(row: Row) -> bool:
    """Return whether a row is a Self-Instruct task: a text `instruction`, a list `instances`."""
    return isinstance(row.get("instruction"), str) and isinstance(row.get("instances"), list)


def read(row: Row) -> tuple[Demonstration, ...]:
    """Return one demonstration for each instance, in their order.

    Raises:
        BadRow: `missing_field`, or what the format `alpaca` raises for an instance: a fault in
            one refuses the task.
    """
    given = [object_or_none(instance) for instance in list_or_none(row.get("instances")) or []]
    if not given or None in given:
        raise BadRow("missing_field", "no instances with input and output")
    instruction = row.get("instruction")
    return tuple(
        alpaca.demonstration({"instruction": instruction, **instance})
        for instance in given
        if instance is not None
    )
