"""What refuses, and whether it should: refusal detector, words of risk, harm of a prompt."""
