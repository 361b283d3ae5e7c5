"""Answers on disk: found again, never half, whatever cut the file off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from goldleaf.core.errors import UsageError
from goldleaf.core.records import Turn
from goldleaf.generation.answer_store import AnswerStore, request_hash
from goldleaf.generation.generator import Answer, Request, Sampling


class Counting:
    """A generator that counts; it answers two requests at a time."""

    name = "counting@1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def answer(self, requests: Sequence[Request]) -> Iterator[list[tuple[int, Answer]]]:
        for start in range(0, len(requests), 2):
            group: list[tuple[int, Answer]] = []
            for place, request in enumerate(requests[start : start + 2], start):
                prompt = request.turns[0].content
                self.asked.append(prompt)
                outcome = "timed_out" if prompt == "late" else "answered"
                group.append((place, Answer(outcome, f"to {prompt} 金", reasoning="r", cut=True)))
            yield group


def asked(*prompts: str) -> list[Request]:
    return [Request((Turn("user", prompt),)) for prompt in prompts]


def run(path: Path, *prompts: str) -> tuple[list[str], list[str]]:
    """Return the answers, and what was really asked for."""
    model = Counting()
    with AnswerStore(path) as store:
        groups = list(store.answer(model, asked(*prompts)))
    found = {place: answer for _, group in groups for place, answer in group}
    return [found[place].text for place in range(len(prompts))], model.asked


def test_what_was_answered_is_not_asked_for_again(tmp_path: Path):
    answers, first = run(tmp_path / "a", "x", "y", "x", "z")
    assert answers == ["to x 金", "to y 金", "to x 金", "to z 金"] and first == ["x", "y", "z"]
    assert run(tmp_path / "a", "z", "new", "x") == (["to z 金", "to new 金", "to x 金"], ["new"])


def test_all_of_an_answer_comes_back(tmp_path: Path):
    whole = Answer("answered", "text 金", "thought", "detail", True, 3, 4)
    with AnswerStore(tmp_path / "a") as store:
        store.add([(b"k" * 16, whole)])
    with AnswerStore(tmp_path / "a") as store:
        assert store.find(b"k" * 16) == whole and len(store) == 1


def test_what_may_go_better_is_asked_for_again(tmp_path: Path):
    assert run(tmp_path / "a", "late")[1] == run(tmp_path / "a", "late")[1] == ["late"]


def test_a_file_cut_off_anywhere_costs_its_last_group_alone(tmp_path: Path):
    prompts = ["a", "b", "c", "d", "e"]
    file = tmp_path / "a"
    run(file, *prompts)
    content = file.read_bytes()
    ends = [0] + [place + 1 for place, byte in enumerate(content) if byte == 10]
    for length in range(0, len(content), 5):
        file.write_bytes(content[:length])
        _, again = run(file, *prompts)
        whole = sum(end <= length for end in ends) - 1
        assert again == prompts[2 * whole :], length
        assert file.read_bytes() == content


def test_a_damaged_line_costs_itself_alone(tmp_path: Path):
    file = tmp_path / "a"
    run(file, "a", "b", "c")
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0][:-9] + b"\n" + lines[1])
    assert run(file, "a", "b", "c")[1] == ["a", "b"]


def test_a_request_is_its_model_turns_and_sampling():
    one = Request((Turn("user", "x"),))
    others = [
        request_hash("m@2", one),
        request_hash("m@1", Request((Turn("system", "x"),))),
        request_hash("m@1", Request((Turn("user", "y"),))),
        *(
            request_hash("m@1", Request((Turn("user", "x"),), sampling))
            for sampling in (Sampling(0.5), Sampling(seed=2), Sampling(max_tokens=9))
        ),
    ]
    assert len({request_hash("m@1", one), *others}) == 7


def test_two_processes_do_not_write_one_file(tmp_path: Path):
    with AnswerStore(tmp_path / "a"), pytest.raises(UsageError, match="Another goldleaf"):
        AnswerStore(tmp_path / "a")
