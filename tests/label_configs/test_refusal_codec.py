"""The laws of the refusal kind, and what each judgement of a prompt and an answer makes."""

from dataclasses import replace
from typing import Any
from xml.etree.ElementTree import fromstring, tostring

import pytest
from answer_strategies import answers as answers_of
from answer_strategies import texts, written
from hypothesis import given
from hypothesis import strategies as st

from goldleaf.core.errors import BadRow
from goldleaf.core.records import (
    Comparison,
    Demonstration,
    Judgement,
    Origin,
    Provenance,
    Tags,
    Turn,
)
from goldleaf.core.records_jsonl import from_line, to_line
from goldleaf.core.text_comparison import same_text
from goldleaf.label_configs.read_annotations import AnsweredProject, read_task
from goldleaf.label_configs.refusal.codec import NO_RISK, RISKS, Answer, to_records, to_task
from goldleaf.label_configs.registry import kinds, recognise
from goldleaf.label_configs.screen import parse

KIND = kinds()["refusal"]
DECISIONS, DID, ISSUES = (KIND.controls[name].choices for name in ("decision", "did", "issues"))
SEEN = KIND.controls["did"].rules_draft
answers = answers_of(Answer)
edges = st.builds(
    lambda prompt, answer: Demonstration(
        (Turn("user", prompt),),
        (Turn("assistant", answer),) if answer else (),
        parents=(Provenance(source="S1", file="rows.jsonl", line=7, licence="own"),),
    ),
    written,
    texts,
)
RIGHT = {
    "harmful_refuse": "refuse",
    "harmful_safe": "safe_complete",
    "benign_safe": "safe_complete",
    "benign_comply": "comply",
}


@given(answers, edges)
def test_every_field_of_an_answer_is_used_or_kept(answer, edge):
    task = to_task(edge)
    try:
        made = to_records(task, answer, Provenance(task=1, origin="human"))
    except BadRow as bad:
        empty = not task["answer"].strip()
        expected = {
            "no_decision": answer.decision is None or (answer.did is None and not empty),
            "no_answer": empty and not answer.corrected.strip(),
        }
        assert expected[bad.reason]
        return
    rewritten = bool(answer.corrected.strip()) and not same_text(answer.corrected, task["answer"])
    for record in made:
        assert from_line(to_line(record)) == record
        tags = record.tags
        assert (tags.risk, tags.note, tags.twin_of) == (
            answer.risk,
            answer.note,
            answer.twin.strip(),
        )
        assert tags.right_behaviour == RIGHT[answer.decision]
        assert set(answer.issues) <= {*tags.issues, *tags.reasons}
        assert record.parents[0].line == 7
    if isinstance(made[0], Demonstration):
        text = answer.corrected if rewritten else task["answer"]
        assert same_text(made[0].response[0].content, text)
    else:
        assert not rewritten and isinstance(made[0], Judgement)
        assert made[0].response == edge.response


EDGE = Demonstration((Turn("user", "Pick a lock?"),), (Turn("assistant", "Push the pins."),))


def outcome(answer, edge=EDGE, origin: Origin = "human", draft=None) -> Any:
    return to_records(to_task(edge), answer, Provenance(origin=origin, drafted_by="m/1"), draft)


def test_an_answer_that_complied_with_a_harmful_prompt_is_rejected_against_its_correction():
    example, pair = outcome(
        Answer("harmful_refuse", "comply", "theft", "I can't help with that.", ("leaks",))
    )
    assert isinstance(example, Demonstration) and isinstance(pair, Comparison)
    assert example.response[0].content == "I can't help with that."
    assert (example.tags.behaviours, example.tags.risk) == (("refusal",), "theft")
    assert example.tags.reasons == ("comply", "leaks")
    chosen, rejected = pair.candidates
    assert (chosen.rank, chosen.acceptable, chosen.origin) == (1, True, "edited")
    assert (rejected.rank, rejected.acceptable) == (2, False)
    assert rejected.turns[0].content == "Push the pins."
    assert pair.strength == "strong"


@pytest.mark.parametrize(
    ("decision", "did", "behaviours"),
    [
        ("harmful_refuse", "full_refusal", ("refusal",)),
        ("harmful_safe", "safe_complete", ("safe_completion",)),
        ("benign_safe", "safe_complete", ("benign_twin",)),
        ("benign_comply", "comply", ("benign_twin",)),
    ],
)
def test_an_answer_that_did_the_right_thing_is_a_demonstration(decision, did, behaviours):
    (record,) = outcome(Answer(decision, did, "theft"))
    assert isinstance(record, Demonstration)
    assert record.tags.behaviours == behaviours
    assert record.tags.right_behaviour == RIGHT[decision]
    assert record.parents[0].origin == "accepted"


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("did", DID)
def test_an_answer_that_did_the_wrong_thing_and_was_left_is_a_judgement(decision, did):
    right = {
        "harmful_refuse": "full_refusal",
        "harmful_safe": "safe_complete",
        "benign_safe": "safe_complete",
        "benign_comply": "comply",
    }
    (record,) = outcome(Answer(decision, did, "theft", issues=("curt",)))
    if right[decision] == did:
        assert isinstance(record, Demonstration)
    else:
        assert isinstance(record, Judgement)
        assert (record.good, record.reasons) == (False, (did, "curt"))
        assert record.tags.behaviours == ()


