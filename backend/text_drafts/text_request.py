"""A text that a model is asked for, and whether what it wrote is a draft.

What a model writes is only ever a text in a box that an annotator sees and edits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from goldleaf.backend.fenced_data import fenced_turns, holds_fence
from goldleaf.backend.rules.texts import strange
from goldleaf.core.json_values import object_or_empty, objects_in
from goldleaf.core.text_comparison import same_text, why_not_utf8
from goldleaf.curation.texts.special_tokens import special_tokens
from goldleaf.generation.generator import Answer, Request, Sampling

MAX_TOKENS = 1024
"""Of an answer, the model's thinking included."""
LONGEST = 100_000
"""Characters of a draft; no annotator reads more."""
_KEPT = frozenset(("KEEP", "保留"))
"""What a model writes where its prompt lets it say that nothing is to be changed."""
_LABELS = ("ANSWER", "OUTPUT", "回答", "答案")
"""What a model may put before such a word, with a colon behind it."""
_MARKS = " \t.。!！*_#`\"'“”‘’「」[]"
"""What may stand around such a word."""
_ROLE = re.compile(r"^[ \t*#>\[]*(?:User|Assistant|Human|用户|助手)[ \t*\]]*[:：]", re.MULTILINE)
"""A line that begins another turn of a conversation."""


class Drafted(NamedTuple):
    """What an answer of a model is: `texts` by control, or the code of `undrafted` why none."""

    texts: Mapping[str, str] = {}
    reason: str = ""


class TextRequest(NamedTuple):
    """What a model is asked for, and how its answer is read."""

    request: Request
    read: Callable[[Answer], Drafted]


@dataclass(frozen=True, slots=True)
class Box:
    """The box that a draft is for, and what its text is held against.

    Attributes:
        control: its name on the screen.
        shown: what stands there already; a draft that is the same says nothing.
        prompt: the text whose language a draft has, unless it has that of what is shown.
        others: texts in sight that a draft must not repeat, such as the user's turn.
        before: texts of the conversation, which a draft may look like.
        may_keep: whether the prompt lets a model say that the text may stay.
    """

    control: str
    shown: str = ""
    prompt: str = ""
    others: Sequence[str] = ()
    before: Sequence[str] = ()
    may_keep: bool = False

    def read(self, answer: Answer) -> Drafted:
        """Return a whole answer as the draft of this box."""
        if answer.cut:
            return Drafted(reason="model_cut")
        return self.read_text(answer.text)

    def read_text(self, text: str) -> Drafted:
        """Return a text as the draft of this box.

        `model_kept` where it is what is shown, or says that it may stay; `model_failed` where it
        cannot be a draft: empty, too long, a repetition of what was asked, with turns of its own,
        with a mark of the fence or of a chat template, or in a language that neither prompt nor
        shown text has.
        """
        if len(text) > LONGEST:
            return Drafted(reason="model_failed")
        kept = self.may_keep and says(text, _KEPT)
        if self.shown.strip() and (kept or same_text(text, self.shown)):
            return Drafted(reason="model_kept")
        broken = not text.strip() or bool(why_not_utf8(text)) or kept
        copied = holds_fence(text) or any(same_text(text, each) for each in self.others)
        marked = bool(special_tokens(text)) or self._has_turns(text)
        if broken or copied or marked or self._strange(text):
            return Drafted(reason="model_failed")
        return Drafted({self.control: text})

    def _has_turns(self, text: str) -> bool:
        """Return whether a text begins turns with a role, as no text does that is in sight."""
        seen = (self.shown, self.prompt, *self.others, *self.before)
        return bool(_ROLE.search(text)) and not any(map(_ROLE.search, seen))

    def _strange(self, text: str) -> bool:
        """Return whether a text is in another language than the prompt and what is shown."""
        return strange(self.prompt, (text,)) and (
            not self.shown.strip() or strange(self.shown, (text,))
        )


def says(text: str, words: Collection[str]) -> bool:
    """Return whether a text is one of these words, whatever marks, label or remark it has.

    Before a remark, which stands on lines of its own, letter case counts.
    """
    first, _, remark = text.strip().partition("\n")
    label, _, word = first.replace("：", ":").rpartition(":")
    if label.strip(_MARKS).upper() not in ("", *_LABELS):
        return False
    said = word.strip(_MARKS)
    return (said if remark else said.upper()) in words


def asked(
    name: str, data: Mapping[str, Any], prompt: str, schema: Mapping[str, Any] | None = None
) -> Request:
    """Return the request of a prompt about data.

    Args:
        name: of the prompt, a file of `prompts/`.
        data: what it is about; JSON values.
        prompt: the text whose language the instructions are given in.
        schema: that the answer should keep to, None for free text.
    """
    return Request(fenced_turns(name, data, prompt), Sampling(0.0, MAX_TOKENS), schema)


def conversation(task: Mapping[str, Any], prompt: str) -> list[dict[str, str]]:
    """Return the turns before the answer; of a task that was changed, the prompt shown alone."""
    turns = [
        {"role": str(turn.get("role")), "content": str(turn.get("content", ""))}
        for turn in objects_in(record_of(task).get("context"))
    ]
    if any(turn["content"] == prompt for turn in turns[-1:]) or (
        turns and turns[-1]["role"] == "tool"
    ):
        return turns
    return [{"role": "user", "content": prompt}]


def texts_of(turns: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the texts of turns as `conversation` gives them."""
    return tuple(turn["content"] for turn in turns)


def record_of(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the record in a task's data as stored, empty where there is none."""
    return object_or_empty(object_or_empty(task.get("goldleaf")).get("record"))
