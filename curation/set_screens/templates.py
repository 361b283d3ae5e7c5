"""Openings and closings that very many answers share, and how varied their style is (S3, S10)."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from goldleaf.curation.set_screens.set_screen import SetFindings, SetInputs
from goldleaf.curation.set_style.style import style_report
from goldleaf.curation.set_style.templates import templates

NAME = "templates"
SCREENS = ("template",)
ALONE = True


def run(inputs: SetInputs) -> SetFindings:
    """Return which answers follow a template, and the measures of the set's style."""
    rows = inputs.batches.read("record", "answer", "structured")
    report = style_report(rows)
    style = {name: round(value, 3) for name, value in asdict(report.style).items()}
    facts = {"answers": report.measured, **style, "style_collapsed": report.collapsed}
    if report.reasons:
        facts["style_reasons"] = "; ".join(report.reasons)
    found = templates(rows).with_columns(screen=pl.lit("template"))
    return SetFindings(findings=found, facts={"style": facts})
