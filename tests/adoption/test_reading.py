"""Any other project by a reading: validated, proposed, and used by an export."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from shipped_configs import answer, region, task, write

from goldleaf.adoption.adopted_project import AdoptedProject
from goldleaf.adoption.config import parse_config
from goldleaf.adoption.names import problems_of
from goldleaf.adoption.propose import propose
from goldleaf.adoption.reading import Reading, parse_reading
from goldleaf.core.errors import UsageError
from goldleaf.core.records import Comparison, Demonstration, Judgement
from goldleaf.label_configs.read_annotations import read_task

CONFIG = """<View>
  <Text name="q" value="$question"/><Text name="first" value="$reply_a"/>
  <Text name="second" value="$reply_b"/>
  <Choices name="which" toName="q" choice="single">
    <Choice value="A is much better" alias="a2"/><Choice value="A is better" alias="a1"/>
    <Choice value="Same"/><Choice value="B is better" alias="b1"/><Choice value="Both bad"/>
  </Choices>
  <TextArea name="comment" toName="q"/>
  <TextArea name="own_answer" toName="q"/>
</View>"""
READING = """
prompt: q
answers: [first, second]
choice: which
better: {A is much better: 1, A is better: 1, Same: tie, B is better: 2, Both bad: bad}
strong: [A is much better]
slight: [A is better, b1]
edited: own_answer
note: comment
"""
DATA = {"question": "2 + 2?", "reply_a": "Four.", "reply_b": "Five."}


def read(reading, config, *answers, data=DATA) -> list[Any]:
    project = AdoptedProject(
        parse_reading(reading.encode(), "r"), parse_config(config), "reading/x"
    )
    numbered = [each | {"id": number} for number, each in enumerate(answers, 10)]
    return list(read_task(task(data, *numbered), project))


def which(choice, **boxes):
    return answer(
        [
            region("which", "choices", choices=[choice]),
            *(region(name, "textarea", text=[text]) for name, text in boxes.items()),
        ]
    )


@pytest.mark.parametrize(
    ("choice", "ranks", "strength", "acceptable"),
    [
        ("a2", [1, 2], "strong", None),
        ("a1", [1, 2], "slight", None),
        ("A is better", [1, 2], "slight", None),  # stored before the alias was given
        ("b1", [2, 1], "slight", None),
        ("Same", [1, 1], "tie", None),
        ("Both bad", [1, 1], "tie", False),
    ],
)
def test_each_choice_means_what_the_reading_says(choice, ranks, strength, acceptable):
    (reading,) = read(READING, CONFIG, which(choice))
    (record,) = reading.records
    assert isinstance(record, Comparison) and record.strength == strength
    assert [c.rank for c in record.candidates] == ranks
    assert {c.acceptable for c in record.candidates} == {acceptable}


def test_an_own_answer_is_above_both_and_a_remark_is_kept():
    (reading,) = read(READING, CONFIG, which("b1", own_answer="4", comment="Both are odd."))
    (record,) = reading.records
    assert isinstance(record, Comparison) and record.tags.note == "Both are odd."
    assert [(c.turns[0].content, c.rank) for c in record.candidates] == [
        ("4", 1),
        ("Four.", 3),
        ("Five.", 2),
    ]


def test_a_choice_that_the_config_no_longer_has_is_rejected():
    (reading,) = read(READING, CONFIG, which("gone"))
    assert (reading.reason, "'gone'" in reading.detail) == ("unknown_choice", True)


def test_a_bad_answer_that_was_edited_is_a_demonstration_and_a_pair():
    config = """<View><Text name="p" value="$question"/><Text name="a" value="$reply_a"/>
      <Choices name="ok" toName="p"><Choice value="Yes"/><Choice value="No"/></Choices>
      <TextArea name="fix" toName="p" value="$reply_a"/></View>"""
    reading = "{prompt: p, answers: [a], edited: fix, verdict: ok, good: [Yes], bad: [No]}"

    def said(ok, text):
        parts = [region("ok", "choices", choices=[ok]), region("fix", "textarea", text=[text])]
        return answer(parts)

    good, kept, fixed = read(
        reading, config, said("Yes", "Four."), said("No", "Four."), said("No", "Exactly 4.")
    )
    assert [[type(r) for r in each.records] for each in (good, kept, fixed)] == [
        [Demonstration],
        [Judgement],
        [Demonstration, Comparison],
    ]
    assert [c.acceptable for c in fixed.records[1].candidates] == [True, False]


def test_a_hidden_control_does_not_count():
    config = CONFIG.replace(
        '<TextArea name="own_answer" toName="q"/>',
        '<View visibleWhen="choice-selected" whenTagName="which" whenChoiceValue="Both bad">'
        '<TextArea name="own_answer" toName="q"/></View>',
    )
    hidden, shown = read(
        READING, config, which("b1", own_answer="4"), which("Both bad", own_answer="4")
    )
    assert [len(r.records[0].candidates) for r in (hidden, shown)] == [2, 3]


def test_a_plain_ranker_is_ranked_by_order_and_an_untouched_one_says_nothing():
    config = """<View><Text name="p" value="$question"/><List name="l" value="$items"/>
      <Ranker name="order" toName="l"/></View>"""
    items = [{"id": name, "body": f"Answer {name}"} for name in "abc"]

    def order(*names):
        return answer([region("order", "ranker", ranker={"order": [*names]})])

    ranked, untouched, part = read(
        "{prompt: p, answers: l, rank: order}",
        config,
        order("c", "a", "b"),
        order("a", "b", "c"),
        order("b"),
        data=DATA | {"items": items},
    )
    assert [c.rank for c in ranked.records[0].candidates] == [2, 3, 1]
    assert untouched.reason == "untouched_ranking"
    assert [c.rank for c in part.records[0].candidates] == [None, 1, None]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("promt: q\nedited: x", ["promt: there is no such key", "did you mean 'prompt'"]),
        ("prompt: q", ["nothing is read"]),
        ("edited: x", ["what was asked is not named"]),
        ("prompt: q\nchoice: x\nrank: y", ["choice and rank exclude each other"]),
        ("prompt: q\nedited: x\nbetter: {a: 1}", ["better needs choice"]),
        ("prompt: $\nedited: x", ["prompt"]),
        ("prompt: q\nedited: [x]", ["edited"]),
        ("prompt: q\nedited: x\nfaults: 3\nroles: {a: king}", ["faults", "roles.a"]),
        ("prompt: q\nprompt: r", ["given twice", "line 2"]),
        ("a: &x 1\nb: *x", ["anchors are not read"]),
        ("- q", ["a mapping of keys"]),
        ("a: [", ["Invalid YAML"]),
    ],
)
def test_every_mistake_in_a_reading_has_its_path(text, said):
    with pytest.raises(UsageError) as caught:
        parse_reading(text.encode(), "reading.yaml")
    shown = str(caught.value)
    assert all(part.lower() in shown.lower() for part in said), shown
    assert "reading.yaml" in shown


def test_yes_and_no_are_choices_and_no_booleans():
    reading = parse_reading(
        b"{prompt: p, answers: [a], verdict: v, good: [Yes, on], bad: [No, off]}", "r"
    )
    assert (reading.good, reading.bad) == (["Yes", "on"], ["No", "off"])


@pytest.mark.parametrize(
    ("change", "path", "near"),
    [
        ({"prompt": "p"}, "prompt: there is nothing called 'p'", "q"),
        ({"choice": "whch"}, "choice: looked for a control called 'whch'", "did you mean 'which'"),
        ({"choice": "comment"}, "choice: comment is a TextArea", "Pairwise or Choices"),
        ({"answers": ["first", "secnd"]}, "answers.1: there is nothing", "did you mean 'second'"),
        (
            {"better": {"A is beter": 1}},
            "better: which has no choice",
            "did you mean 'A is better'",
        ),
    ],
)
def test_a_reading_is_held_against_the_config(change, path, near):
    reading = Reading.model_validate(
        yaml.safe_load(READING) | {"strong": [], "slight": []} | change
    )
    (problem,) = problems_of(reading, parse_config(CONFIG))
    assert path in problem and near in problem


TASKS = [
    task(DATA, which("a2"), number=1),
    task(DATA | {"question": "3?"}, which("b1"), number=2),
    task(DATA | {"question": "4?"}, which("Same") | {"was_cancelled": True}, number=3),
]
FIELDS = (
    READING.replace("prompt: q", "prompt: $question")
    .replace("[first, second]", "[$reply_a, $reply_b]")
    .replace("A is much better", "a2")
    .replace("A is better", "a1")
    .replace("B is better", "b1")
)


def test_an_export_reads_a_file_by_its_reading(inside, tmp_path):
    (tmp_path / "reading.yaml").write_text(FIELDS)
    file = write(tmp_path / "t.json", TASKS)
    given = ("export", file, "--out", tmp_path / "out", "--reading", "reading.yaml")
    done = inside(*given, "--json")
    # No answer in the file has the boxes that the reading names.
    assert (
        done.returncode == 2 and "edited: looked for a control called 'own_answer'" in done.stderr
    )
    assert "which (Choices)" in done.stderr
    lines = [line for line in FIELDS.splitlines() if not line.startswith(("edited", "note"))]
    (tmp_path / "reading.yaml").write_text("\n".join(lines))
    done = inside(*given, "--json")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["answers"]["read"] == 3
    assert counts["reasons"]["rejected"] == {"cancelled": 1}
    planned = inside("plan", file, "--reading", "reading.yaml", "--json")
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_reading_of_other_fields_names_those_there_are(inside, tmp_path, lang):
    (tmp_path / "reading.yaml").write_text("{prompt: $questoin, edited: which2}")
    file = write(tmp_path / "t.json", TASKS)
    given = ("export", file, "--out", tmp_path / "out", "--reading", "reading.yaml")
    done = inside(*given, "--lang", lang)
    assert done.returncode == 2
    assert "$questoin" in done.stderr and "'question'" in done.stderr
    assert "which (Choices)" in done.stderr
    assert ("没有" in done.stderr) == (lang == "zh"), done.stderr


def test_a_mapping_is_proposed_shown_and_used(inside, tmp_path):
    file = write(tmp_path / "t.json", TASKS)
    done = inside("project", "map", file, "--out", "reading.yaml")
    assert done.returncode == 0, done.stderr
    proposed = yaml.safe_load((tmp_path / "reading.yaml").read_text("utf-8"))
    assert proposed["prompt"] == "$question"
    again = inside("project", "map", file, "--out", "reading.yaml")
    assert again.returncode == 2 and "exists" in again.stderr


def test_a_config_is_mapped_with_its_choices():
    proposed = propose(parse_config(CONFIG)).reading
    assert proposed
    assert (proposed.prompt, proposed.answers, proposed.choice) == (
        "q",
        ["first", "second"],
        "which",
    )
    assert proposed.better == {
        "A is much better": 1,
        "A is better": 1,
        "Same": "tie",
        "B is better": 2,
        "Both bad": "bad",
    }
    assert proposed.strong == ["A is much better"]
    assert (proposed.edited, proposed.note) == ("own_answer", "comment")
    assert not problems_of(proposed, parse_config(CONFIG))


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        (
            '<View><Text name="t1" value="$text1"/><Text name="t2" value="$text2"/>'
            '<Text name="ask" value="$prompt"/><Pairwise name="pw" toName="t1,t2"/></View>',
            {"prompt": "ask", "answers": ["t1", "t2"], "choice": "pw"},
        ),
        (
            '<View><Text name="question" value="$q"/><List name="r" value="$items"/>'
            '<Ranker name="k" toName="r"><Bucket name="up"/><Bucket name="down"/></Ranker></View>',
            {"prompt": "question", "answers": "r", "rank": "k", "buckets": ["up", "down"]},
        ),
        (
            '<View><Paragraphs name="d" value="$messages"/><TextArea name="reply" toName="d"/>'
            "</View>",
            {"turns": "d", "edited": "reply"},
        ),
        (
            '<View><Text name="prompt" value="$p"/><Text name="answer" value="$a"/>'
            '<Choices name="v" toName="answer"><Choice value="Good"/>'
            '<Choice value="Bad"/></Choices>'
            "</View>",
            {"prompt": "prompt", "answers": ["answer"], "verdict": "v", "good": ["Good"]}
            | {"bad": ["Bad"]},
        ),
    ],
)
def test_common_screens_are_mapped(config, keys):
    proposal = propose(parse_config(config))
    assert proposal.reading and proposal.keys == keys


def test_what_cannot_be_mapped_is_said(inside, tmp_path):
    (tmp_path / "c.xml").write_text('<View><Image name="i" value="$url"/></View>')
    done = inside("project", "map", "c.xml")
    assert done.returncode == 0 and "no whole reading yet" in done.stdout
    done = inside("project", "map", "c.xml", "--lang", "zh")
    assert "还不是完整的读法" in done.stdout


def test_answers_are_shown_as_they_are_read(inside, tmp_path):
    rows = [task(DATA, which("a2"), which("b1") | {"id": 8}, number=1)]
    config = propose(parse_config(CONFIG)).keys
    assert config["choice"] == "which"
    pairs = [
        task(
            {"prompt": "2?", "answer1": "Four.", "answer2": "Five."},
            answer([region("comparison", "pairwise", selected="right")]),
        )
    ]
    done = inside("project", "map", write(tmp_path / "p.json", pairs))
    assert "rank 1: Five." in done.stdout and "rank 2: Four." in done.stdout
    assert "Human preference" in done.stdout
    done = inside("project", "map", write(tmp_path / "p.json", rows))
    assert done.returncode == 0, done.stderr
