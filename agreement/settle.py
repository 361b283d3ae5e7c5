"""Which examples are kept where annotations contradict each other: one answer a task.

The newest state of an annotation replaces older ones, and so does an annotator's newest annotation
of a task. Of a task that an adjudicator settled, that word alone counts. The recipe's policy may
take votes out of a task that people answer differently (`conflict_policies`). The rest vote, each
annotator once:

- A text is taught (SFT row, thumb up) where more annotators teach it than call it bad, worse than
  another, or answer its task with another text or a tie.
- It is the better one of a pair where more teach or prefer it than call it bad, and in the tasks
  that the pair is of more than call it bad there, or answer with another text or a tie. Compared
  with other answers in other tasks, it may be the worse one there.
- It is the worse one of a pair where more call it so, or bad, than teach it; and a thumb down where
  more call it bad than teach or prefer it.
- Verdicts on steps are kept where, of each step, more annotators say so than say the opposite.

Of two that contradict each other at most one can stay, and none where votes are even. What was
imported counts as one vote, and only where no annotator judged the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from goldleaf.agreement.conflict_policies import (
    DISAGREEMENT,
    NEEDS_ADJUDICATION,
    OUTVOTED,
    apply_policies,
    outvoted,
)
from goldleaf.agreement.counterparts import with_counterparts
from goldleaf.agreement.newest_states import current_votes, repeated, settled_votes
from goldleaf.agreement.pair_cycles import in_cycles, outranked
from goldleaf.agreement.pair_majorities import (
    OPPOSED,
    opposed_votes,
    pair_majorities,
    reversed_pairs,
)
from goldleaf.agreement.review import (
    BROKEN_JSON,
    CYCLE,
    NO_REFUSAL,
    REFUSAL,
    STRUCTURED,
)
from goldleaf.agreement.step_verdicts import contradicted_rows
from goldleaf.agreement.votes import (
    CHOSEN,
    CLAIMS_AT_ONCE,
    IMPORTED,
    LOST,
    REJECTED,
    STEP_SIDES,
    TAUGHT,
    TIED,
)

if TYPE_CHECKING:
    from goldleaf.recipes.recipe import Recipe

SUPERSEDED, OUTRANKED = "superseded", "outranked"
OVERRULED = "adjudicated"
"""An adjudicator decided otherwise."""
UNSETTLED = (DISAGREEMENT, NEEDS_ADJUDICATION)
"""Reasons of what nobody's word has settled yet: a further annotator or an adjudicator may."""
_TEXT = ["prompt", "text"]
_READ = "number record arrival use prompt answer other good suspicion".split()
"""What is read of the examples; a rule's columns stay out of what is joined and filtered here."""


@dataclass(frozen=True)
class Settlement:
    """Examples after votes were counted.

    `examples`: those kept; `dropped`: record, reason and instead (the record that replaces or
    contradicts it, or null) of the rest, a row for each example; `standings`: arrival,
    n_annotators, agreement and soft_label (`goldleaf.agreement.conflict_policies`), where the
    recipe asks for soft labels, else without rows.
    """

    examples: pl.DataFrame
    dropped: pl.DataFrame
    standings: pl.DataFrame


