"""Exact targets of siblings: counts first, then percentages, then weights divide the rest, within bounds."""

from fractions import Fraction

import msgspec

from tapc.ir import Share
from tapc.quota.problem import Kind, QuotaError, QuotaProblem

_FREE = Fraction(0)


class Siblings(msgspec.Struct, frozen=True):
    """Entries that divide a total, and their names.

    Attributes:
        owner: what is divided, in words.
        path: its IR path; the path of a sibling is this, a dot and its name.
        names: names of the siblings.
        shares: shares of the siblings.
    """

    owner: str
    path: str
    names: tuple[str, ...]
    shares: tuple[Share, ...]


class Targets(msgspec.Struct, frozen=True):
    """The exact target of each sibling for m samples: `slope * m + offset`, valid around the m it was made for."""

    slope: list[Fraction]
    offset: list[Fraction]


def targets(siblings: Siblings, total: int) -> Targets:
    """Divide `total` samples.

    Bounds are applied by freezing, in rounds, the siblings that break theirs in the direction of the larger total
    breach, as in the CSS flexible box algorithm (W3C CSS Flexbox, section 9.7). If no sibling has a weight, the
    difference that bounds make is spread over the percentages in proportion.

    Raises:
        QuotaError: the shares contradict each other or the total.
    """
    shares = siblings.shares
    _check_bounds(siblings)
    fixed: dict[int, int] = {i: int(s.value) for i, s in enumerate(shares) if s.kind == "count"}
    percent = {i: s.value for i, s in enumerate(shares) if s.kind == "percent"}
    weight = {i: s.value for i, s in enumerate(shares) if s.kind == "weight"}
    _check_sum(siblings, total, fixed, percent)
    if weight:
        for i in list(percent):
            clamped = _clamp(shares[i], percent[i] * total)
            if clamped is not None:
                fixed[i] = clamped
                del percent[i]
    elif sum(percent.values(), _FREE) > 0:
        weight, percent = percent, {}
    _spread(siblings, total, fixed, percent, weight)
    rate = 1 - sum(percent.values(), _FREE)
    rest = -sum(fixed.values())
    mass = sum(weight.values(), _FREE)
    slope = [_FREE] * len(shares)
    offset = [_FREE] * len(shares)
    for i in range(len(shares)):
        if i in fixed:
            offset[i] = Fraction(fixed[i])
        elif i in percent:
            slope[i] = percent[i]
        elif mass:
            slope[i], offset[i] = rate * weight[i] / mass, rest * weight[i] / mass
    return Targets(slope, offset)


def _clamp(share: Share, value: Fraction) -> int | None:
    if share.at_least is not None and value < share.at_least:
        return share.at_least
    if share.at_most is not None and value > share.at_most:
        return share.at_most
    return None


def _spread(
    siblings: Siblings,
    total: int,
    fixed: dict[int, int],
    percent: dict[int, Fraction],
    weight: dict[int, Fraction],
) -> None:
    """Move weighted siblings that break a bound to `fixed`, until none does."""
    shares = siblings.shares
    while True:
        rest = total - sum(fixed.values()) - sum((total * p for p in percent.values()), _FREE)
        mass = sum(weight.values(), _FREE)
        if rest < 0 or (rest > 0 and not mass):
            raise _unplaced(siblings, total, fixed, percent, rest)
        breach: dict[int, tuple[int, Fraction]] = {}
        for i, w in weight.items():
            value = rest * w / mass if mass else _FREE
            bound = _clamp(shares[i], value)
            if bound is not None:
                breach[i] = (bound, bound - value)
        if not breach:
            return
        balance = sum((b for _, b in breach.values()), _FREE)
        for i, (bound, by) in breach.items():
            if (by > 0 and balance >= 0) or (by < 0 and balance <= 0):
                fixed[i] = bound
                del weight[i]


