"""Who may open which portal: worked out from the ledger, written as files for a web server."""
