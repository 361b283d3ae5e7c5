"""Does code break off: in an open bracket, a head without a body, a name seen nowhere else."""

from __future__ import annotations

import re

_CODE_WORDS = frozenset(
    """pass break continue return end fi done esac else endif wend loop exit quit commit rollback
    ret nop hlt main clear pwd ls""".split()
)
"""What code may end in."""
_HEAD_ALONE = re.compile(
    r"^[ \t]*(?:(?:(?:else )?if|for|while|switch) ?\([^\n;]*(?:;[^\n;]*;[^\n;]*)?\)"
    r"|(?:def|class|if|elif|for|while|with)\b[^\n]*:|(?:else|try|finally):)\Z",
    re.MULTILINE,
)
"""A last line of code that is to have a body."""


def looks_like_code(text: str) -> bool:
    """Return whether the end of a text is code, which needs no full stop."""
    tail = [line for line in text[-300:].split("\n") if line.strip()][-6:]
    marks = sum(
        1
        for line in tail
        if re.search(
            r"[;{}]\s*\Z|\w\(.{0,80}\)|^\s*(?:#|//|<[a-z/])|[=<>]=|\breturn\b| = |\|", line
        )
    )
    return marks * 2 >= len(tail) if len(tail) > 1 else marks > 0 and "=" in text


def code_evidence(text: str) -> tuple[str, float] | None:
    """Return what speaks for code that breaks off."""
    if not any(map(str.isalnum, text[text.rfind("\n") + 1 :])):
        return None  # the rule below a table
    if name := begun_code(text):
        return f'code ends in "{name}"', 0.7
    head = text.strip().count("\n") > 0 and _HEAD_ALONE.search(text)
    if head and not re.search(r"\bdo\b\s*\{", text):
        return "code ends in a head without a body", 0.7
    if text[-1] in "=+,([{&.\\":
        return f"code ends in {text[-1]!r}", 0.8
    tail = text[-2_000:]
    for opened, close in ("()", "[]", "{}"):
        if tail.count(opened) > tail.count(close) and len(text) <= 2_000:
            return f"code with an open {opened}", 0.7
    return None


def begun_code(text: str) -> str:
    """Return the name that a last line of code is alone, where the text has it nowhere else."""
    lines = text.split("\n")
    name = lines[-1].strip()
    if len(lines) < 2 or name in _CODE_WORDS or not re.fullmatch(r"[a-z_]\w{0,30}", name):
        return ""
    return "" if re.search(rf"\b{name}\b", text[: -len(name)]) else name
