"""Argilla's records as `records.to_json` or the REST API writes them, nested.

    {"fields": {"instruction": "Sky?", "response1": "Blue.", "response2": "No."},
     "responses": {"ranking": [{"value": [{"value": "response1", "rank": 1},
                                          {"value": "response2", "rank": 2}], "user_id": "u"}]},
     "suggestions": {}, "status": "completed"}

Read are the shapes of Argilla's own templates (`Settings.for_ranking`, `for_rating`) and a text
question: a ranking, a rating of one to five, a label that names the better answer, a written
answer. Shapes: argilla 2.8.0, `records/_resource.py`, `settings/_templates.py`.

Argilla's Python client writes a ranking without its ranks, in the order of the question's options
(`responses.py`, `__ranking_from_model_value`; the page stores them in that order): which answer won
is not in such a file, and the row is rejected as `ranks_lost`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import is_object, list_or_none, object_or_empty, objects_in
from goldleaf.core.records import (
    Candidate,
    Comparison,
    Demonstration,
    Judgement,
    Record,
    Tags,
    Turn,
)
from goldleaf.core.text_comparison import same_text
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import check_context, read_turns
from goldleaf.formats.text_columns import answer_turn

NAME = "argilla"
TITLE = "Argilla's records with their responses"

_ASKED = ("instruction", "prompt", "question", "messages", "chat", "input", "text")
_ANSWER = ("response", "answer", "output", "completion", "generation", "reply")
_TIES = ("tie", "equal", "both")
_MIDDLE = 3
"""Stars of Argilla's rating template that say neither good nor bad."""


def recognises(row: Row) -> bool:
    """Return whether a row fits: objects `fields` and `responses`, as no other export has them."""
    return is_object(row.get("fields")) and is_object(row.get("responses"))


def read(row: Row) -> tuple[Record, ...]:
    """Return what the annotators' responses mean; of contradicting ones the majority counts.

    Raises:
        BadRow: `draft` (the record is not completed), `empty_result` (no response), `ranks_lost`,
            `no_prompt`, `disagreement`, `no_verdict`, `unknown_item`, `identical_pair`,
            `nothing_said` (no question of a known shape), or what `read_turns` raises.
    """
    if row.get("status") not in (None, "completed"):
        raise BadRow("draft", f"the record is {str(row['status'])[:40]}, not completed")
    answers = _answers(object_or_empty(row.get("responses")))
    if not answers:
        raise BadRow("empty_result", "no annotator responded")
    fields = object_or_empty(row.get("fields"))
    context = _context(fields)
    numbered = {
        name: answer_turn(fields[name], f"fields.{name}")
        for name in sorted(fields)
        if name.startswith(_ANSWER) and isinstance(fields[name], str)
    }
    found: list[Record] = []
    for question, given in answers.items():
        found += _records(question, given, context, numbered)
    if not found:
        raise BadRow("nothing_said", "no question of a shape that is known")
    return tuple(found)


def _answers(responses: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return question -> what each annotator said, without empty responses."""
    found: dict[str, list[Any]] = {}
    for question, given in responses.items():
        values = [each.get("value") for each in objects_in(given)]
        if kept := [value for value in values if value not in (None, "", [])]:
            found[question] = kept
    return found


def _context(fields: Mapping[str, Any]) -> tuple[Turn, ...]:
    asked = next((name for name in _ASKED if fields.get(name)), None)
    if asked is None:
        raise BadRow("no_prompt", f"no field called {' or '.join(_ASKED)}")
    value = fields[asked]
    messages = list_or_none(value) or [{"role": "user", "content": value}]
    context = read_turns(messages, f"fields.{asked}")
    check_context(context)
    return context


def _records(
    question: str, given: list[Any], context: tuple[Turn, ...], shown: dict[str, Turn]
) -> list[Record]:
    if any(isinstance(value, list) for value in given):
        return [_ranked(question, given, context, shown)] if len(shown) > 1 else []
    if all(type(value) is int for value in given):
        return [_rated(question, given, context, shown)] if len(shown) == 1 else []
    texts = [str(value) for value in given if isinstance(value, str)]
    if len(shown) > 1:
        known = {*shown, *_TIES}
        return [_chosen(texts, context, shown)] if {*texts} <= known else []
    if question.startswith(_ANSWER):
        return [record for text in texts for record in _written(text, context, shown)]
    return []


def _ranked(
    question: str, given: list[Any], context: tuple[Turn, ...], shown: dict[str, Turn]
) -> Comparison:
    votes: list[tuple[tuple[str, int], ...]] = []
    for value in given:
        ranks = {str(each.get("value")): each.get("rank") for each in objects_in(value)}
        if not ranks or any(type(rank) is not int for rank in ranks.values()):
            raise BadRow("ranks_lost", f"{question} is written without ranks")
        votes.append(tuple(sorted((name, int(rank or 0)) for name, rank in ranks.items())))
    ranks = dict(_majority(votes))
    if unknown := set(ranks) - set(shown):
        raise BadRow("unknown_item", f"{question} ranks {sorted(unknown)[0]!r}")
    return _compared(context, shown, ranks)


def _chosen(texts: list[str], context: tuple[Turn, ...], shown: dict[str, Turn]) -> Comparison:
    winner = _majority(texts)
    ranks = {name: 1 if winner in (name, *_TIES) else 2 for name in shown}
    if winner in _TIES:
        ranks = dict.fromkeys(shown, 1)
    return _compared(context, shown, ranks)


def _compared(
    context: tuple[Turn, ...], shown: dict[str, Turn], ranks: Mapping[str, int]
) -> Comparison:
    turns = list(shown.values())
    if all(same_text(turns[0].content, other.content) for other in turns[1:]):
        raise BadRow("identical_pair", "all answers are the same")
    candidates = tuple(Candidate((turn,), rank=ranks.get(name)) for name, turn in shown.items())
    tied = len({*ranks.values()}) == 1
    return Comparison(context, candidates, strength="tie" if tied else "unknown")


def _rated(
    question: str, given: list[int], context: tuple[Turn, ...], shown: dict[str, Turn]
) -> Judgement:
    signs = [(stars > _MIDDLE) - (stars < _MIDDLE) for stars in given]
    sign = _majority(signs)
    if sign == 0:
        raise BadRow("no_verdict", "neither good nor bad")
    stars = sorted(given)[len(given) // 2]
    tags = Tags(
        quality=stars if 1 <= stars <= 5 else None,
        signals={question: sum(given) / len(given)},
    )
    return Judgement(context, tuple(shown.values()), good=sign > 0, tags=tags)


def _written(text: str, context: tuple[Turn, ...], shown: dict[str, Turn]) -> list[Record]:
    """Return an annotator's text, and its pair with the one answer that it corrects."""
    turn = answer_turn(text, "the response")
    found: list[Record] = [Demonstration(context, (turn,))]
    for other in shown.values():
        if not same_text(other.content, turn.content):
            best = Candidate((turn,), rank=1, acceptable=True, origin="edited")
            found.append(Comparison(context, (best, Candidate((other,), rank=2))))
    return found


def _majority(votes: list[Any]) -> Any:
    value, count = Counter(votes).most_common(1)[0]
    if 2 * count <= len(votes):
        raise BadRow("disagreement", f"the annotators say {len(set(votes))} things")
    return value
