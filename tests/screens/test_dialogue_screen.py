"""The dialogue screen in a real browser, both languages: what is seen, clicked and read back."""

from __future__ import annotations

import json

import pytest
from selenium.webdriver.common.by import By

from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    ToolCall,
    Turn,
)
from goldleaf.exporters.export import export
from goldleaf.label_configs.dialogue.codec import Answer, TurnAnswer
from goldleaf.label_configs.registry import kinds
from goldleaf.recipes.recipe import Recipe
from goldleaf.recipes.sections import Split

pytestmark = [pytest.mark.label_studio, pytest.mark.browser]

KIND = kinds()["dialogue"]
ASKED = {"en": "And then?", "zh": "然后呢？"}
SAID = {"en": "Then we walk on.", "zh": "然后我们继续走。"}
EDIT = {"en": "Then we rest for an hour.", "zh": "然后我们休息一个小时。"}
languages = pytest.mark.parametrize("lang", ["en", "zh"])


def dialogue(count, lang, name="", system="", last=""):
    """Return a dialogue of so many exchanges, its answers numbered."""
    turns = [Turn("system", system)] if system else []
    for n in range(count):
        turns += [Turn("user", f"{ASKED[lang]} {name}{n}"), Turn("assistant", f"{SAID[lang]} {n}")]
    turns[-1] = Turn("assistant", last or turns[-1].content)
    return Demonstration(tuple(turns[:-1]), (turns[-1],))


def pair(lang, name):
    """Return a dialogue of one exchange, then a question with two continuations."""
    before = dialogue(1, lang, name)
    answers = (Candidate((Turn("assistant", text),)) for text in ("yes", "no"))
    context = (*before.context, *before.response, Turn("user", f"{name}?"))
    return Comparison(context, tuple(answers))


def with_tools(lang):
    call = ToolCall("look_up", {"town": "Lyon"}, "c1")
    turns = (
        Turn("user", ASKED[lang]),
        Turn("assistant", "", "I look.", (call,)),
        Turn("tool", '{"rain": true}', tool_call_id="c1", name="look_up"),
        Turn("assistant", SAID[lang]),
    )
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    return Demonstration(turns[:-1], turns[-1:], (tool,))


def boxes(annotator):
    """Return the texts of the edit boxes beside the answers, drafted ones included."""
    script = """return [...document.querySelectorAll('.gl-side')].map(e =>
      (e.querySelector('textarea') ?? {}).value ||
      (e.querySelector('[data-testid=htx-textbox-content]') ?? {}).innerText || '')"""
    return annotator.chrome.execute_script(script)


def tick(annotator, place, control, alias):
    """Click a choice beside an answer."""
    name = annotator.names[f"{control}_{{{{idx}}}}"][alias]
    side = annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-side")[place]
    label = side.find_element(By.XPATH, f".//label[.//input[@name='{name}']]")
    annotator.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", label)
    label.click()
    annotator.settle()


def called_bad(annotator):
    """Return which answers are called bad."""
    name = annotator.names["verdict_{{idx}}"]["bad"]
    found = annotator.chrome.find_elements(By.CSS_SELECTOR, f".gl-side input[name='{name}']")
    return [each.is_selected() for each in found]


def digits_shown(annotator):
    """Return whether keys are shown at two last answers, at the verdict and at behaviours."""
    return annotator.chrome.execute_script("""return [
      getComputedStyle(document.querySelector('.gl-pair .gl-rank label'), '::after').content,
      ...['.gl-decide .lsf-hint', '.gl-more .lsf-hint'].map(each =>
        getComputedStyle(document.querySelector(each)).visibility)]""")


@languages
def test_twenty_answers_are_accepted_by_one_key_and_submit(annotator_of, lang):
    long = dialogue(20, lang, system="Be brief.")
    draft = Answer(behaviours=("multi_turn",))
    annotator = annotator_of(KIND, lang, [long, with_tools(lang)], {0: draft})
    annotator.open()
    verdict = annotator.choice("verdict", "usable")
    annotator.assert_in_view(
        [verdict, *annotator.chrome.find_elements(By.CSS_SELECTOR, ".gl-given")[:2]]
    )
    assert len(boxes(annotator)) == 20 and boxes(annotator)[7] == f"{SAID[lang]} 7"
    assert annotator.chosen("verdict") == set()
    assert annotator.chosen("behaviours") == {"multi_turn"}
    annotator.assert_readable()
    annotator.press("3", "3", "5", "5", "q", "q", "d", "d")  # no key is of an answer out of sight
    assert not any(called_bad(annotator)) and annotator.chosen("behaviours") == {"multi_turn"}
    annotator.press("1")
    assert annotator.submit_by_key() == 1
    shown = annotator.texts()
    for text in ("I look.", 'look_up({"town": "Lyon"})', '{"rain": true}'):
        assert text in shown
    annotator.assert_readable()
    annotator.press("1")
    assert annotator.submit_by_key() == 2
    found = annotator.readings()
    for record, reading in zip((long, with_tools(lang)), found, strict=True):
        (made,) = reading.records
        assert (made.context, made.response, made.tools) == (
            record.context,
            record.response,
            record.tools,
        )
        assert made.parents[0].edit_distance is None
    assert [each.records[0].parents[0].origin for each in found] == ["accepted", "accepted"]