def settle(
    votes: pl.DataFrame,
    claims: pl.DataFrame,
    answers: pl.DataFrame,
    examples: pl.DataFrame,
    recipe: Recipe,
) -> Settlement:
    """Drop examples that annotators contradict or outvote, and those that a person should review.

    Args:
        votes: one row a vote (`goldleaf.agreement.votes.vote_schema`).
        claims: one row a claim (`goldleaf.agreement.votes.claim_schema`).
        answers: annotation and stamp of rejected annotations (`newest_states`).
        examples: numbered, with record, arrival, use, prompt, answer, other, good and suspicion.
        recipe: `conflicts`, `review` and `pairs.policy`.
    """
    everything, examples = examples, examples.select(_READ)
    newest = current_votes(votes, answers)
    counted = settled_votes(newest)
    old = votes.select("arrival").join(newest, on="arrival", how="anti").unique()
    overruled = newest.select("arrival").join(counted, on="arrival", how="anti").unique()
    ruling = apply_policies(counted, claims, recipe)
    del counted
    current = ruling.votes
    reasons = [examples.select("number", reason=pl.lit("")).clear()]

    def of(arrivals: pl.DataFrame) -> pl.Series:
        found = examples.select("number", "arrival")
        return found.join(arrivals, on="arrival", how="semi")["number"]

    def leave(numbers: pl.Series, reason: str) -> None:
        nonlocal examples
        if numbers.len():
            reasons.append(numbers.unique().to_frame("number").with_columns(reason=pl.lit(reason)))
            examples = examples.filter(~pl.col("number").is_in(numbers.implode()))

    leave(of(old), SUPERSEDED)
    leave(of(overruled), OVERRULED)
    if recipe.review.structured_output:
        leave(examples.filter(suspicion=BROKEN_JSON)["number"], STRUCTURED)
    for reason in (OUTVOTED, NEEDS_ADJUDICATION, DISAGREEMENT):
        leave(of(ruling.gone.filter(reason=reason)), reason)
    against = _contradicted(examples, current, claims)
    minority = of(outvoted(current))
    minority = minority.filter(minority.is_in(against.implode()))
    leave(minority, OUTVOTED)
    leave(against.filter(~against.is_in(minority.implode())), DISAGREEMENT)
    steps = contradicted_rows(examples, current, claims)
    leave(steps.filter("lost")["number"], OUTVOTED)
    leave(steps.filter(~pl.col("lost"))["number"], DISAGREEMENT)
    if recipe.review.refusals:
        slips = examples.filter(suspicion=NO_REFUSAL)
        voters = current.filter(pl.col("voter") != IMPORTED).join(slips, on="arrival", how="semi")
        counts = voters.group_by("arrival").agg(pl.col("voter").n_unique().alias("n"))
        confirmed = counts.filter(pl.col("n") > 1)
        leave(slips.join(confirmed, on="arrival", how="anti")["number"], REFUSAL)
    if recipe.review.cycles:
        leave(in_cycles(examples), CYCLE)
    if recipe.pairs.policy == "best_worst":
        leave(outranked(examples), OUTRANKED)
    gone = everything.select(_READ).join(pl.concat(reasons), on="number")
    dropped = with_counterparts(gone, examples, votes, newest, claims)
    if gone.height:
        everything = everything.filter(~pl.col("number").is_in(gone["number"].implode()))
    return Settlement(everything, dropped, ruling.standings)


def _contradicted(examples: pl.DataFrame, current: pl.DataFrame, claims: pl.DataFrame) -> pl.Series:
    """Return the numbers of the examples that a majority of votes contradicts."""
    people = current.filter(pl.col("voter") != IMPORTED).select("arrival", "voter", "task", "shown")
    texts = claims.filter(~pl.col("side").is_in(STEP_SIDES))
    opposed = opposed_votes(repeated(people.filter("shown"), "task").join(texts, on="arrival"))
    voters, imported = people.select("arrival", "voter"), _imported(examples, current)
    parts = 1 + (texts.height + imported.height) // CLAIMS_AT_ONCE
    settled = pl.concat(
        _settled_texts(
            texts.filter(own).join(voters, on="arrival").select(*_TEXT, "voter", "side"),
            opposed.filter(own).drop("task").unique(),
            imported.filter(own),
        )
        for own in (pl.col("prompt") % parts == part for part in range(parts))
    )
    answer = settled.select("prompt", "taught", "preferred", "wanted", answer="text")
    other = settled.select("prompt", other="text", lost="lost")
    as_answer = settled.select("prompt", answer="text", rejected="rejected")
    found = (
        examples.filter(pl.col("prompt").is_in(settled["prompt"].unique().implode()))
        .join(answer, on=["prompt", "answer"], how="left")
        .join(as_answer, on=["prompt", "answer"], how="left")
        .join(other, on=["prompt", "other"], how="left")
        .join(pair_majorities(examples, people, texts, opposed), on="number", how="left")
    )
    teaches = (pl.col("use") == "sft") | ((pl.col("use") == "kto") & pl.col("good"))
    keeps = (
        pl.when(teaches)
        .then("taught")
        .when(pl.col("use") == "dpo")
        .then(
            pl.when(pl.col("majority").is_null())
            .then("preferred")
            .otherwise(pl.col("wanted") & pl.col("majority"))
            & pl.col("lost").fill_null(True)
        )
        .when(pl.col("use") == "kto")
        .then("rejected")
        .otherwise(pl.lit(True))
    )
    against = found.filter(~keeps.fill_null(True))["number"]
    reverse = reversed_pairs(examples, current)
    wrong = _outvoted_behaviour(current)
    unsettled = examples.join(wrong, on="arrival", how="semi")["number"]
    return pl.concat([against, reverse, unsettled]).unique()


