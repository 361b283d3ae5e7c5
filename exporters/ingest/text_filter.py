"""Filter of examples with special tokens of chat templates or hidden characters.

A special token inside a turn ends it where a tokenizer reads it, even inside a text; see
`goldleaf.curation.texts.special_tokens` and `goldleaf.curation.texts.hidden_characters`.
"""

from __future__ import annotations

from goldleaf.core.record_texts import record_texts
from goldleaf.core.records import Record
from goldleaf.curation.texts.hidden_characters import hidden_characters
from goldleaf.curation.texts.special_tokens import SPECIAL_TOKEN as TOKENS
from goldleaf.curation.texts.text_flags import HIDDEN_CHARACTERS, SPECIAL_TOKEN
from goldleaf.recipes.sections import Texts


def text_risk(record: Record, texts: Texts) -> str:
    """Return the reason to drop a record or example for its texts; "" where there is none.

    `SPECIAL_TOKEN` or `HIDDEN_CHARACTERS`, of the first text with what the recipe's `texts` drops.
    """
    tokens, hidden = texts.special_tokens == "drop", texts.hidden_characters == "drop"
    if not tokens and not hidden:
        return ""
    for _, text in record_texts(record):
        if tokens and TOKENS.search(text):
            return SPECIAL_TOKEN
        if hidden and hidden_characters(text):
            return HIDDEN_CHARACTERS
    return ""