@languages
def test_edits_bad_answers_pairs_undo_skip_and_a_later_change(annotator_of, tmp_path, lang):
    tidied = SAID[lang]
    records = [
        dialogue(3, lang, "a"),
        dialogue(2, lang, "b", last=f"{tidied}<|endoftext|>"),
        pair(lang, "c"),
        dialogue(1, lang, "d"),
        dialogue(2, lang, "e"),
    ]
    drafts = {1: Answer(turns=(TurnAnswer(), TurnAnswer(edit=tidied)))}
    annotator = annotator_of(KIND, lang, records, drafts)
    annotator.open()
    # 0: one answer edited, one bad with its reason, one bad by mistake
    annotator.write(EDIT[lang], "edit_0")
    tick(annotator, 1, "verdict", "bad")
    tick(annotator, 1, "issues", "wrong")
    tick(annotator, 2, "verdict", "bad")
    assert called_bad(annotator) == [False, True, True], "both are seen as bad"
    tick(annotator, 2, "verdict", "good")
    annotator.click("verdict", "usable")
    assert annotator.submit_by_click() == 1
    # 1: a draft is there and is kept; one step is undone
    assert boxes(annotator) == [f"{SAID[lang]} 0", tidied]
    tick(annotator, 0, "verdict", "bad")
    annotator.button("undo").click()
    annotator.settle()
    assert called_bad(annotator) == [False, False]
    annotator.press("1")
    assert annotator.submit_by_key() == 2
    # 2: without a choice of the last answer there is no submit; its digits come first, as is shown
    at_pair, *elsewhere = digits_shown(annotator)
    assert at_pair.startswith('"["') and elsewhere == ["hidden", "hidden"]
    annotator.assert_readable()
    annotator.click("verdict", "usable")
    annotator.button("submit").click()
    annotator.wait("[class*=modal] button").click()
    assert len(annotator.annotations()) == 2
    annotator.press("2")
    at_pair, *elsewhere = digits_shown(annotator)
    assert '"["' not in at_pair and elsewhere == ["visible", "visible"]
    annotator.write(EDIT[lang], "edit_a_0")
    assert annotator.chosen("verdict") == {"usable"}
    assert annotator.submit_by_click() == 3
    # 3: unusable, nothing is bad; 4: skipped
    annotator.press("2")
    assert annotator.submit_by_key() == 4
    assert annotator.skip() == 5

    found = annotator.readings()
    example, edited, bad = found[0].records
    assert shown(example) == [
        (EDIT[lang], True),
        (f"{SAID[lang]} 1", False),
        (f"{SAID[lang]} 2", True),
    ]
    assert [c.turns[0].content for c in edited.candidates] == [EDIT[lang], f"{SAID[lang]} 0"]
    assert isinstance(bad, Judgement) and (bad.good, bad.reasons) == (False, ("wrong",))
    assert example.parents[0].origin == "edited" and example.parents[0].edit_distance
    example, edited = found[1].records
    assert shown(example)[-1] == (tidied, True)
    assert (example.parents[0].origin, example.parents[0].edit_distance) == ("accepted", 0)
    assert example.parents[0].drafted_by == "test/1"
    example, compared = found[2].records
    assert isinstance(example, Demonstration) and isinstance(compared, Comparison)
    best = compared.candidates[0]
    assert (best.turns[0].content, best.rank, best.origin) == (EDIT[lang], 1, "edited")
    assert [found[n].reason for n in (3, 4)] == ["nothing_learned", "cancelled"]

    # a submitted answer is opened again and changed
    annotator.reopen(annotator.tasks()[0]["id"])
    assert called_bad(annotator) == [False, True, False]
    assert boxes(annotator)[0] == EDIT[lang]
    tick(annotator, 1, "verdict", "bad")
    annotator.update()
    example, _ = annotator.readings()[0].records
    assert [learned for _, learned in shown(example)] == [True] * 3

    done = export(annotator.readings(), Recipe(split=Split(test=0.0)), tmp_path, lang=lang)
    assert done.reasons["rejected"] == {"cancelled": 1, "nothing_learned": 1}
    assert done.reasons["dropped"] == {"special_token": 1}, "the pair whose loser had the mark"
    pairs = [row["chosen"][-1]["content"] for row in rows(done.out, "dpo")]
    assert pairs == [EDIT[lang]] * 3
    sft = [
        row.get("messages", row.get("completion"))[-1]["content"] for row in rows(done.out, "sft")
    ]
    assert sorted(sft) == sorted([f"{SAID[lang]} 2", tidied, f"{SAID[lang]} 0", EDIT[lang]])


def shown(example):
    """Return (text, learned) of each answer."""
    turns = (*example.context, *example.response)
    return [(turn.content, turn.train) for turn in turns if turn.role == "assistant"]


def rows(out, table):
    found = sorted((out / "trl").glob(f"{table}*/train.jsonl"))
    return [json.loads(line) for file in found for line in file.read_text("utf-8").splitlines()]
