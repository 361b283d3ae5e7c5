"""The report's "Who made it" and `goldleaf why`: a text is changed where it reads differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pytest
from label_studio_export import ASKED, Project, shown_answer, shown_pair

from goldleaf.core.text_comparison import same_text
from goldleaf.exporters.publishing.ledger import read_ledger
from goldleaf.label_configs.regions import to_regions


@pytest.mark.parametrize("typed", ["", "Call a locksmith, and wait for her."])
def test_a_click_is_not_written_by_hand(inside, tmp_path, typed):
    project = Project(3, "preference")
    more = {"edit": typed} if typed else {}
    project.prefer(project.task(shown_pair()), 1, "Ask a locksmith.", **more)
    file = project.write(tmp_path / "answers.json")
    done = inside("export", file, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert ">written by hand<" not in page
    assert (">judged as shown<" in page) == (not typed)
    assert (">changed by a person<" in page) == bool(typed)


KINDS = ("preference", "instruction", "refusal")
DRAFT, TYPED = "Ring a good locksmith.", "Call two smiths, and wait for them."
BOXES = {
    "edit_a": "answer_a",
    "edit_b": "answer_b",
    "own": "",
    "answer": "answer",
    "instruction": "prompt",
    "corrected": "answer",
}
"""Boxes for a text, with what is shown in the place of each."""


def boxes_and_choices(kind: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield (box, choices of the person, choices of a draft), agreed with and overruled."""
    flags = ((), ("identical",)) if kind == "preference" else ((), ("template",))
    match kind:
        case "preference":
            places = {"a": "edit_a", "b_much": "edit_b", "tie": "own", "both_bad": "own"}
            for (decision, box), said, drafted in product(places.items(), flags, flags):
                yield box, {"decision": decision, "noticed": said}, {"noticed": drafted}
        case "instruction":
            verdicts, boxes = ("good", "fixed", "unusable"), ("answer", "instruction")
            for verdict, box, said, drafted in product(verdicts, boxes, flags, flags):
                yield box, {"verdict": verdict, "noticed": said}, {"noticed": drafted}
        case _:
            decisions, did = ("harmful_refuse", "benign_comply"), ("full_refusal", "comply")
            for decision, said, drafted in product(decisions, did, (*did, None)):
                yield "corrected", {"decision": decision, "did": said}, {"did": drafted}


@dataclass(frozen=True)
class Done:
    """What a person did with one box: the text imported there, the draft's, and the one left."""

    imported: str
    draft: str
    left: str

    @property
    def text(self) -> str:
        return self.left if self.left.strip() else self.imported


def answered(project: Project, kind: str) -> dict[str, Done]:
    """Answer a task in every way that a draft and a person may meet; return input -> what was."""
    codec, found = project.kind.codec, {}
    ways = product(boxes_and_choices(kind), ("", DRAFT), ("", "imported", "padded", DRAFT, TYPED))
    for n, ((box, choices, drafted), draft, left) in enumerate(ways):
        asked = (replace(ASKED[0], content=f"How do I open lock {n}?"),)
        task = project.task((shown_pair if kind == "preference" else shown_answer)(asked=asked))
        came = task["data"].get(BOXES[box], "")
        text = {"imported": came, "padded": f"{came} \r\n"}.get(left, left)
        annotation = project.annotate(task, 1, **choices, **{box: text})
        begun = codec.Answer(**drafted, **{box: draft})
        if regions := to_regions(project.kind.to_annotation(begun), project.kind.screen):
            task["predictions"] = [{"id": n + 1, "result": regions, "model_version": "m/1"}]
            annotation["parent_prediction"] = n + 1
        verdict = choices.get("verdict")
        unread = verdict == "good" and text == draft
        unread |= verdict == "unusable" and box == "instruction"
        name = f"project:{project.number}/task:{task['id']}/annotation:{annotation['id']}"
        found[name] = Done(came, draft, "" if unread else text)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_is_called_changed_where_it_was_and_unchanged_where_it_was_not(
    inside, tmp_path, kind
):
    """Law: as imported, never changed; differing, never unchanged; a model's, never a person's."""
    project = Project(7, kind)
    done = answered(project, kind)
    file = project.write(tmp_path / "answers.json")
    assert inside("export", file, "--out", tmp_path / "out").returncode == 0
    seen: list[set[str]] = []
    for line in read_ledger(tmp_path / "out"):
        if "answer" not in line or "by" not in line:  # e.g. called fixed, with nothing changed
            continue
        did, by = done[line["answer"].partition("@")[0]], set(line["by"]["origin"])
        seen.append(by)
        if same_text(did.text, did.imported):
            assert by <= {"accepted", "shown"}, (did, line)
        elif same_text(did.text, did.draft):
            assert by == {"drafted"}, (did, line)
        else:
            assert by == ({"edited"} if did.imported else {"human"}), (did, line)
    assert len(seen) > len(done) / 2
    assert {"drafted"} in seen and {"edited"} in seen


OVERRULED = {
    "preference": ({"noticed": ("identical",)}, {"decision": "a"}, "text as it was shown"),
    "instruction": ({"noticed": ("template",)}, {"verdict": "good"}, "accepted unchanged"),
    "refusal": (
        {"did": "full_refusal", "risk": "fraud"},
        {"decision": "benign_comply", "did": "comply", "risk": "theft"},
        "accepted unchanged",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_overruling_a_draft_s_choice_changes_no_text(inside, tmp_path, kind):
    drafted, said, whose = OVERRULED[kind]
    project = Project(5, kind)
    task = project.task((shown_pair if kind == "preference" else shown_answer)())
    annotation = project.annotate(task, 1, **said)
    begun = project.kind.to_annotation(project.kind.codec.Answer(**drafted))
    regions = to_regions(begun, project.kind.screen)
    task["predictions"] = [{"id": 1, "result": regions, "model_version": "rules/1"}]
    annotation["parent_prediction"] = 1
    file, out = project.write(tmp_path / "answers.json"), tmp_path / "out"
    assert inside("export", file, "--out", out).returncode == 0
    name = f"project:5/task:{task['id']}/annotation:{annotation['id']}"
    story = inside("why", out, name).stdout
    assert whose in story and "over a draft of rules/1" in story
    assert "changed by a person" not in story
    page = (out / "report.html").read_text("utf-8")
    assert ">changed by a person<" not in page
    assert (">judged as shown<" if kind == "preference" else ">accepted unchanged<") in page


def test_what_a_file_says_of_an_answer_is_not_the_annotator_s_doing(inside, tmp_path):
    """An export that is imported again names texts that another person had edited."""
    project = Project(4, "preference")
    edited = replace(shown_pair().candidates[0], origin="edited")
    shown = replace(shown_pair(), candidates=(edited, shown_pair().candidates[1]))
    project.prefer(project.task(shown), 1, "Ask a locksmith.")
    file = project.write(tmp_path / "answers.json")
    assert inside("export", file, "--out", tmp_path / "out").returncode == 0
    (line,) = (line for line in read_ledger(tmp_path / "out") if "answer" in line)
    assert line["by"]["origin"] == ["shown"]
