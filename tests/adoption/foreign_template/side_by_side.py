"""A team's own labeling config, read: a template of another package."""

VERSION = 3
TEMPLATE = """
title: {en: Side by side, zh: 并排比较}
controls: {pick: Choices}
objects: {ask: $ask, one: $one, two: $two}
reading:
  prompt: ask
  answers: [one, two]
  choice: pick
  better: {Left: 1, Right: 2}
"""
