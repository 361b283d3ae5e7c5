r"""Render only unambiguous Markdown as HTML, keeping every character of the text.

The law: the text nodes of `to_html(text)`, joined, are the text, character for character. A mark
that is interpreted stands in an element of class `gl-mark`, which the screen's style hides; so

    visible text = text - the marks of interpreted constructs

and hidden is only this, each beside the element that takes its place:

| construct | hidden marks | element |
|---|---|---|
| bold | `**` before and behind | `strong` |
| code span | its backticks, one to three on each side | `code` |
| heading of level 2 to 6 | the `#`s and the blanks behind them | `div.gl-heading` |
| fenced code | both fences and their line ends; what stands behind the first stays | `pre` |
| table | pipes with the blanks around them, line ends, the row of dashes | `table` |

All else is shown as it is written: one star, underscores, tildes, backslashes, entities, tags,
links, maths (`$..$`, `\(..\)`: set apart, not typeset), list marks and numbers, quotes, rules,
underlines of headings, a single `#` (a comment more often than a title), blanks, tabs, empty lines.
A construct counts only where plain text, code or a formula could hardly look like it: on one line,
closed within a few hundred characters, between blanks, punctuation or CJK. A text that reads like a
program is not interpreted at all, and neither is a fence without an end. Two exceptions to the
letter: line ends are shown as line ends whatever their bytes, and control characters as their
pictures (U+2400 on).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

_CJK = (
    r"\u2e80-\u303f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
)
_TYPES = ("int", "char", "void", "float", "double", "long", "short", "unsigned", "const", "auto")
_NO_POINTER = "".join(rf"(?<!\b{word}[ ])" for word in _TYPES)
"""What is no pointer's declaration: `f(int **a, char** b)` has the form of bold."""
_INLINE = re.compile(
    rf"""
    (?:^|(?<=[\s("'“‘\[|,:;*—\-{_CJK}]))(?P<ticks>`{{1,3}})(?!`)(?P<code>(?:(?!'')[^\n]){{0,200}}?[^`\n])
        (?P=ticks)(?=$|[\s.,:;!?)\]"'”’|*—\-{_CJK}])
    |(?P<math>\\\([^\n]{{1,400}}?\\\)|\\\[[^\n]{{1,400}}?\\\]|\$\$[^\n$]{{1,400}}\$\$
        |(?<![\\$\w])\$(?![\s$])(?:[^\n$]{{0,400}}[^\s$\\])?\$(?![\d$]))
    |(?:(?:^|(?<=[\s“‘{_CJK}])){_NO_POINTER}(?=\*\*[^\s*/=.,;:)])|(?<!\*)(?=\*\*[{_CJK}]))\*\*
        (?P<bold>(?:(?!\*\*)[^\n]){{1,400}}?)
        \*\*(?!\*)(?:(?<=[{_CJK}]\*\*)|(?<=[^\s*/=(\[{{\\]\*\*)(?=$|[\s.,:;!?)"'”’{_CJK}]))
    """,
    re.VERBOSE,
)
_FENCE = re.compile(r"([ \t]*)(`{3,}|~{3,})([ \t]*)(.*)")
_HEADING = re.compile(r"(#{2,6}[ \t]+)(\S.*\n?)")
_ITEM = re.compile(r"[ \t]*(?:[-*+•]|\d{1,9}[.)])[ \t]+(?=\S)")
_DASHES = re.compile(r"[ \t]*\|?([ \t]*:?-+:?[ \t]*\|)*[ \t]*:?-+:?[ \t]*\|?[ \t]*")
_PIPE = re.compile(r"(?:(?<![ \t])[ \t]+)?(?<!\\)\|[ \t]*")
_STATEMENT = re.compile(r"[;{}][ \t]*$")
_CODE_LINE = re.compile(
    r"[ \t]*(?:(?:def|class|import|from|return|if|elif|else|for|while|with|try|except|print"
    r"|function|const|let|var|public|private|static|void|int|char|using|package|func|fn|echo|sudo)"
    r"\b.*[:;{}()=]"
    r"|(?:SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|CREATE|ALTER|GROUP BY|ORDER BY|JOIN)\b"
    r"|[\w.\[\]'\"]+[ \t]*[-+*/]?=[ \t]*\S|\#include\b|</?\w[^>]*>[ \t]*$|[}\])]+[;,]?[ \t]*$)"
    r"|.*[;{}][ \t]*$"
)
_CONTROLS = {code: 0x2400 + code for code in range(32) if code not in (9, 10)} | {127: 0x2421}


def to_html(text: str) -> str:
    """Return the text as HTML, surely Markdown rendered; see the law above.

    >>> to_html("so **much** for __init__")
    'so <strong><span class="gl-mark">**</span>much<span class="gl-mark">**</span></strong> \
for __init__'
    """
    text = shown_characters(text)
    if reads_like_code(text):
        return escape(text, quote=False)
    return "".join(_blocks(re.findall(r"[^\n]*\n|[^\n]+", text)))


def shown_characters(text: str) -> str:
    r"""Return the text with its line ends as LF, and control characters as pictures (U+2400 on).

    Those below U+0020 and U+007F; the tab stays, and so do U+0080 to U+009F.

    >>> shown_characters("a\r\nb\tc\x00")
    'a\nb\tc␀'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def reads_like_code(text: str) -> bool:
    """Return whether a text is a program by the look of its lines.

    At least half of its lines, empty ones aside, must look like statements; a text with a fence of
    backticks never counts.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    found = sum(bool(_CODE_LINE.match(line)) for line in lines)
    return "```" not in text and found > 0 and 2 * found >= len(lines)