def _imported(examples: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Return the claims of imported examples: prompt, text, side."""
    examples = examples.select("number", "arrival", "use", "prompt", "answer", "other", "good")
    people = current.filter(pl.col("voter") != IMPORTED).select("arrival")
    mixed = current.filter(voter=IMPORTED).select("arrival")
    alone = examples.join(people, on="arrival", how="anti")
    both = examples.join(mixed, on="arrival", how="semi")
    alone = alone if not both.height else pl.concat([alone, both]).unique("number")
    alone = alone.filter(pl.col("answer") != pl.col("other"))
    side = (
        pl.when(pl.col("use") == "dpo")
        .then(CHOSEN)
        .when((pl.col("use") == "sft") | pl.col("good"))
        .then(TAUGHT)
        .otherwise(REJECTED)
        .cast(pl.Int8)
    )
    judged = alone.filter(pl.col("use") != "stepwise")
    lost = alone.filter(use="dpo")
    return pl.concat(
        [
            judged.select("prompt", text="answer", side=side),
            lost.select("prompt", text="other", side=pl.lit(LOST, pl.Int8)),
        ]
    )


def _settled_texts(
    people: pl.DataFrame, opposed: pl.DataFrame, imported: pl.DataFrame
) -> pl.DataFrame:
    """Return prompt, text and whether the text is taught, preferred, wanted, lost, rejected.

    Texts that no claim contradicts are left out.

    Args:
        people: prompt, text, voter, side of annotators.
        opposed: the same of those who answer a task otherwise (`opposed_votes`).
        imported: prompt, text, side.
    """
    judged_texts = people.filter(pl.col("side") != TIED)
    rest = imported.join(judged_texts, on=_TEXT, how="anti")
    taught = pl.concat(
        [judged_texts.filter(pl.col("side") > 0).select(_TEXT), _keys(rest, good=True)]
    )
    lost = pl.concat(
        [judged_texts.filter(pl.col("side") < 0).select(_TEXT), _keys(rest, good=False)]
    )
    mixed = imported.join(judged_texts, on=_TEXT, how="semi").select(_TEXT)
    contested = pl.concat([taught.join(lost, on=_TEXT, how="semi"), opposed.select(_TEXT), mixed])
    contested = contested.unique()
    ballots = pl.concat(
        [
            judged_texts,
            opposed,
            rest.join(contested, on=_TEXT, how="semi").select(
                *_TEXT, pl.lit(IMPORTED, pl.UInt64).alias("voter"), "side"
            ),
        ]
    ).join(contested, on=_TEXT, how="semi")

    def of(*sides: int) -> pl.Expr:
        return pl.col("voter").filter(pl.col("side").is_in(sides)).n_unique()

    against = of(LOST, REJECTED, OPPOSED)
    return ballots.group_by(_TEXT).agg(
        taught=of(TAUGHT) > against,
        preferred=of(TAUGHT, CHOSEN) > of(REJECTED, OPPOSED),
        wanted=of(TAUGHT, CHOSEN) > of(REJECTED),
        lost=of(LOST, REJECTED) > of(TAUGHT),
        rejected=of(REJECTED) > of(TAUGHT, CHOSEN),
    )


def _keys(imported: pl.DataFrame, *, good: bool) -> pl.DataFrame:
    return imported.filter(pl.col("side") > 0 if good else pl.col("side") < 0).select(_TEXT)


def _outvoted_behaviour(current: pl.DataFrame) -> pl.DataFrame:
    """Return the arrivals whose right behaviour of a prompt (refuse, comply...) has no majority."""
    settled = current.filter(pl.col("right") > 0)
    counted = settled.group_by("prompt", "right").agg(pl.col("voter").n_unique().alias("n"))
    most = 2 * pl.col("n") > pl.col("n").sum().over("prompt")
    return settled.join(counted.filter(~most), on=["prompt", "right"], how="semi").select("arrival")
