"""`goldleaf check`: is this export whole, and does it keep its promises?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from goldleaf.cli.options import JsonOption
from goldleaf.cli.output import say, say_json, table
from goldleaf.core.errors import UsageError


def check(
    out: Annotated[Path, typer.Argument(help="The folder of an export.")],
    as_json: JsonOption = False,
) -> None:
    """Check that an export is whole.

    Files against the manifest, the ledger's sums, the invariants of every row.
    """
    from goldleaf.exporters.check import check as run

    if not out.is_dir():
        raise UsageError("There is no such folder.", where=str(out))
    findings = run(out)
    if as_json:
        say_json([{"code": f.code, "where": f.where, "detail": f.detail} for f in findings])
    elif findings:
        say(table([(f.code, f.where, f.detail) for f in findings]))
    else:
        say(f"{out}: whole.")
    if findings:
        raise typer.Exit(1)
