"""What was worked out before, kept for the next run: found by content, never by time stamps."""
