"""What Git adds to the files: who recorded what and when, and whether it was changed since."""
