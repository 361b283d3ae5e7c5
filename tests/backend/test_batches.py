"""A batch gives each task what it gets alone, to the last byte; over HTTP, with a learned model."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal_tasks import KIND, answer, tasks

from goldleaf.backend.server import RunningBackend
from goldleaf.backend.training.classifier_model import Model
from goldleaf.backend.training.feature_lookup import SEPARATOR, Lookup
from goldleaf.backend.training.fit_model import fit
from goldleaf.backend.training.model_file import to_bytes
from goldleaf.backend.training.model_store import ModelStore
from goldleaf.backend.training.ngrams import ngrams_of, texts_of
from goldleaf.backend.training.training_examples import Example, learnable
from goldleaf.curation.answer_checks.text_cleanup import clean_up
from goldleaf.curation.refusals import refusal_phrases as phrases
from goldleaf.curation.refusals.refusal_detector import _OBJECTS
from goldleaf.curation.refusals.risk_words import _HARMLESS, _RISKS, suggest_risks
from goldleaf.curation.texts.language import _closer, language
from goldleaf.curation.texts.pattern_beginnings import WordPatterns

PROJECT = "7.1795363614"


@pytest.fixture(scope="module")
def model() -> Model:
    rows = [
        Example(
            f"{place}/{place}@now",
            str(place),
            texts_of(data),
            {"risk": (answer(data).risk,), "did": ("comply",)},
            frozenset(),
        )
        for place, data in enumerate(tasks(160))
    ]
    return fit(rows, learnable(KIND, KIND.screen), KIND.id)


@pytest.fixture(scope="module")
def learned(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("learned")
    ModelStore(folder / "models").publish(PROJECT, *to_bytes(model))
    with (
        RunningBackend(folder / "events.sqlite", predictor="auto") as backend,
        httpx.Client(base_url=backend.url, timeout=60) as client,
    ):
        yield client


def asked(client: httpx.Client, data: list[dict[str, object]]) -> list[str]:
    body = {"tasks": [{"id": n, "data": d} for n, d in enumerate(data)], "project": PROJECT}
    answered = client.post("/predict", json=body | {"label_config": KIND.config()})
    assert answered.status_code == 200, answered.text
    return [json.dumps(result) for result in answered.json()["results"]]


def test_a_batch_drafts_what_each_task_gets_alone(learned: httpx.Client):
    data = tasks(90, start=5000)
    data[3]["answer"] = "I'm sorry, but I can't help with that."
    data[4]["answer"] = "抱歉，我无法提供这方面的帮助。"
    data[5]["answer"] = ""
    data[6] = {"prompt": "no answer at all"}
    data[7]["answer"] = "Ünïcode \U0001f600 " * 40
    alone = [asked(learned, [each])[0] for each in data]
    assert sum("auto" in each for each in alone) > 60, "the model drafts most of them"
    assert asked(learned, data) == alone
    order = random.Random(1).sample(range(len(data)), len(data))
    assert asked(learned, [data[place] for place in order]) == [alone[place] for place in order]


letters = st.characters(codec="utf-8") | st.sampled_from("abc: 杀的\0ẞ\U0001f600\t")
texts = st.dictionaries(
    st.sampled_from(["a", "b:", "answer"]), st.text(letters, max_size=40), max_size=3
)


def ngrams(texts: Mapping[str, str]) -> Counter[str]:
    """Count the n-grams of each field one by one."""
    return Counter(
        f"{name}{SEPARATOR}{ngram}" for name, text in texts.items() for ngram in ngrams_of(text)
    )


@given(row=texts, others=st.lists(texts, max_size=3), known=st.integers(0, 40))
def test_features_are_those_that_are_counted_one_by_one(
    row: dict[str, str], others: list[dict[str, str]], known: int
):
    grams = sorted({gram for each in (row, *others) for gram in ngrams(each)})[known:]
    vocabulary = {gram: n for n, gram in enumerate(grams)}
    columns, counts = Lookup(vocabulary).features(row)
    counted = ngrams(row).items()
    expected = sorted((vocabulary[gram], n) for gram, n in counted if gram in vocabulary)
    assert list(zip(columns.tolist(), counts.tolist(), strict=True)) == expected


@pytest.mark.parametrize(
    ("pattern", "marks"),
    [
        (phrases.DENIES_EN, phrases.DENIAL_MARKS_EN),
        (phrases.OBJECTS_EN, phrases.OBJECTION_MARKS_EN),
        (phrases.CARES_EN, phrases.CARE_MARKS_EN),
    ],
)
@given(data=st.data())
def test_what_is_looked_for_first_is_in_every_match(pattern, marks, data: st.DataObject):
    text = data.draw(st.from_regex(pattern))
    assert any(mark in text for mark in marks)


@pytest.mark.parametrize("risk", _RISKS.patterns)
@settings(max_examples=15)
@given(data=st.data())
def test_no_class_of_risk_is_passed_over(risk: str, data: st.DataObject):
    text = data.draw(st.from_regex(_RISKS.patterns[risk].any))
    if _RISKS.patterns[risk].any.search(text):
        assert risk in [each.risk for each in suggest_risks(text)]


words = st.sampled_from(
    [
        *(
            "kill",
            "ed ",
            " a ",
            "process ",
            "KILL",
            "ing myself",
            "self-harm",
            "women ",
            "who ",
            "1",
        ),
        *("3d printed gun", "hack", "ers", " ", "\n", "_", "shoot ", "stars", "virus", "es infect"),
        *(
            "杀",
            "自杀",
            "毒软件",
            "病毒",
            "电脑",
            "裸",
            "聊",
            "，",
            "ſ",
            "\u212a",
            "İ",
            "ı",
            "é",
            "'",
        ),
    ]
)


@pytest.mark.parametrize("patterns", [_RISKS, _HARMLESS])
@given(parts=st.lists(words, max_size=6))
def test_patterns_tried_together_are_found_where_each_finds_itself(
    patterns: WordPatterns, parts: list[str]
):
    text = "".join(parts)
    alone = {name: pattern.spans(text) for name, pattern in patterns.patterns.items()}
    assert patterns.spans(text) == {name: spans for name, spans in alone.items() if spans}


@given(before=st.sampled_from(["", "so it is not right. ", "\n"]), data=st.data())
def test_an_objection_is_found_in_two_steps_where_one_finds_it(before: str, data: st.DataObject):
    text = before + data.draw(st.from_regex(phrases.OBJECTS_EN))
    whole = [found.span() for found in phrases.OBJECTS_EN.finditer(text)]
    assert [found.span() for found in _OBJECTS[0].matches(text)] == whole


pieces = st.sampled_from(
    [
        *("word ", "Hello, ", "yes. no", "\n", "    import x;", "def f(:", "if x:", "a_b 12"),
        *("`x", "```py\n", " http://a.b/c ", "x@y.zz", "$$a$$", "<b>", "say {x};", "foo*", "\\[x"),
        *("it\u2019s so \u2014 ", "\u2026", "\u00b2 ", "e\u0301", "é ", "中文 "),
    ]
)


@given(parts=st.lists(pieces, max_size=8))
def test_a_plain_line_means_the_language_that_looking_closer_finds(parts: list[str]):
    text = "".join(parts)
    assert language(text) == _closer(text)


def test_a_placeholder_is_found_in_any_letter_case():
    for text in ("Dear [Your Name], hello.", "Call [INSERT NAME].", "LOREM IPSUM, well."):
        assert "placeholder" in clean_up(text).codes
