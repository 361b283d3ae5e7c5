"""`goldleaf judge`: opinions that both orders agree on, in sight and never a decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_server import MODEL, ChatServer

from goldleaf.core.record_files import read_records
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.core.records_jsonl import to_line
from goldleaf.core.text_comparison import why_not_utf8
from goldleaf.generation import retry_pauses
from goldleaf.label_configs.registry import kind_named

PREFERENCE, RANKING = kind_named("preference"), kind_named("ranking")


def comparison(prompt: str, *answers: str, ranks: tuple[int, ...] = ()) -> Comparison:
    given = ranks or (None,) * len(answers)
    return Comparison(
        (Turn("user", prompt),),
        tuple(
            Candidate((Turn("assistant", text),), rank=rank)
            for text, rank in zip(answers, given, strict=True)
        ),
    )


def data_of(prompt: str) -> dict[str, str]:
    """Return what a judge was asked about, from the text between the marks."""
    return json.loads(prompt.splitlines()[1])


def scripted(decide: Callable[[dict[str, str]], str]) -> Callable[[str, int], str]:
    """Return an `answer_text` of the chat server: a script that decides as it is told."""

    def answer(prompt: str, seed: int) -> str:
        return decide(data_of(prompt)) if "<data " in prompt else "No JSON."

    return answer


def by_length(data: dict[str, str]) -> str:
    first, second = len(data["first"]), len(data["second"])
    better = "tie" if first == second else "first" if first > second else "second"
    return json.dumps({"better": better})


@pytest.fixture
def judged(inside, chat_server: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that has the test's server judge records."""
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)

    def run(records: list[Record], decide: Callable[[dict[str, str]], str], *more: str):
        monkeypatch.setattr("chat_server.answer_text", scripted(decide))
        lines = b"".join(to_line(record) + b"\n" for record in records)
        (tmp_path / "r.jsonl").write_bytes(lines)
        server = ("--endpoint", chat_server.url, "--model-name", MODEL)
        return inside("judge", "r.jsonl", "--out", "judged.jsonl", *server, *more)

    return run


def opinions(folder: Path) -> list[tuple[str, str]]:
    found = read_records(folder / "judged.jsonl")
    return [
        (verdict.verdict, verdict.of) for record in found for verdict in record.tags.verdicts[:1]
    ]


def test_what_both_orders_agree_on_is_shown_and_decides_nothing(judged, inside, tmp_path: Path):
    pair = comparison("Why is gold yellow?", "Because.", "It absorbs blue light, so it is yellow.")
    done = judged([pair], by_length)
    assert done.returncode == 0, done.stderr
    assert "1 have an opinion" in done.stdout and "judged.jsonl --source" in done.stdout
    (record,) = read_records(tmp_path / "judged.jsonl")
    task = PREFERENCE.codec.to_task(record)
    longer = "A" if task["answer_a"].startswith("It") else "B"
    assert task["judge"] == f"{longer} > {'B' if longer == 'A' else 'A'}"
    assert 'class="gl-judge"' in task["shown_prompt"] and task["judge"] in task["shown_prompt"]
    assert "judge" not in {control for control in PREFERENCE.screen.controls}
    from goldleaf.backend.predictors import rules

    (draft,) = rules.drafts(PREFERENCE, [task])
    assert draft is None or "decision" not in draft.values
    plain = PREFERENCE.codec.to_task(pair)
    assert "judge" not in plain and "gl-judge" not in plain["shown_prompt"]


def test_an_answer_to_a_judged_task_is_read_and_keeps_the_opinion(judged, tmp_path: Path):
    judged([comparison("Why?", "a", "bbb")], by_length)
    (record,) = read_records(tmp_path / "judged.jsonl")
    task = PREFERENCE.codec.to_task(record)
    from goldleaf.core.records import Provenance

    answer = PREFERENCE.codec.Answer(decision="b")
    (made,) = PREFERENCE.codec.to_records(task, answer, Provenance())
    assert [each.screen for each in made.tags.verdicts] == ["judge"]


def test_a_judge_that_follows_the_order_has_no_opinion_and_its_bias_is_reported(
    judged, tmp_path: Path
):
    pairs = [comparison(f"Question {n}?", "one", "another") for n in range(4)]

    def decide(data: dict[str, str]) -> str:
        if data["conversation"][0]["content"] == "Question 0?":  # type: ignore[index]
            return by_length(data)
        return '{"better": "first"}'

    done = judged(pairs, decide)
    assert "Position bias: 75% of these" in done.stdout
    assert [verdict for verdict, _ in opinions(tmp_path)] == ["order", *["undecided"] * 3]
    report = json.loads(judged(pairs, decide, "--json").stdout)
    assert report["position_bias"] == 0.75 and report["follows_first"] == 3
    assert (report["longer"], report["preferred"]) == (1, 1)


