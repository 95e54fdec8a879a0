"""The ledger of prepaid punchcards: files, rules and balances. It knows nothing of portals."""
