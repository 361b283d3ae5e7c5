"""How likely a local model finds given answers: the mean log-probability of their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

AT_ONCE = 4
"""Conversations in one pass: the logits of each take its answer's length times the vocabulary."""


def mean_logprobs(
    torch: Any, model: Any, prompts: Sequence[list[int]], answers: Sequence[list[int]], pad: int
) -> list[float]:
    """Return the mean natural log-probability of each answer's tokens after its prompt.

    Args:
        torch: the module.
        model: a causal language model.
        prompts: token ids of each prompt, the opening of the answer's turn included.
        answers: token ids of each answer, one or more.
        pad: the token that fills shorter rows.
    """
    rows = [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]
    width, kept = max(map(len, rows)), max(map(len, answers)) + 1
    device = model.device
    ids = torch.tensor([[pad] * (width - len(row)) + row for row in rows], device=device)
    shown = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device)
    given = {
        "input_ids": ids,
        "attention_mask": shown,
        "position_ids": (shown.cumsum(-1) - 1).clamp(min=0),
    }
    with torch.inference_mode():
        try:
            logits = model(**given, logits_to_keep=kept).logits
        except TypeError:  # a model whose forward lacks that saving
            logits = model(**given).logits[:, -kept:]
        found: list[float] = []
        for row, answer in enumerate(answers):
            # What stands before a token predicts it; answers end where their rows end.
            before = logits[row, -len(answer) - 1 : -1].float()
            tokens = torch.tensor(answer, device=device)
            likely = torch.log_softmax(before, -1).gather(-1, tokens[:, None])
            found.append(float(likely.mean()))
    return found
