"""The command line: parse, call one function, print. Only this room does, or reads the clock."""
