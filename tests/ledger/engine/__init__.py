"""Tests of the arithmetic: draw-down, balance, statement, last days."""
