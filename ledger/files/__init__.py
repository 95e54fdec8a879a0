"""Files to records: a folder or a commit is listed and read, YAML text becomes models."""
