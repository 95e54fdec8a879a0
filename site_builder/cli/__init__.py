"""The command line of the portals: parse, call one function, print."""
