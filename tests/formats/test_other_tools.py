"""Exports of other tools, each row read or rejected with its reason; the rows are made up here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goldleaf.core.errors import BadRow
from goldleaf.core.records import Comparison, Demonstration, Judgement
from goldleaf.formats.format_registry import formats, guess_format

USER = "0e9a"


def argilla(fields, status="completed", **responses):
    given = {
        name: [{"value": value, "user_id": f"{USER}{n}"} for n, value in enumerate(values)]
        for name, values in responses.items()
    }
    return {"id": "1", "fields": fields, "metadata": {}, "suggestions": {}, "vectors": {}} | {
        "responses": given,
        "status": status,
        "_server_id": "2",
    }


PAIR = {"instruction": "Sky?", "response1": "Blue.", "response2": "Green."}
ONE = {"instruction": "Sky?", "response": "Green."}


def ranks(one, two):
    return [{"value": "response1", "rank": one}, {"value": "response2", "rank": two}]


def kiln(output="Green.", rating=None, repaired="", kind="five_star", **more):
    run = {"v": 1, "id": "7", "model_type": "task_run", "input": "Sky?", "tags": [], **more}
    source = {"type": "synthetic", "properties": {"model_name": "m1"}}
    held = {"output": output, "source": source, "rating": None}
    if rating is not None:
        held["rating"] = {"type": kind, "value": rating, "requirement_ratings": {}}
    return run | {"output": held, "repaired_output": {"output": repaired} if repaired else None}


ASKED = [{"role": "user", "content": "Sky?"}]
SAID = {"role": "assistant", "content": "Blue."}


def observation(type="GENERATION", input=ASKED, output=SAID, **more):
    return {"id": "o", "traceId": "t", "projectId": "p", "type": type, "name": "n"} | {
        "input": input,
        "output": output,
        "model": "m1",
        "level": "DEFAULT",
        **more,
    }


def logged(*choices, **more):
    given = [
        {"index": n, "message": {"role": "assistant", "content": text}, "finish_reason": why}
        for n, (text, why) in enumerate(choices)
    ]
    response = {"id": "c", "object": "chat.completion", "model": "m1", "choices": given}
    return {"request": {"model": "m1", "messages": ASKED}, "response": response, **more}


THOUGHT = {"reasoning_language": "English", "developer": "Be brief.", "user": "Sky?"} | {
    "analysis": "Rayleigh.",
    "final": "Blue.",
    "messages": [*ASKED, SAID],
}


def read(name, row) -> tuple[Any, ...]:
    """Return the records of a row."""
    found = formats()[name].read(row)
    return found if isinstance(found, tuple) else (found,)


def said(record):
    """Return a record in a few words, for the golden table."""
    asked = record.context[-1].content
    match record:
        case Demonstration():
            turn = record.response[-1]
            return ("taught", asked, turn.content, *([turn.reasoning] if turn.reasoning else []))
        case Judgement():
            return ("good" if record.good else "bad", asked, record.response[-1].content)
        case Comparison():
            return ("ranked", asked, *((c.turns[-1].content, c.rank) for c in record.candidates))


@pytest.mark.parametrize(
    ("row", "name", "golden"),
    [
        (
            argilla(PAIR, ranking=[ranks(2, 1)]),
            "argilla",
            [("ranked", "Sky?", ("Blue.", 2), ("Green.", 1))],
        ),
        (
            argilla(PAIR, ranking=[ranks(1, 2), ranks(1, 2), ranks(2, 1)]),
            "argilla",
            [("ranked", "Sky?", ("Blue.", 1), ("Green.", 2))],
        ),
        (
            argilla(PAIR, preference=["response2"]),
            "argilla",
            [("ranked", "Sky?", ("Blue.", 2), ("Green.", 1))],
        ),
        (
            argilla(PAIR, preference=["tie"]),
            "argilla",
            [("ranked", "Sky?", ("Blue.", 1), ("Green.", 1))],
        ),
        (argilla(ONE, rating=[5, 4]), "argilla", [("good", "Sky?", "Green.")]),
        (argilla(ONE, rating=[1]), "argilla", [("bad", "Sky?", "Green.")]),
        (
            argilla(ONE, response=["Blue."]),
            "argilla",
            [
                ("taught", "Sky?", "Blue."),
                ("ranked", "Sky?", ("Blue.", 1), ("Green.", 2)),
            ],
        ),
        (
            argilla({"chat": [*ASKED]}, response=["Blue."]),
            "argilla",
            [("taught", "Sky?", "Blue.")],
        ),
        (kiln(), "kiln", [("taught", "Sky?", "Green.")]),
        (kiln(rating=5.0), "kiln", [("taught", "Sky?", "Green.")]),
        (kiln(rating=2.0), "kiln", [("bad", "Sky?", "Green.")]),
        (kiln(rating=0.0, kind="pass_fail"), "kiln", [("bad", "Sky?", "Green.")]),
        (
            kiln(rating=1.0, repaired="Blue."),
            "kiln",
            [
                ("taught", "Sky?", "Blue."),
                ("ranked", "Sky?", ("Blue.", 1), ("Green.", 2)),
            ],
        ),
        (
            kiln(trace=[{"role": "system", "content": "Be brief."}, *ASKED, SAID]),
            "kiln",
            [("taught", "Sky?", "Green.")],
        ),
        (
            {"question": "Sky?", "answer": "Blue.", "cot": "Rayleigh.", "label": "physics"},
            "easy_dataset",
            [("taught", "Sky?", "Blue.", "Rayleigh.")],
        ),
        (THOUGHT, "easy_dataset", [("taught", "Sky?", "Blue.", "Rayleigh.")]),
        (
            {"instruction": "Sky?", "input": "", "system": ""}
            | {"output": "<think>Rayleigh.</think>\nBlue."},
            "alpaca",
            [("taught", "Sky?", "Blue.", "Rayleigh.")],
        ),
        # What Kiln writes to train on (its chat and its Hugging Face format).
        ({"messages": [*ASKED, SAID]}, "messages", [("taught", "Sky?", "Blue.")]),
        ({"conversations": [*ASKED, SAID]}, "llamafactory", [("taught", "Sky?", "Blue.")]),
        (observation(), "langfuse", [("taught", "Sky?", "Blue.")]),
        (
            observation(input=json.dumps({"messages": ASKED}), output="Blue."),
            "langfuse",
            [("taught", "Sky?", "Blue.")],
        ),
        (observation(input="Sky?", output="Blue."), "langfuse", [("taught", "Sky?", "Blue.")]),
        (logged(("Blue.", "stop")), "chat_logs", [("taught", "Sky?", "Blue.")]),
        (
            logged(("Blue.", "stop"), ("Green.", "stop")),
            "chat_logs",
            [("ranked", "Sky?", ("Blue.", None), ("Green.", None))],
        ),
        (
            {"input": logged()["request"], "output": logged(("Blue.", "stop"))["response"]},
            "chat_logs",
            [("taught", "Sky?", "Blue.")],
        ),
    ],
)
def test_a_row_is_recognised_by_one_format_and_means_this(row, name, golden):
    assert [found for found, unit in formats().items() if unit.recognises(row)] == [name]
    assert name == guess_format([row]).NAME
    assert [said(record) for record in read(name, row)] == golden


@pytest.mark.parametrize(
    ("row", "name", "reason"),
    [
        # argilla 2.8.0 writes a ranking as names in the order of the options: who won is lost.
        (argilla(PAIR, ranking=[["response1", "response2"]]), "argilla", "ranks_lost"),
        (argilla(PAIR, ranking=[ranks(None, None)]), "argilla", "ranks_lost"),
        (argilla(PAIR, "pending", ranking=[ranks(1, 2)]), "argilla", "draft"),
        (argilla(PAIR), "argilla", "empty_result"),
        (argilla(PAIR, ranking=[ranks(1, 2), ranks(2, 1)]), "argilla", "disagreement"),
        (argilla(PAIR, comment=["Hm."]), "argilla", "nothing_said"),
        (argilla(ONE, rating=[3]), "argilla", "no_verdict"),
        (argilla({"response": "Blue."}, rating=[5]), "argilla", "no_prompt"),
        (
            argilla(PAIR | {"response2": "Blue."}, ranking=[ranks(1, 2)]),
            "argilla",
            "identical_pair",
        ),
        (kiln(output=" "), "kiln", "empty_response"),
        (kiln(rating=9.0), "kiln", "bad_rating"),
        (kiln(input=""), "kiln", "no_prompt"),
        ({"question": "", "answer": "b", "cot": "c"}, "easy_dataset", "no_prompt"),
        ({"question": "a", "answer": " ", "cot": "c"}, "easy_dataset", "empty_response"),
        (observation("SPAN"), "langfuse", "not_a_generation"),
        (observation(output=None), "langfuse", "empty_response"),
        (observation(input=""), "langfuse", "no_prompt"),
        (observation(input={"a": 1}), "langfuse", "bad_messages"),
        (logged(("Blu", "length")), "chat_logs", "unfinished_answer"),
        (logged() | {"response": {"error": {"message": "rate"}}}, "chat_logs", "failed_request"),
        (logged(), "chat_logs", "failed_request"),
    ],
)
def test_a_row_that_cannot_be_used_has_its_reason(row, name, reason):
    assert [found for found, unit in formats().items() if unit.recognises(row)] == [name]
    with pytest.raises(BadRow) as caught:
        formats()[name].read(row)
    assert caught.value.reason == reason


def test_what_is_known_beside_the_texts_is_kept():
    (rated,) = read("kiln", kiln(rating=5.0))
    assert (rated.tags.quality, rated.tags.signals) == (5, {"rating": 5.0})
    (judged,) = read("argilla", argilla(ONE, rating=[4, 5, 5]))
    assert (judged.tags.quality, round(judged.tags.signals["rating"], 2)) == (5, 4.67)
    _, pair = read("kiln", kiln(repaired="Blue."))
    assert [c.drafted_by for c in pair.candidates] == ["", "m1"]
    several = logged(("Blue.", "stop"), ("Green.", "stop"))
    assert {c.drafted_by for c in read("chat_logs", several)[0].candidates} == {"m1"}


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        ([argilla(PAIR, preference=["response1"]), argilla(PAIR)], "Argilla"),
        ([kiln(), kiln(output=" ")], "Kiln"),
        ([{"question": "a", "answer": b, "cot": "c"} for b in "b "], "easy-dataset"),
        ([observation(), observation("SPAN")], "Langfuse"),
        ([logged(("Blue.", "stop")), logged()], "logged requests"),
    ],
)
def test_an_import_says_which_it_is_and_accounts_for_every_row(inside, tmp_path, rows, name):
    (tmp_path / "rows.json").write_text(json.dumps(rows), "utf-8")
    done = inside("import", "rows.json", "--records", "r.jsonl", "--licence", "own")
    assert done.returncode == 0, done.stderr
    assert name in done.stderr + done.stdout
    assert "rejected 1" in done.stdout
    lines = (tmp_path / "r.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0])["parents"][0]["file"] == "rows.json"
