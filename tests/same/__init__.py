"""Compares what two versions of the program put out, command by command and file by file."""
