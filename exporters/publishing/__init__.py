"""The folder: tables, ledger, manifest, cards, all or nothing."""
