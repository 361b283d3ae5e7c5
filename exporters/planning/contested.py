"""Which tasks have answers that contradict each other and that the recipe leaves unsettled."""

from __future__ import annotations

import polars as pl

from goldleaf.agreement.conflict_policies import NEEDS_ADJUDICATION
from goldleaf.agreement.newest_states import current_votes, settled_votes
from goldleaf.agreement.settle import UNSETTLED, settle
from goldleaf.exporters.ingest.ingest import Ingested
from goldleaf.exporters.planning.select import numbered_examples
from goldleaf.recipes.recipe import Recipe


def contested(ingested: Ingested, recipe: Recipe) -> set[str]:
    """Return the keys of the inputs to such tasks.

    A task is contested where an example of it was dropped for a contradiction, no other example of
    the same use was kept, and those who gave such examples are at least half of its voters: two
    ties against one preference are settled, though nothing is exported. Where the policy waits for
    an adjudicator, a majority settles nothing.
    """
    examples, tables = numbered_examples(ingested), ingested.tables
    all_votes, rejected = tables.votes.load(), ingested.rejected()
    found = settle(all_votes, tables.claims.load(), rejected, examples, recipe)
    unsettled = found.dropped.filter(pl.col("reason").is_in(UNSETTLED))
    lost = unsettled.group_by("record").agg(waits=(pl.col("reason") == NEEDS_ADJUDICATION).any())
    gone = examples.join(found.examples.select("number"), on="number", how="anti")
    gone = gone.join(lost, on="record").select("arrival", "use", "waits")
    votes = settled_votes(current_votes(all_votes, rejected)).filter(pl.col("task") > 0)
    votes = votes.select("arrival", "voter", "task").unique()
    kept = found.examples.select("arrival", "use").join(votes, on="arrival").select("task", "use")
    open_ = gone.join(votes, on="arrival").join(kept.unique(), on=["task", "use"], how="anti")
    against = open_.group_by("task").agg(pl.col("waits").any(), against=pl.col("voter").n_unique())
    voters = votes.group_by("task").agg(voters=pl.col("voter").n_unique())
    half = 2 * pl.col("against") >= pl.col("voters")
    tasks = against.join(voters, on="task").filter(pl.col("waits") | half)
    arrivals = votes.join(tasks, on="task", how="semi").select("arrival").unique()
    links = ingested.links.join(arrivals, on="arrival", how="semi").select("answer").unique()
    answers = ingested.answers.load("answer", "key")
    return set(answers.join(links, on="answer", how="semi")["key"])
