"""What a curation says of a text in tags and signals: stale once that text is another.

`docs/curation.md` has the table of signals. Those of other names (a model's loss, a user's own) are
not a curation's, and nobody here knows what they measure.
"""

from __future__ import annotations

from typing import Final

MODE: Final = "mode_"
"""Prefix of the behaviour of a cognitive mode, which only a curation gives."""
ANSWER_MODES: Final = frozenset((f"{MODE}refuse", f"{MODE}ask_back"))
"""Modes that are seen in the answer (`cognitive_modes.toml`); the others are asked for."""
ANSWER_SIGNALS: Final = frozenset(
    (
        *("answer_inconsistency", "answer_mismatch", "predicted_quality", "math_correct"),
        *("json_valid", "sql_parses", "code_compiles", "schema_valid"),
    )
)
"""Signals that measure an answer, or an answer against its prompt."""
PROMPT_SIGNALS: Final = frozenset(("novelty", "label_disagreement"))
"""Signals that measure a prompt."""
