"""How to train with it."""

from goldleaf.trainers.page_template import render


def pages(tables, words):
    """Return a page for each table."""
    return {f"{t.name}/README.md": render("tally", "page", {"table": t}, words) for t in tables}
