"""From input results to files that a trainer loads: ingest, rules, planning, report, publishing."""
