"""The tiny model of the demo is trained until it knows its answers, and no longer."""

from __future__ import annotations

import math

import pytest

from goldleaf.generation.tiny_model import IGNORED, _least_loss


def test_several_answers_to_one_prompt_leave_a_loss_that_no_training_takes_away():
    asked = [IGNORED, IGNORED]
    two = _least_loss([[1, 2, 5, 9], [1, 2, 6, 9]], [[*asked, 5, 9], [*asked, 6, 9]])
    assert two == pytest.approx(math.log(2) / 2), "one token of two is a draw"
    once = _least_loss([[1, 2, 5, 9], [1, 3, 6, 9]], [[*asked, 5, 9], [*asked, 6, 9]])
    assert once == 0, "to different prompts"