def test_a_prompt_that_does_not_even_look_harmful_is_no_twin():
    (record,) = outcome(Answer("benign_comply", "comply", NO_RISK))
    assert record.tags.behaviours == ()


def test_an_over_refusal_is_rejected_against_the_help_that_was_right():
    refused = replace(EDGE, response=(Turn("assistant", "I can't discuss this."),))
    example, pair = outcome(
        Answer("benign_comply", "full_refusal", "theft", "Call a locksmith."), refused
    )
    assert example.tags.behaviours == pair.tags.behaviours == ("benign_twin",)
    assert [c.turns[0].content for c in pair.candidates] == [
        "Call a locksmith.",
        "I can't discuss this.",
    ]


def test_a_right_answer_made_better_is_a_slight_pair():
    _, pair = outcome(Answer("benign_comply", "comply", "theft", "Push the pins gently."))
    assert (pair.strength, pair.candidates[1].acceptable) == ("slight", None)


def test_a_prompt_alone_wants_an_answer():
    alone = replace(EDGE, response=())
    (record,) = outcome(Answer("harmful_refuse", None, "theft", "I can't."), alone)
    assert isinstance(record, Demonstration)
    assert record.parents[0].origin == "human"
    with pytest.raises(BadRow, match="no_answer"):
        outcome(Answer("harmful_refuse", "empty", "theft"), alone)


def test_an_empty_turn_is_a_prompt_alone():
    empty = replace(EDGE, response=(Turn("assistant", " "),))
    (record,) = outcome(Answer("harmful_refuse", "empty", "theft", "I can't."), empty)
    assert isinstance(record, Demonstration)


def test_a_drafted_refusal_that_stands_is_accepted():
    draft = Answer(did="comply", corrected="I can't help with that.")
    answer = replace(draft, decision="harmful_refuse", risk="theft")
    example, pair = outcome(answer, origin="accepted", draft=draft)
    assert (example.parents[0].origin, pair.candidates[0].origin) == ("accepted", "accepted")
    example, pair = outcome(replace(answer, corrected="Sorry, no."), origin="edited", draft=draft)
    assert example.parents[0].origin == "edited"
    assert [(c.turns[0].content, c.rank, c.acceptable) for c in pair.candidates] == [
        ("Sorry, no.", 1, True),
        ("I can't help with that.", 2, None),
        ("Push the pins.", 2, False),
    ]


TIDIED = Demonstration(
    (Turn("user", "Pick a lock?"),),
    (Turn("assistant", "Certainly! Here is how.\n\nPush the pins.\n\nI hope this helps!"),),
)


@pytest.mark.parametrize("origin", ["accepted", "unknown"])
@pytest.mark.parametrize(
    "text", ["Push the pins.", "Here is how: Push the pins. I hope this helps!"]
)
def test_a_wrong_answer_that_a_draft_only_tidied_is_never_taken_for_its_correction(origin, text):
    draft = Answer(did="comply", corrected=text) if origin == "accepted" else None
    answer = Answer("harmful_refuse", "comply", "theft", text)
    (record,) = outcome(answer, TIDIED, origin, draft)
    assert isinstance(record, Judgement)
    assert record.response == TIDIED.response
    assert record.tags.behaviours == ()


def test_a_right_answer_that_a_draft_tidied_is_a_demonstration_as_tidied():
    draft = Answer(did="comply", corrected="Push the pins.")
    example, pair = outcome(
        replace(draft, decision="benign_comply", risk="theft"), TIDIED, "accepted", draft
    )
    assert example.response[0].content == "Push the pins."
    assert pair.candidates[1].acceptable is None


def test_a_small_edit_of_one_s_own_is_a_correction():
    shown = replace(EDGE, response=(Turn("assistant", "You should do that."),))
    example, _ = outcome(
        Answer("harmful_refuse", "comply", "theft", "You should not do that."), shown
    )
    assert example.tags.behaviours == ("refusal",)


def test_what_the_file_claimed_is_replaced_by_what_was_decided():
    tags = Tags(("refusal", "multi_turn"), risk="fraud", right_behaviour="refuse", twin_of="x")
    claimed = replace(EDGE, tags=tags)
    assert to_task(claimed)["twin"] == "x"
    (record,) = outcome(Answer("benign_comply", "comply", "theft"), claimed)
    assert record.tags == Tags(
        ("multi_turn", "benign_twin"), risk="theft", right_behaviour="comply", twin_of="x"
    )


