"""How a table of text is written: its encoding and its separator, detected where not given.

Excel writes `;` in half the world, UTF-16 as "Unicode text", and GBK in China.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from goldleaf.core.errors import UsageError
from goldleaf.core.files import check_readable, file_error

SAMPLE = 2**18
"""Bytes looked at."""
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_NAMED = {name: mark for mark, name in SEPARATORS.items()} | {"\\t": "\t"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ROWS = 50
"""Rows looked at for the separator."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Encoding and separator of a table; `assumed` lists which of the two were detected."""

    encoding: str = "utf-8"
    separator: str = ","
    assumed: tuple[str, ...] = ()

    def names(self) -> tuple[str, str]:
        """Return encoding and separator for people: `utf-8`, `semicolon`."""
        mark = SEPARATORS.get(self.separator, repr(self.separator))
        return self.encoding.removesuffix("-sig"), mark


def dialect_of(path: Path, encoding: str = "", separator: str = "") -> Dialect:
    """Return how a table is written, as named, else as its beginning looks.

    Args:
        path: a `.csv` or `.tsv` file.
        encoding: a name that Python knows, or nothing to detect it.
        separator: one character, or its name (`tab`, `semicolon`); nothing to detect it.

    Raises:
        UsageError: there is no such encoding, the separator is none, or the file is missing.
        GoldleafError: it may not be read.
    """
    try:
        with open(check_readable(path), "rb") as file:
            sample = file.read(SAMPLE)
    except OSError as error:
        raise file_error(error, path) from error
    assumed = (*(() if encoding else ("encoding",)), *(() if separator else ("separator",)))
    code = known_encoding(encoding) if encoding else encoding_of(sample)
    mark = known_separator(separator) if separator else _seen_separator(sample, code, path)
    return Dialect(code, mark, assumed)


def known_encoding(name: str) -> str:
    """Return the name as it is if Python knows it, `utf-8-sig` for UTF-8; UsageError if not."""
    try:
        codecs.lookup(name)
        b"".decode(name)
    except (LookupError, ValueError):
        fix = "name one that Python knows, such as utf-8, gb18030, utf-16 or cp1252"
        raise UsageError(f"There is no encoding {name!r}.", where="--encoding", fix=fix) from None
    return "utf-8-sig" if codecs.lookup(name).name == "utf-8" else name


def encoding_of(sample: bytes) -> str:
    """Return the encoding that the beginning of a file is most likely in, as Python calls it.

    By a byte order mark, then UTF-16 by its zero bytes, UTF-8, GB18030, what `charset_normalizer`
    finds, and at last cp1252. An empty file is UTF-8.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if wide := _wide(sample):
        return wide
    if _decodes(sample, "utf-8"):
        return "utf-8"
    if _is_chinese(sample):
        return "gb18030"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"


def _wide(sample: bytes) -> str:
    """Detect UTF-16 without a mark by its zero bytes, every other one in ASCII; `[]` has none."""
    zeros = sample[:4096]
    even, odd = zeros[::2].count(0), zeros[1::2].count(0)
    if max(even, odd) < max(1, len(zeros) // 8):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _decodes(sample: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(sample)  # may end inside a character
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(sample: bytes) -> bool:
    """Return whether it reads as GB18030, and as everyday characters: those of GB 2312."""
    if not _decodes(sample, "gb18030"):
        return False
    text = codecs.getincrementaldecoder("gb18030")().decode(sample)
    strange = [char for char in text if not char.isascii()]
    everyday = "".join(strange).encode("gb2312", "ignore").decode("gb2312")
    return bool(strange) and len(everyday) >= 0.9 * len(strange)


def known_separator(name: str) -> str:
    """Return the character that a name stands for, or the character itself; UsageError if none."""
    mark = _NAMED.get(name.lower(), name)
    if len(mark) != 1 or mark in '"\r\n':
        fix = f"give one character, or one of: {', '.join(SEPARATORS.values())}"
        raise UsageError(f"{name!r} is not a separator.", where="--separator", fix=fix)
    return mark


def _seen_separator(sample: bytes, encoding: str, path: Path) -> str:
    """Return the separator under which header and rows have the same number of columns."""
    text = codecs.getincrementaldecoder(encoding)("replace").decode(sample)
    if text[:4].lower() == "sep=" and text[5:6] in ("\r", "\n"):
        return text[4]  # Excel's own way to say it
    usual = "\t" if path.suffix.lower() == ".tsv" else ","
    found: list[tuple[float, int, bool, str]] = []
    for mark in SEPARATORS:
        widths = _widths(text, mark)
        if widths and widths[0] > 1:
            alike = Counter(widths)[widths[0]] / len(widths)
            found.append((alike, widths[0], mark == usual, mark))
    return max(found)[-1] if found else usual


def _widths(text: str, mark: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            if row:
                widths.append(len(row))
            if len(widths) > _ROWS:
                break
    except csv.Error:
        pass  # the sample may end inside a field
    return widths[:-1] if len(text) >= SAMPLE // 4 and 1 < len(widths) <= _ROWS else widths
