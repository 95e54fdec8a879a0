"""Tests of the arithmetic: draw-down, balance, statement, last days."""

import pytest

pytest.register_assert_rewrite("tests.ledger.engine.worked_tables")
