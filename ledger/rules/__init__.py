"""The rules of the ledger: each has one name, one sentence and one function."""
