"""What becomes of every example: strata, constraints, the plan, order, what fell short."""
