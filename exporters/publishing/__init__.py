"""Write the folder of an export: tables, ledger, manifest, cards; all or nothing."""