def has_code(text: str) -> bool:
    """Return whether a text should be edited in a monospaced face.

    It has a line that begins with a code fence (backticks or tildes), or reads like code.
    """
    return any(_FENCE.match(line) for line in text.split("\n")) or reads_like_code(text)


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(lines):
        line = lines[at]
        before = lines[at - 1].strip() if at else ""
        if fence := _FENCE.fullmatch(line.rstrip("\n")):
            end = _fence_end(lines, at, fence)
            if end:
                yield _fenced(fence, line, lines[at + 1 : end], lines[end])
            elif fence[2][0] == "`" and "`" in fence[4]:
                yield _inline(line)
                end = at
            else:
                yield f"{_plain(line)}<pre>{_plain(''.join(lines[at + 1 :]))}</pre>"
                end = len(lines) - 1
            at = end
        elif end := _formula_end(lines, at):
            yield f'<div class="gl-math">{_plain("".join(lines[at:end]))}</div>'
            at = end - 1
        elif end := _table_end(lines, at):
            yield _table(lines[at:end])
            at = end - 1
        elif (heading := _HEADING.fullmatch(line)) and (not before or before.startswith("##")):
            yield f'<div class="gl-heading">{_mark(heading[1])}{_inline(heading[2])}</div>'
        elif item := _ITEM.match(line):
            indent = f"{len(item[0].expandtabs(4)) * 0.42:.2f}em"
            style = f"padding-left:{indent};text-indent:-{indent}"
            yield f'<div class="gl-item" style="{style}">{_inline(line)}</div>'
        else:
            yield _inline(line)
        at += 1


def _fence_end(lines: Sequence[str], start: int, fence: re.Match[str]) -> int:
    """Return the line that closes a fence, 0 where nothing does or what opens it is none."""
    if fence[2][0] == "`" and "`" in fence[4]:
        return 0
    closing = re.compile(rf"[ \t]*{re.escape(fence[2])}{re.escape(fence[2][0])}*[ \t]*\n?")
    ends = (at for at in range(start + 1, len(lines)) if closing.fullmatch(lines[at]))
    return next(ends, 0)


def _fenced(fence: re.Match[str], opening: str, code: Sequence[str], closing: str) -> str:
    info = f'<span class="gl-info">{_plain(fence[4])}</span>' if fence[4] else ""
    mark = _mark(fence[1] + fence[2] + fence[3])
    body = f"<code>{_plain(''.join(code))}</code>"
    return f"<pre>{mark}{info}{_mark(opening[len(fence[0]) :])}{body}{_mark(closing)}</pre>"


def _formula_end(lines: Sequence[str], start: int) -> int:
    """Return the line behind a formula set off from the text, 0 where there is none."""
    opened = lines[start].strip()
    ends = {"$$": "$$", r"\[": r"\]"}.get(opened[:2])
    if ends is None:
        return 0
    for at in range(start, min(len(lines), start + 40)):
        stripped = lines[at].strip()
        if stripped.endswith(ends) and (at > start or len(stripped) > 3):
            return at + 1
        if not stripped:
            break
    return 0


def _table_end(lines: Sequence[str], start: int) -> int:
    """Return the line behind a table, 0 where there is none."""
    if start + 1 >= len(lines) or "|" not in lines[start]:
        return 0
    dashes = lines[start + 1].rstrip("\n")
    if "|" not in dashes or not _DASHES.fullmatch(dashes):
        return 0
    if len(_cells(lines[start])) != len(_cells(dashes)):
        return 0
    ends = (at for at in range(start + 2, len(lines)) if "|" not in lines[at])
    return next(ends, len(lines))


def _cells(line: str) -> list[str]:
    """Return a row cut into its cells and, at even places, the marks between and around them."""
    body = line.rstrip("\n")
    parts: list[str] = []
    at = 0
    for pipe in _PIPE.finditer(body):
        parts += [body[at : pipe.start()], pipe[0]]
        at = pipe.end()
    parts.append(body[at:])
    # an outer pipe is one mark with what stands outside of it
    parts = ["", *parts] if parts[0].strip() else ["".join(parts[:2]), *parts[2:]]
    parts = [*parts, ""] if parts[-1].strip() else [*parts[:-2], "".join(parts[-2:])]
    return [*parts[:-1], parts[-1] + line[len(body) :]]


def _table(lines: Sequence[str]) -> str:
    rows = "".join(_row(line, "td") for line in lines[2:])
    head = _row(lines[0], "th", lines[1])
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def _row(line: str, tag: str, behind: str = "") -> str:
    """Return a row; marks stand inside its cells, for a browser moves text out from between."""
    parts = _cells(line)
    parts[-1] += behind
    cells = [
        _mark(parts[place - 1]) * (place == 1) + _inline(parts[place]) + _mark(parts[place + 1])
        for place in range(1, len(parts), 2)
    ]
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _inline(line: str) -> str:
    """Return one line with its code spans, formulas and bold words."""
    if _STATEMENT.search(line):
        return _plain(line)
    made: list[str] = []
    at = 0
    for found in _INLINE.finditer(line):
        made.append(_plain(line[at : found.start()]))
        if found["code"] is not None:
            mark = _mark(found["ticks"])
            made.append(f"<code>{mark}{_plain(found['code'])}{mark}</code>")
        elif found["math"] is not None:
            made.append(f'<span class="gl-math">{_plain(found["math"])}</span>')
        else:
            mark = _mark("**")
            made.append(f"<strong>{mark}{_inline(found['bold'])}{mark}</strong>")
        at = found.end()
    return "".join([*made, _plain(line[at:])])


def _mark(text: str) -> str:
    return f'<span class="gl-mark">{_plain(text)}</span>' if text else ""


def _plain(text: str) -> str:
    return escape(text, quote=False)
