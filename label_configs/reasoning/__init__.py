"""A chain of reasoning judged step by step, corrected, or criticised and revised."""
