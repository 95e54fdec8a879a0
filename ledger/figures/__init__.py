"""What follows from the records on a date: pure functions, no file, no clock."""
