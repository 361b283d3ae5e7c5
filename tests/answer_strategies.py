"""Test data of any kind: answers from what its controls declare, records from its sample tasks."""

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from goldleaf.core.records import Comparison, Provenance
from goldleaf.formats.format_registry import guess_format
from goldleaf.label_configs.control_types import DeclaredRepeater, declarations

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
written = texts.filter(lambda text: bool(text.strip()))
ROW = Provenance(source="S5", file="rows.jsonl", line=7, licence="own")


def answers(answer, task=None):
    """Return the strategy of every answer that the screen of a kind can hold for a task."""
    return st.builds(
        answer, **{each.name: _field(each, task or {}) for each in declarations(answer)}
    )


def field_values(answer, name, task=None):
    """Return the strategy of one field of an answer."""
    return _field(next(e for e in declarations(answer) if e.name == name), task or {})


def _field(declared, task):
    if isinstance(declared, DeclaredRepeater):
        count = len(task.get(declared.over, ()))
        return st.tuples(*[answers(declared.answer)] * count)
    match declared.type:
        case "textarea":
            return texts
        case "rating":
            return st.none() | st.integers(1, declared.highest)
    if declared.multiple:
        return st.sets(st.sampled_from(declared.choices)).map(
            lambda chosen: tuple(choice for choice in declared.choices if choice in chosen)
        )
    return st.sampled_from(["" if declared.extensible else None, *declared.choices])


@cache
def sample_records(kind) -> tuple[Any, ...]:
    """Return the records that the sample tasks of a kind hold."""
    return tuple(guess_format([row]).read(row) for row in kind.sample_tasks())


@st.composite
def shown_records(draw, kind):
    """Draw a record like the samples of a kind, with other texts and from a line of a file."""
    record = draw(st.sampled_from(sample_records(kind)))

    def reworded(turns):
        return tuple(
            replace(turn, content=draw(written if turn.role == "user" else texts)) for turn in turns
        )

    if isinstance(record, Comparison):
        replies = tuple(replace(c, turns=reworded(c.turns)) for c in record.candidates)
        changed = replace(record, candidates=replies)
    else:
        response = reworded(record.response)
        said = any(turn.content for turn in response)
        changed = replace(record, response=response if said else ())
    return replace(changed, context=reworded(record.context), parents=(ROW,))
