"""The Content-Security-Policies that the build writes beside the portals, for web servers."""

import json
from pathlib import Path

_MANIFEST = "punchcard-portals.json"


def read_policies(output: Path) -> dict[str, str]:
    """Return the policy of each portal, by the name of its folder."""
    manifest = json.loads((output / _MANIFEST).read_text(encoding="utf-8"))
    return {slug: record["content_security_policy"] for slug, record in manifest["portals"].items()}


def parse_policy(policy: str) -> dict[str, set[str]]:
    """Return the sources that each directive of a policy allows."""
    rules = {}
    for rule in policy.split(";"):
        name, *sources = rule.split()
        rules[name] = set(sources)
    return rules
