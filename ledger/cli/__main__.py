"""``python -m ledger.cli``: the ledger's commands without the portals', for Git's hooks."""

from ledger.cli.exit_policy import run_and_exit
from ledger.cli.punchcard import punchcard

run_and_exit(punchcard)
