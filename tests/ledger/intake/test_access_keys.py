import math
import re

import bcrypt
import pytest
from pydantic import ValidationError

from ledger.errors import LedgerError
from ledger.intake.access_keys import hash_key, make_address, make_key
from ledger.models import Account

HASHED = hash_key("a")


def make_account(key_hash: str) -> Account:
    address, day = "dana@acme.example", "2026-01-12"
    return Account.model_validate(
        {"email": address, "name": "Dana", "created": day, "key_hash": key_hash}
    )


def test_a_key_is_random_and_long_enough_and_easy_to_type() -> None:
    keys = {make_key() for _ in range(500)}
    assert len(keys) == 500
    assert all(
        re.fullmatch("([0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}", key) for key in keys
    )
    assert 28 * math.log2(32) >= 128  # 28 signs of 32
    counts = [sum(key.count(sign) for key in keys) for sign in "0123456789abcdefghjkmnpqrstvwxyz"]
    assert min(counts) > 500 * 28 / 32 / 2


def test_a_hash_is_bcrypts_at_cost_5_and_fits_its_key_alone() -> None:
    key = make_key()
    hashed = hash_key(key)
    assert hashed.startswith("$2y$05$")
    assert make_account(hashed).key_hash == hashed
    assert hashed != hash_key(key)
    assert bcrypt.checkpw(key.encode(), hashed.encode())
    assert not bcrypt.checkpw(make_key().encode(), hashed.encode())
    assert len(key) < 72  # bcrypt looks at no more


@pytest.mark.parametrize("text", ["", "secret", "$2y$05$short", "{plain}x", "$1$a$b", "*"])
@pytest.mark.parametrize("cost", ["$2y$04$", "$2y$06$", "$2y$17$", "$2b$05$", "$2a$05$", ""])
def test_what_is_no_hash_of_ours_is_none(text: str, cost: str) -> None:
    for wrong in (text, f"{HASHED}\nroot:{text}", HASHED.replace("$2y$05$", cost)):
        with pytest.raises(ValidationError):
            make_account(wrong)


def test_an_address_is_made_of_a_domain_and_a_name() -> None:
    assert make_address("Portals.Example.", "host").find_link("acme") == (
        "https://acme.portals.example/"
    )
    assert make_address("portals.example", "path").find_link("acme") == (
        "https://portals.example/acme/"
    )
    for wrong in ("", "localhost", "a..b", "a b.example", "a_b.example", "x" * 300 + ".example"):
        with pytest.raises(LedgerError, match="is no domain"):
            make_address(wrong, "host")
