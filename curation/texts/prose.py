"""What is left of a text as sentences: without code, tables, formulas, addresses and data."""

from __future__ import annotations

import re

_SPANS = re.compile(
    r"```.*?(?:```|\Z)|\"\"\".{0,2000}?(?:\"\"\"|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]{0,400}`"
    r"|https?://[^\s\u3000-\u9fff]+|www\.[^\s\u3000-\u9fff]+"
    r"|(?<![A-Za-z0-9.+-])[A-Za-z0-9.+-]{1,64}@[A-Za-z0-9-]{1,64}\.[A-Za-z.]{2,64}"
    r"|\$\$.{1,800}?\$\$|\\\[.{1,800}?\\\]|\\\(.{1,400}?\\\)|\$[^$\n]{1,200}\$"
    r"|\\begin\{[a-z*]{1,16}\}.{0,2000}?\\end\{[a-z*]{1,16}\}"
    r"|<[a-zA-Z/!][^<>\n]{0,200}>",
    re.DOTALL,
)
_MARK = re.compile(r"[`~@$\\<]|\"\"\"|https?:|www\.")
_CODE_LINE = re.compile(
    r"[;{}][ \t]*$|^[ \t]*[})\]]+[,;)]*[ \t]*$"
    r"|[^\s=!<>]\s?(?:==|!=|<=|>=|\+=|-=|=>|->|:=|&&|\|\||::)\s?[^\s=]"
    r"|^[ \t]*(?:#include|#define"
    r"|import [\w.{]|from [\w.]{1,80} import|def \w{1,60}\(|class \w{1,60}[(:{]"
    r"|public |private |protected |static |void |func |fn |package \w|using \w|return\b[^.]{0,80}$"
    r"|elif |else:"
    r"|(?:let|var|const) [\w{\[]|for \(|while \(|if \(|for \w{1,40}(?:, ?\w{1,40})? in .{1,80}:"
    r"[ \t]*$"
    r"|if .{1,120}:[ \t]*$"
    r"|while .{1,120}:[ \t]*$|try:|except|with .{1,120}:$|print\(|console\.|System\.|std::"
    r"|printf\(|@\w{1,40}(?:\(|$)"
    r"|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE TABLE|ALTER TABLE|FROM|WHERE|GROUP BY"
    r"|ORDER BY|INNER JOIN"
    r"|LEFT JOIN|VALUES|SET)\b|\$ \w|>>> |\.\.\. |//|/\*|\* ?@|--[ \w]|#!|sudo |pip |npm |git "
    r"|docker |cd |ls )"
    r"|^[ \t]*[\w.\[\]\"']{1,60} ?= ?\S"
    r"|^[ \t]*[\w.]{1,80}\([^()\n]{0,200}\)[:;]?[ \t]*$"
    r"|^[ \t]*\"[^\"\n]{1,80}\" ?: |^[ \t]*\|.*\||^[ \t|+:=-]{3,}$"
)
_CODE_MARK = re.compile(
    r"[^\w\s,.!?'’，。、！？-]|[_\d]|\b(?:return|import|else|try|SELECT|FROM|WHERE)\b"
)
"""What every line of code has."""
_SYMBOL = re.compile(r"[^\w\s\u3000-\u303f\uff00-\uffef,.'\"!?’“”‘:;()¿¡«»…-]|_|\d")
_NO_SENTENCE = re.compile(r"^[ \t]*#|^(?:\W*\b[A-Za-z]\w*\b){0,3}\W*$|^[ \t]*[a-z_]+\.[a-z_]")
"""Comments, captions and columns among code: up to three words."""
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_])[A-Za-z]*[0-9_][A-Za-z0-9_]*|\b[a-z]+[A-Z]\w*|\b\w+\.\w+\(|\w+\(\)"
)
"""Names and numbers: `max_len`, `userName`, `x2`, `print()`."""
_TOKEN_MARK = re.compile(r"[0-9_(]|[a-z][A-Z]")


def prose(text: str, read: int = 4_000) -> str:
    r"""Return the sentences of a text, "" where it has none.

    Args:
        text: any text.
        read: characters looked at; the start of a text tells its language.

    >>> prose("Use `len(x)`:\n\ndef f(x):\n    return len(x)").strip()
    'Use  :'
    """
    text = text[:read]
    is_markup = "</" in text
    if _MARK.search(text):
        text = _SPANS.sub(" ", text)
    lines = text.split("\n")
    code = [_is_code(line) for line in lines]
    among_code = is_markup or sum(code) >= 2
    return "\n".join(
        _TOKEN.sub(" ", line) if _TOKEN_MARK.search(line) else line
        for line, is_code in zip(lines, code, strict=True)
        if not is_code and not (among_code and _NO_SENTENCE.search(line))
    )


def _is_code(line: str) -> bool:
    """Return whether a line is code or data rather than words."""
    if not _CODE_MARK.search(line):
        return False
    if _CODE_LINE.search(line):
        return not _reads_as_sentence(line)
    symbols = len(_SYMBOL.findall(line))
    return symbols >= 4 and symbols > 0.25 * len(line.strip())


_SENTENCE = re.compile(
    r"^[ \t]*(?:[-*] |\d+[.)] |#+ )?[^\W\d_](?:[^\W\d_]|[ ,'’-]){24,}[.:,?!](?:\s|$)"
    r"|[\u4e00-\u9fff\u3040-\u30ff\uac00-\ud7af]{6}"
)


def _reads_as_sentence(line: str) -> bool:
    """Return whether a line that looks like code opens as a sentence: `Sum it, x = 1.`."""
    return _SENTENCE.search(line) is not None and not line.rstrip().endswith(("{", "}", ");"))
