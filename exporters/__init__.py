"""From readings to files a trainer loads: recipe, rules, split, ledger, publishing."""