def test_people_s_ranks_are_what_a_judge_is_held_against(judged):
    pairs = [
        comparison("Q1?", "short", "longer text", ranks=(2, 1)),
        comparison("Q2?", "short", "longer text", ranks=(1, 2)),
    ]
    report = json.loads(judged(pairs, by_length, "--json").stdout)
    assert (report["human_pairs"], report["human_agreed"]) == (2, 1)


@pytest.mark.parametrize(
    "junk",
    [
        "The first one is better.",
        'I think {"better": "first"}',
        '{"better": "A"}',
        '{"better": "first", "note": "x"}',
        '["first"]',
        "{" * 400,
    ],
)
def test_junk_is_unread_and_the_run_goes_on(judged, tmp_path: Path, junk: str):
    def decide(data: dict[str, str]) -> str:
        return junk if "junk" in str(data["conversation"]) else by_length(data)

    done = judged([comparison("junk?", "a", "bb"), comparison("well?", "a", "bb")], decide)
    assert done.returncode == 0 and "1 times there is no verdict" in done.stdout
    assert [verdict for verdict, _ in opinions(tmp_path)] == ["unread", "order"]
    assert not why_not_utf8(junk)


def test_a_ranking_has_an_order_or_its_best_answer(judged, tmp_path: Path):
    def best_only(data: dict[str, str]) -> str:
        if "gold" in (data["first"], data["second"]):
            return json.dumps({"better": "first" if data["first"] == "gold" else "second"})
        return '{"better": "first"}'

    def cyclic(data: dict[str, str]) -> str:
        wins = {("r", "s"), ("s", "p"), ("p", "r")}
        return json.dumps(
            {"better": "first" if (data["first"], data["second"]) in wins else "second"}
        )

    judged([comparison("Q?", "a", "bb", "cc", "dddd")], by_length)
    (record,) = read_records(tmp_path / "judged.jsonl")
    task = RANKING.codec.to_task(record)
    by_letter = dict(zip("ABCD", [each["text"] for each in task["answers"]], strict=True))
    assert [
        sorted(by_letter[letter] for letter in group.split(" = "))
        for group in task["judge"].split(" > ")
    ] == [["dddd"], ["bb", "cc"], ["a"]]
    judged([comparison("Q?", "lead", "gold", "tin")], best_only)
    (record,) = read_records(tmp_path / "judged.jsonl")
    task = RANKING.codec.to_task(record)
    letters = dict(zip("ABC", [each["text"] for each in task["answers"]], strict=True))
    assert letters[task["judge"]] == "gold"
    judged([comparison("Q?", "r", "s", "p")], cyclic)
    assert opinions(tmp_path) == [("undecided", "")]


def test_other_records_go_through_and_a_second_run_asks_nothing(
    judged, tmp_path: Path, chat_server: ChatServer
):
    other = Demonstration((Turn("user", "Hi"),), (Turn("assistant", "Hello."),))
    records = [other, comparison("Q?", "a", "bb")]
    judged(records, by_length)
    first = (tmp_path / "judged.jsonl").read_bytes()
    assert first.splitlines()[0] == to_line(other)
    asked = chat_server.asked.total()
    assert judged(records, by_length).returncode == 0
    assert (tmp_path / "judged.jsonl").read_bytes() == first
    assert chat_server.asked.total() == asked
    done = judged([other], by_length)
    assert done.returncode == 4 and "two answers to compare" in done.stderr
    zh = judged([other], by_length, "--lang", "zh")
    assert "没有记录含有两个可比较的回答" in zh.stderr


def test_a_server_that_is_down_costs_one_message(inside, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(retry_pauses, "FIRST", 0.01)
    (tmp_path / "r.jsonl").write_bytes(to_line(comparison("Q?", "a", "b")) + b"\n")
    server = ("--endpoint", "http://127.0.0.1:9/v1", "--model-name", "m")
    done = inside("judge", "r.jsonl", "--out", "j.jsonl", *server)
    assert done.returncode == 1 and "cannot be reached" in done.stderr and "Fix:" in done.stderr
    assert not (tmp_path / "j.jsonl").exists()


def test_a_curation_leaves_an_opinion_alone(judged, inside, tmp_path: Path):
    judged([comparison("Why is gold yellow?", "It absorbs blue light.", "No.")], by_length)
    done = inside("curate", "judged.jsonl", "--out", "curated")
    assert done.returncode == 0, done.stderr
    (record,) = read_records(tmp_path / "curated" / "records.jsonl")
    assert "judge" in [each.screen for each in record.tags.verdicts]
