"""The command line: parse, call one function, print.

Only this room prints, exits and reads the clock.
"""
