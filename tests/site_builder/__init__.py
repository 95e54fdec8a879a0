"""Tests of the portals."""