@pytest.mark.parametrize(
    "change", [{"goldleaf": None}, {"answer": "x"}, {"prompt": "x"}, {"goldleaf": {"record": 1}}]
)
def test_a_task_that_no_longer_holds_its_prompt_is_refused(change):
    with pytest.raises(BadRow):
        to_records(to_task(EDGE) | change, Answer("harmful_refuse", "comply"), Provenance())


def test_the_taxonomy_has_what_must_be_oversampled_and_both_languages():
    assert list(RISKS)[:4] == ["violence", "self_harm", "sexual", "illegal_acts"]
    assert NO_RISK in RISKS
    for titles in RISKS.values():
        assert set(titles) == {"en", "zh", "key"}
        assert any("一" <= char <= "鿿" for char in titles["zh"])
    for lang in ("en", "zh"):
        assert len({titles[lang] for titles in RISKS.values()}) == len(RISKS)
    keys = {titles["key"] for titles in RISKS.values()}
    assert len(keys) == len(RISKS) and keys.isdisjoint("123456789")


def test_the_screen_offers_what_the_codec_knows():
    screen = parse(KIND.config())
    choices = {name: control.choices for name, control in screen.controls.items()}
    assert choices["risk"] == tuple(RISKS)
    assert choices["decision"] == DECISIONS
    assert choices["did"] == DID
    assert choices["issues"] == ISSUES
    assert set(SEEN) < set(DID)


def test_a_project_s_own_risks_are_read_and_it_stays_of_this_kind():
    config = KIND.config().replace(
        '<Choice alias="fraud"', '<Choice alias="gambling" value="Gambling"/><Choice alias="x"'
    )
    assert recognise(config) is KIND
    assert KIND.parse_annotation({"risk": ("gambling",)}, {}).risk == "gambling"
    (record,) = outcome(Answer("harmful_refuse", "full_refusal", "gambling"))
    assert record.tags.risk == "gambling"


@pytest.mark.parametrize("spoilt", ["leaks", "untrue"])
def test_a_refusal_that_leaks_is_no_example_unless_it_is_mended(spoilt):
    example = Demonstration((Turn("user", "How?"),), (Turn("assistant", "No. But mix x and y."),))
    answer = Answer("harmful_refuse", "full_refusal", issues=(spoilt,))
    (thumb,) = to_records(to_task(example), answer, Provenance(origin="human"))
    assert isinstance(thumb, Judgement)
    assert (thumb.good, thumb.reasons) == (False, (spoilt,))
    mended = replace(answer, corrected="No. I can help you stay safe.")
    taught, pair = to_records(to_task(example), mended, Provenance(origin="human"))
    assert isinstance(taught, Demonstration) and isinstance(pair, Comparison)
    assert pair.strength == "strong"


def test_style_is_a_fault_of_the_answer_and_what_a_good_one_does_is_a_reason():
    answer = Answer(
        "harmful_refuse",
        "full_refusal",
        "theft",
        style=("preachy", "warm"),
        aims=("ask_intent",),
        issues=("language",),
    )
    (kept,) = to_records(to_task(EDGE), answer, Provenance())
    assert set(kept.tags.issues) >= {"language", "preachy"} and "warm" not in kept.tags.issues
    assert kept.tags.reasons == ("ask_intent",)
    assert kept.parents[0].reasons == ("a+warm", "a-language", "a-preachy", "ask_intent")
    corrected = replace(answer, corrected="No, but here is who can help.")
    example, _ = to_records(to_task(EDGE), corrected, Provenance())
    assert {"language", "preachy", "ask_intent"} <= set(example.tags.reasons)
    assert "preachy" not in example.tags.issues


def test_a_screen_of_an_older_release_is_this_kind_and_its_answers_are_read():
    """There the style was among the issues."""
    root = fromstring(KIND.config())
    parents = {child: parent for parent in root.iter() for child in parent}
    for control in [each for each in root.iter("Choices") if each.get("name") in ("style", "aims")]:
        parents[control].remove(control)
    older = tostring(root, "unicode")
    assert recognise(older) is KIND
    said = {"decision": "harmful_refuse", "did": "full_refusal", "risk": "theft", "issues": "curt"}
    result = [
        {"from_name": name, "to_name": "prompt", "type": "choices", "value": {"choices": [choice]}}
        for name, choice in said.items()
    ]
    annotation = {"id": 1, "completed_by": 1, "result": result}
    task = {"id": 1, "data": to_task(EDGE), "predictions": [], "annotations": [annotation]}
    for config in (older, KIND.config()):  # the project's own screen, and one brought up to date
        (reading,) = read_task(task, AnsweredProject(KIND, config))
        assert "curt" in reading.records[0].tags.issues
