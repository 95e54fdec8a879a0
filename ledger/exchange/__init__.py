"""A ledger written out for other programs, and time read from them."""
