"""``python -m ledger.cli``: the ledger's commands without the portals', for Git's hooks."""

from ledger.cli.main import punchcard, run_and_exit

run_and_exit(punchcard)
