"""The laws that every kind obeys, those of other packages too."""

import pytest
from answer_strategies import ROW, answers, field_values, sample_records, shown_records
from hypothesis import HealthCheck, Phase, find, given, reject, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample
from kinds_of_all import ALL_KINDS

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Provenance
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.label_configs.control_types import declarations
from goldleaf.label_configs.kind_linter import lint_kind
from goldleaf.label_configs.regions import to_regions, to_values

every_kind = pytest.mark.parametrize("kind", ALL_KINDS.values(), ids=ALL_KINDS)
ANNOTATION = Provenance(task=1, origin="human")


@st.composite
def answered(draw, kind):
    """Draw (the task's data, an answer to it)."""
    try:
        task = kind.codec.to_task(draw(shown_records(kind)))
    except BadRow:  # a text was made empty, which the kind may refuse
        reject()
    return task, draw(answers(kind.codec.Answer, task))


def records_of(kind, task, answer, draft=None):
    """Return the records of an answer, or the reason why there is none."""
    try:
        return kind.codec.to_records(task, answer, ANNOTATION, draft)
    except BadRow as bad:
        return bad.reason


@every_kind
@given(data=st.data())
def test_what_is_written_is_read_back(kind, data):
    task, answer = data.draw(answered(kind))
    assert kind.parse_annotation(kind.to_annotation(answer), task) == answer


@every_kind
@given(data=st.data())
def test_values_survive_the_regions_of_label_studio(kind, data):
    _, answer = data.draw(answered(kind))
    values = kind.to_annotation(answer)
    assert to_values(to_regions(values, kind.screen), kind.screen) == values


@every_kind
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_config_holds_what_the_answer_declares(kind, lang):
    assert lint_kind(kind, lang) == []


@every_kind
@given(data=st.data())
def test_records_keep_where_their_row_came_from(kind, data):
    task, answer = data.draw(answered(kind))
    made = records_of(kind, task, answer)
    assert made, "no record without a reason"
    for record in () if isinstance(made, str) else made:
        assert from_line(to_line(record)) == record
        parent = record.parents[0]
        assert (parent.source, parent.file, parent.line) == (ROW.source, ROW.file, ROW.line)
        assert (parent.licence, parent.task) == (ROW.licence, ANNOTATION.task)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        pytest.param(kind, declared.name, id=f"{kind.name}-{declared.name}")
        for kind in ALL_KINDS.values()
        for declared in declarations(kind.codec.Answer)
    ],
)
def test_every_field_of_an_answer_changes_what_it_means(kind, field):
    task = kind.codec.to_task(sample_records(kind)[0])
    made_of = kind.codec.Answer
    both = st.tuples(answers(made_of, task), field_values(made_of, field, task))

    def differ(pair):
        answer, other = pair
        given = {each.name: getattr(answer, each.name) for each in declarations(made_of)}
        changed = made_of(**{**given, field: other})
        return records_of(kind, task, answer) != records_of(kind, task, changed)

    quiet = settings(
        max_examples=1_000,
        phases=[Phase.generate],  # any such pair will do, it need not be the simplest
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
        database=None,
    )
    try:
        assert differ(find(both, differ, settings=quiet))
    except NoSuchExample:
        pytest.fail(f"no record hangs on {field}")


@every_kind
def test_an_empty_answer_decides_nothing(kind):
    """A draft holds no word of the annotator, so no record may come of what is left empty."""
    task = kind.codec.to_task(sample_records(kind)[0])
    assert isinstance(records_of(kind, task, kind.parse_annotation({}, task)), str)


@every_kind
def test_some_word_is_the_annotator_s_own(kind):
    """A required control that is drafted needs no key press, so no draft may decide alone."""
    required = {name for name, declared in kind.controls.items() if declared.required}
    assert any(not kind.may_draft(name) for name in required)


@every_kind
def test_a_task_says_how_many_answers_its_repeaters_hold(kind):
    task = kind.codec.to_task(sample_records(kind)[0])
    empty = kind.parse_annotation({}, task)
    assert kind.to_annotation(empty) == {}
