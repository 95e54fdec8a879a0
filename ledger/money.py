"""Money: how many decimals a currency has, and amounts shared out without losing a cent."""

from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise

# ISO 4217, table A.1: the currencies whose minor unit is not a hundredth.
_NO_DIGITS = frozenset(
    (
        *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
        *("VND", "VUV", "XAF", "XOF", "XPF"),
    )
)
_THREE_DIGITS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_FOUR_DIGITS = frozenset(("CLF", "UYW"))


def count_digits(currency: str) -> int:
    """Return how many decimals amounts in a currency have: 2 for USD, 0 for JPY, 3 for KWD."""
    for digits, currencies in ((0, _NO_DIGITS), (3, _THREE_DIGITS), (4, _FOUR_DIGITS)):
        if currency in currencies:
            return digits
    return 2


def explain_digits(amount: Decimal, currency: str) -> tuple[str, str] | None:
    """Say that an amount has more decimals than its currency, and what to write; None if not."""
    digits, written = count_digits(currency), -int(amount.as_tuple().exponent)
    if written <= digits:
        return None
    hint = f"write at most {digits} decimals" if digits else "write it without decimals"
    return f"{amount} has {written} decimals, {currency} has {digits or 'none'}", hint


def format_amount(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency's decimals and no grouping: ``2000.00``."""
    return f"{amount:.{count_digits(currency)}f}"


def fit_amount(amount: Decimal, currency: str) -> Decimal:
    """Return an amount with its currency's decimals; as it is where it has more."""
    fitted = amount.quantize(Decimal(1).scaleb(-count_digits(currency)), ROUND_HALF_EVEN)
    return fitted if fitted == amount else amount


def make_pattern(currency: str) -> str:
    """Return how Babel writes amounts in a currency: ``#,##0.00``."""
    return f"{Decimal(0):.{count_digits(currency)}f}".replace("0", "#,##0", 1)


def round_share(amount: Decimal, part: int, whole: int, digits: int) -> Decimal:
    """Return ``part`` of ``whole`` equal parts of an amount, rounded half-even."""
    return (amount * part / whole).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def share_amount(amount: Decimal, count: int, digits: int) -> list[Decimal]:
    """Return an amount in ``count`` shares that add up to it: each is a difference of sums."""
    sums = [round_share(amount, number, count, digits) for number in range(count + 1)]
    return [after - before for before, after in pairwise(sums)]
