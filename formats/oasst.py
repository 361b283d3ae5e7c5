"""Open Assistant's message trees: a prompt, replies to it, replies to those, ranked by people.

    {"message_tree_id": "...", "tree_state": "ready_for_export",
     "prompt": {"role": "prompter", "text": "Sky?", "replies": [
        {"role": "assistant", "text": "Blue.", "rank": 0, "replies": []},
        {"role": "assistant", "text": "Green.", "rank": 1, "replies": []}]}}

A tree gives a comparison for every prompt whose replies were ranked, and one demonstration: the
conversation that follows the best replies. Messages that were deleted, or that a reviewer turned
down, are left out with everything below them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from goldleaf.core.errors import BadRow
from goldleaf.core.json_values import list_or_none, object_or_none
from goldleaf.core.records import Candidate, Comparison, Demonstration, Record, Turn
from goldleaf.formats.format import Row
from goldleaf.formats.read_messages import ROLES, answer_of, check_context, check_order

NAME = "oasst"
TITLE = "Open Assistant's message trees"

Message: TypeAlias = Mapping[str, Any]

_GIVEN_UP = ("aborted_low_grade", "halted_by_moderator")
"""States of a tree that its own moderators gave up."""


def recognises(row: Row) -> bool:
    """Return whether a row is an Open Assistant tree: `prompt` is a message with `replies`."""
    return "replies" in (object_or_none(row.get("prompt")) or {})


def read(row: Row) -> tuple[Record, ...]:
    """Return the comparisons of a tree, from its root on, then its best conversation.

    Raises:
        BadRow: `tree_given_up`, `no_prompt`, `no_answers`, `bad_messages`, `bad_role`,
            `role_order` or what `text_of` raises: a fault anywhere refuses the tree.
    """
    if row.get("tree_state") in _GIVEN_UP:
        raise BadRow("tree_given_up", str(row["tree_state"]))
    root = object_or_none(row.get("prompt"))
    if root is None:
        raise BadRow("bad_messages", "prompt is no message")
    if not _is_kept(root):
        raise BadRow("no_prompt", "the prompt was deleted or turned down by a reviewer")
    best = _best_path(root)
    if len(best) < 2:
        raise BadRow("no_answers", "no reply has an answer")
    records: list[Record] = list(_comparisons(root, ()))
    check_context(best[:-1])
    check_order(best)
    records.append(Demonstration(best[:-1], best[-1:]))
    return tuple(records)


def _comparisons(message: Message, before: tuple[Turn, ...]) -> Iterator[Comparison]:
    """Yield a comparison for this prompt, if its replies were ranked, and for all below it."""
    path = (*before, _turn(message))
    replies = _replies(message)
    if path[-1].role == "user":
        ranked = [reply for reply in replies if _rank(reply) is not None]
        if len(ranked) > 1:
            check_context(path)
            candidates = tuple(_candidate(reply, path) for reply in ranked)
            yield Comparison(path, candidates)
    for reply in replies:
        yield from _comparisons(reply, path)


def _candidate(reply: Message, path: tuple[Turn, ...]) -> Candidate:
    turn, rank = _turn(reply), _rank(reply)
    check_order((*path, turn))
    model = reply.get("model_name")
    return Candidate(
        (turn,),
        rank=None if rank is None else rank + 1,
        drafted_by=model if isinstance(model, str) else "",
    )


def _best_path(root: Message) -> tuple[Turn, ...]:
    """Return the turns from the root along the best replies, up to an answer."""
    path, here = [_turn(root)], root
    while replies := _replies(here):
        # A follow-up that was answered goes before one that was not; the file's order settles ties.
        here = min(replies, key=lambda reply: (_open_question(reply), _order(reply)))
        path.append(_turn(here))
    return tuple(path[:-1] if path[-1].role == "user" else path)


def _open_question(message: Message) -> bool:
    return _turn(message).role == "user" and not _replies(message)


def _order(message: Message) -> float:
    rank = _rank(message)
    return float("inf") if rank is None else rank


def _rank(message: Message) -> int | None:
    rank = message.get("rank")
    return rank if isinstance(rank, int) and not isinstance(rank, bool) else None


def _replies(message: Message) -> list[Message]:
    replies = [object_or_none(reply) for reply in list_or_none(message.get("replies")) or []]
    if None in replies:
        raise BadRow("bad_messages", "a reply is no message")
    return [reply for reply in replies if reply is not None and _is_kept(reply)]


def _is_kept(message: Message) -> bool:
    return message.get("deleted") is not True and message.get("review_result") is not False


def _turn(message: Message) -> Turn:
    named = message.get("role")
    role = ROLES.get(named) if isinstance(named, str) else None
    if role is None:
        raise BadRow("bad_role", f"{named!r}")
    return Turn(role, answer_of(message.get("text"), "text"))
