"""What becomes of every example: strata, demands, the plan, order, what fell short."""
