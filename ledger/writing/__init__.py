"""Adding records to a ledger's files, so that each file stays one that a person would write.

``write`` is the door: it checks what the ledger would be, then replaces the file.
"""