def _check_bounds(siblings: Siblings) -> None:
    for name, share in zip(siblings.names, siblings.shares, strict=True):
        if share.at_least is not None and share.at_most is not None and share.at_least > share.at_most:
            message = f"{name} wants at least {share.at_least} and at most {share.at_most}"
            raise QuotaError(QuotaProblem("bounds", message, (f"{siblings.path}.{name}",)))
        if share.kind == "count" and _clamp(share, share.value) is not None:
            message = f"{name} wants exactly {share.value}, which its own bounds forbid"
            raise QuotaError(QuotaProblem("bounds", message, (f"{siblings.path}.{name}",)))


def _check_sum(siblings: Siblings, total: int, fixed: dict[int, int], percent: dict[int, Fraction]) -> None:
    weighted = any(share.kind == "weight" for share in siblings.shares)
    share = sum(percent.values(), _FREE)
    if share > 1:
        message = f"the percentages in {siblings.owner} add up to {_percent(share)}, over by {_percent(share - 1)}"
        raise _problem(siblings, "percent", message, total)
    need = sum(fixed.values()) + sum(
        (max(total * p, Fraction(siblings.shares[i].at_least or 0)) if weighted else total * p)
        for i, p in percent.items()
    )
    least = sum(s.at_least or 0 for s in siblings.shares if s.kind == "weight") + need
    if least > total:
        raise _over(siblings, total, least)
    if not weighted and need < total:
        message = f"children take {_number(need)}, {siblings.owner} has {total}, {_number(total - need)} are left over"
        raise _problem(siblings, "under", message, total)
    lows = sum(max(s.at_least or 0, int(s.value) if s.kind == "count" else 0) for s in siblings.shares)
    if lows > total:
        raise _over(siblings, total, Fraction(lows))


def _unplaced(
    siblings: Siblings, total: int, fixed: dict[int, int], percent: dict[int, Fraction], rest: Fraction
) -> QuotaError:
    taken = sum(fixed.values()) + sum((total * p for p in percent.values()), _FREE)
    if rest < 0:
        return _over(siblings, total, taken)
    message = f"children can take {_number(taken)} at most, {siblings.owner} has {total}, {_number(rest)} are left over"
    return _problem(siblings, "under", message, total)


def _over(siblings: Siblings, total: int, need: Fraction | int) -> QuotaError:
    message = f"children need {_number(need)}, {siblings.owner} has {total}, over by {_number(need - total)}"
    return _problem(siblings, "over", message, total)


def _problem(siblings: Siblings, kind: Kind, message: str, total: int) -> QuotaError:
    """Name the siblings with explicit shares, largest first, at most eight."""
    asks: list[tuple[Fraction, str, str]] = []
    for name, share in zip(siblings.names, siblings.shares, strict=True):
        text = _describe(share, total)
        if text:
            size = share.value if share.kind == "count" else share.value * total if share.kind == "percent" else _FREE
            asks.append((max(size, Fraction(share.at_least or 0)), name, text))
    asks.sort(key=lambda ask: (-ask[0], ask[1]))
    notes = [f"{name}: {text}" for _, name, text in asks[:8]]
    if len(asks) > 8:
        notes.append(f"and {len(asks) - 8} more")
    paths = (siblings.path, *(f"{siblings.path}.{name}" for _, name, _ in asks[:8]))
    return QuotaError(QuotaProblem(kind, message, paths, tuple(notes)))


def _describe(share: Share, total: int) -> str:
    words: list[str] = []
    if share.kind == "count":
        words.append(f"count {share.value}")
    elif share.kind == "percent":
        words.append(f"{_percent(share.value)} of {total} = {_number(share.value * total)}")
    if share.at_least is not None:
        words.append(f"at least {share.at_least}")
    if share.at_most is not None:
        words.append(f"at most {share.at_most}")
    return ", ".join(words)


def _percent(value: Fraction) -> str:
    return f"{_number(value * 100)}%"


def _number(value: Fraction | int) -> str:
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    scaled = round(exact * 1000)
    return f"{scaled // 1000}.{scaled % 1000:03d}".rstrip("0").rstrip(".")
