"""An export as one zip, for those who are handed a single file."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from goldleaf.core.errors import NothingUsable
from goldleaf.core.json_values import object_or_empty

if TYPE_CHECKING:
    from goldleaf.core.settings import Settings
    from goldleaf.exporters.report.export_summary import Outcome
    from goldleaf.recipes.recipe import Recipe
    from goldleaf.workflows.export_sources import ExportSource

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The date of every file within: the earliest that a zip can say, so that no clock is in it."""
_FILE = 0o100644 << 16
"""A plain file that its owner may write."""


class NoRows(NothingUsable):
    """No row came out.

    Attributes:
        read: how many answers were read.
        reasons: how many of them for which reason: `rejected` and `dropped`, as in the manifest.
    """

    def __init__(self, error: NothingUsable, manifest: Mapping[str, object]) -> None:
        super().__init__(error.what)
        self.read = int(object_or_empty(manifest.get("answers")).get("read", 0))
        self.reasons: Mapping[str, Mapping[str, int]] = object_or_empty(manifest.get("reasons"))


def export_zip(
    source: ExportSource,
    recipe: Recipe | Path | str | None,
    file: IO[bytes],
    *,
    folder: str,
    settings: Settings,
    formats: Sequence[str] = ("trl",),
    lang: str = "",
    scratch: Path | None = None,
) -> Outcome:
    """Write an export as a zip: data files, card, report, manifest and ledger in one folder.

    The same files as `goldleaf.workflows.export.export` writes, and the same zip for the same ones.

    Args:
        source: what to export.
        recipe: a recipe, its file, or a model's size (`"8B"`); None for the plain recipe.
        file: where the zip goes; it must be seekable.
        folder: the name of the one folder within the zip.
        settings: say in which language the card is, where `lang` does not.
        formats: names of formats, such as `trl`.
        lang: language of the card, `en` or `zh`; the settings' by default.
        scratch: a folder for temporary files; the system's by default.

    Raises:
        NoRows: no row came out; nothing was written.
        UsageError: the source or the recipe cannot be read.
        GoldleafError: the disk is full.
    """
    from goldleaf.exporters.publishing.manifest import read_manifest
    from goldleaf.workflows.export import export

    with tempfile.TemporaryDirectory(prefix="goldleaf-export-", dir=scratch) as work:
        out = Path(work) / "export"
        try:
            outcome = export(source, out, recipe, formats=formats, lang=lang, settings=settings)
        except NothingUsable as error:
            raise NoRows(error, read_manifest(out) or {}) from None
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(path for path in out.rglob("*") if path.is_file()):
                within = zipfile.ZipInfo(f"{folder}/{path.relative_to(out).as_posix()}", _EPOCH)
                within.compress_type, within.external_attr = zipfile.ZIP_DEFLATED, _FILE
                with path.open("rb") as one, archive.open(within, "w", force_zip64=True) as other:
                    shutil.copyfileobj(one, other)
    return outcome
