"""Results that show themselves: sections of text and tables, and a notebook's HTML made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from goldleaf.core.errors import GoldleafError
from goldleaf.core.escape_invisible import escape_invisible
from goldleaf.core.settings import load
from goldleaf.core.translations import Translations

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a result in the reader's language; what is empty is left out.

    `head`: names of the columns; `rows`: a table; `text`: lines below it; `commands`: whether the
    text suggests commands, which the command line completes.
    """

    title: str = ""
    head: Row = ()
    rows: Sequence[Row] = ()
    text: str = ""
    commands: bool = False


class Shown:
    """A result that a notebook shows as tables, in the language of the settings or the locale."""

    __slots__ = ()

    def sections(self, words: Translations) -> Iterable[Section]:
        """Return what there is to show, in the order of the page, in the language of `words`."""
        raise NotImplementedError

    def _repr_html_(self) -> str:
        """Return the sections as HTML; every text is escaped, and what is hidden made visible."""
        try:
            language = load().language
        except GoldleafError:  # settings that cannot be read are no reason to show nothing
            language = "en"
        return html(self.sections(Translations(language)))


def html(sections: Iterable[Section]) -> str:
    """Return sections as HTML without a script, a style or a link.

    Texts are escaped, and invisible characters in them made visible.
    """
    parts: list[str] = []
    for section in sections:
        if section.title:
            parts.append(f"<h4>{_safe(section.title)}</h4>")
        if section.rows:
            head = _cells("th", section.head)
            rows = "".join(_cells("td", row) for row in section.rows)
            parts.append(f"<table>{head}{rows}</table>")
        if section.text:
            parts.append(f"<pre>{_safe(section.text)}</pre>")
    return "\n".join(parts)


def _cells(tag: str, row: Row) -> str:
    cells = "".join(f"<{tag}>{_safe(cell)}</{tag}>" for cell in row)
    return f"<tr>{cells}</tr>" if cells else ""


def _safe(value: object) -> str:
    return escape(escape_invisible(value))
