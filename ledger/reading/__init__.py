"""Files to records: YAML text read into models, with the exact place of every value."""
