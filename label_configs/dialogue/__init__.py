"""A dialogue, every answer of the assistant judged and edited; two last answers compared (S4)."""
