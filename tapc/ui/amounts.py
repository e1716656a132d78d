"""Amounts as people read them."""


def money(amount: float) -> str:
    """Dollars for people: cents, or four digits under ten cents."""
    if amount == 0:
        return "$0"
    if amount < 0.0001:
        return "<$0.0001"
    return f"${amount:,.4f}" if amount < 0.1 else f"${amount:,.2f}"


def count(number: int) -> str:
    """Counts for people: exact up to 99,999, then with a unit."""
    for limit, unit in ((10**9, "G"), (10**6, "M")):
        if number >= limit:
            return f"{number / limit:,.1f}{unit}"
    return f"{number:,}" if number < 10**5 else f"{number / 1000:,.0f}k"


def some(number: int, what: str, many: str = "") -> str:
    """A number of things, in singular or plural; `many` where the plural is not made with an s."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {many or what + 's'}"


def duration(seconds: float) -> str:
    """Time for people, in its largest unit."""
    if 0 < seconds < 1:
        return "<1 s"
    for limit, unit in ((172_800, "d"), (5400, "h"), (90, "min")):
        if seconds >= limit:
            size = {"d": 86_400, "h": 3600, "min": 60}[unit]
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:.0f} s"
