"""What a person should look at before a model learns it: a slip that the text itself shows."""

import json

import pytest
from label_studio_export import Project, shown_answer, taught_and_rejected

from goldleaf.core.records import Turn

HARM = "Slide a bent wire into the lock, lift each pin, and turn. The door opens in a minute."
NO = "I'm sorry, but I can't help with that."


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def run(inside, tmp_path, project, *, lang="en", review="{}"):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"extends: plain\nsplit: {{test: 0.0}}\nreview: {review}\n", "utf-8")
    path = project.write(tmp_path / "tasks.json")
    return inside("export", path, "--out", tmp_path / "out", "--recipe", recipe, "--lang", lang)


def refusals():
    project = Project(3, "refusal")
    slip = project.task(shown_answer(HARM))
    project.annotate(slip, 1, decision="harmful_refuse", did="full_refusal", risk="violence")
    fine = project.task(shown_answer(NO, (Turn("user", "How do I forge a passport?"),)))
    project.annotate(fine, 1, decision="harmful_refuse", did="full_refusal", risk="fraud")
    return project, slip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_harm_marked_as_a_refusal_is_not_taught_and_is_named(inside, tmp_path, out, lang):
    project, _ = refusals()
    ran = run(inside, tmp_path, project, lang=lang)
    taught, _ = taught_and_rejected(out)
    assert {text for _, text in taught} == {NO}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"needs_review_refusal": 1}
    place = "project:3/task:30/annotation:301"
    assert place in ran.stdout
    assert place in (out / "report.html").read_text("utf-8")
    meaning = {"en": "does not refuse", "zh": "并未拒答"}[lang]
    assert meaning in ran.stdout
    assert meaning in inside("why", out, place, "--lang", lang).stdout


def test_a_second_annotator_or_the_recipe_confirms_it(inside, tmp_path, out):
    project, slip = refusals()
    run(inside, tmp_path, project, review="{refusals: false}")
    assert {text for _, text in taught_and_rejected(out)[0]} == {NO, HARM}
    project.annotate(slip, 2, decision="harmful_refuse", did="full_refusal", risk="violence")
    run(inside, tmp_path, project)
    assert {text for _, text in taught_and_rejected(out)[0]} == {NO, HARM}


def test_broken_json_is_not_exported(inside, tmp_path, out):
    project = Project(1, "instruction")
    whole, broken = '{"city": "Paris"}', '{"city": "Paris"'
    for number, text in enumerate((whole, broken, f"```json\n{broken}\n```", "SELECT 1;")):
        task = project.task(shown_answer(text, (Turn("user", f"City {number} as JSON?"),)))
        good = {"verdict": "good", "quality": 5}
        project.annotate(task, 1, **good, behaviours=("structured_output",))
    run(inside, tmp_path, project)
    assert {text for _, text in taught_and_rejected(out)[0]} == {whole, "SELECT 1;"}
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"needs_review_json": 2}


def test_a_circle_of_pairs_is_not_exported(inside, tmp_path, out):
    from label_studio_export import shown_pair

    project = Project(1, "preference")
    for better, worse in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        project.prefer(project.task(shown_pair(better, worse)), 1, better)
    ran = run(inside, tmp_path, project)
    taught, rejected = taught_and_rejected(out)
    assert ({text for _, text in taught}, {text for _, text in rejected}) == ({"d"}, {"a"})
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["reasons"]["dropped"] == {"needs_review_cycle": 3}
    assert "project:1/task:12" in ran.stdout
