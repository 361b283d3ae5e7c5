"""Answers of a local model held to JSON Schemas, token by token (the extra `structured`).

llguidance says which tokens may come next; all others get no probability. A schema that it cannot
read leaves its answer free, as without the extra: whoever reads an answer checks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def installed() -> bool:
    """Return whether the extra is installed, without loading it."""
    return find_spec("llguidance") is not None


class Schemas:
    """What holds the answers of one model.

    Args:
        tokenizer: a fast tokenizer of transformers; another kind holds nothing.
        ends: the tokens that end an answer.
    """

    def __init__(self, tokenizer: Any, ends: Sequence[int]) -> None:
        self._llguidance: Any = import_module("llguidance")
        self._tokens: Any = None
        if getattr(tokenizer, "is_fast", False) and ends:
            wrap: Any = import_module("llguidance.hf").from_tokenizer
            self._tokens = wrap(tokenizer, eos_token=list(ends))

    def held(self, schemas: Sequence[Mapping[str, Any] | None]) -> list[Held]:
        """Return what goes before the other logits processors of a batch; nothing if none is held.

        Args:
            schemas: of each row, None for free text.
        """
        matchers = [self._matcher(schema) for schema in schemas]
        return [Held(matchers)] if any(matchers) else []

    def _matcher(self, schema: Mapping[str, Any] | None) -> Any:
        if schema is None or self._tokens is None:
            return None
        make = self._llguidance.LLMatcher
        # Without limits on white space a model may write nothing else until its tokens are spent.
        try:
            grammar = make.grammar_from_json_schema(
                dict(schema), overrides={"whitespace_flexible": False}
            )
        except ValueError:  # it holds half a character, or a number of more than 64 bits
            return None
        matcher = make(self._tokens, grammar, log_level=0)
        return None if matcher.is_error() else matcher


class Held:
    """A logits processor: each row of a batch keeps to its own grammar.

    Args:
        matchers: llguidance's, None for a row that is free.
    """

    def __init__(self, matchers: Sequence[Any]) -> None:
        self._matchers = list(matchers)
        self._width = 0

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the scores of the next token, minus infinity where it may not come."""
        torch: Any = import_module("torch")
        begun, self._width = self._width > 0, input_ids.shape[1]
        for row, matcher in enumerate(self._matchers):
            if matcher is None or matcher.is_stopped():
                continue
            if begun and not matcher.consume_token(int(input_ids[row, -1])):
                continue
            allowed = torch.frombuffer(bytearray(matcher.compute_logit_bias()), dtype=torch.uint8)
            closed = torch.ones(scores.shape[-1], dtype=torch.bool)
            closed[: len(allowed)] = allowed[: len(closed)] == 0
            if not closed.all():
                scores[row] = scores[row].masked_fill(closed.to(scores.device), -torch.inf)
        return scores
