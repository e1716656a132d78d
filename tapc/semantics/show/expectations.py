"""Expectations as they are written, and figures next to them."""

from fractions import Fraction

from tapc.ir import PICO, Expectation, Unit, Verified, dollars
from tapc.semantics.page import Page, count, number, percent
from tapc.syntax import write_name

_MOST_DIGITS = 12


def expectations(given: tuple[Expectation, ...] | None, page: Page) -> None:
    """`expect { … }`."""
    if given:
        page.gap()
        with page.block("expect", "expect"):
            for one in given:
                page.put(written(one), f"expect.{measured(one)}")


def written(given: Expectation) -> str:
    """An expectation as a spec says it."""
    words = [f"{given.measure} {'.'.join(map(write_name, given.of))}".rstrip(), bound(given)]
    words += [] if given.per is None else ["per", write_name(given.per)]
    words += [] if given.config is None else ["of", write_name(given.config)]
    return " ".join(words)


def measured(given: Expectation) -> str:
    """What an expectation is about: all of it but the bound."""
    return " ".join(written(given).replace(f" {bound(given)}", "", 1).split())


def bound(given: Expectation) -> str:
    """The bound, with its comparison."""
    if given.minimum is not None and given.maximum is not None:
        return f"{_exact(given.minimum, given.unit)}..{_exact(given.maximum, given.unit)}"
    if given.minimum is not None:
        return f"{'>' if given.exclusive else '>='} {_exact(given.minimum, given.unit)}"
    return f"{'<' if given.exclusive else '<='} {_exact(given.maximum or Fraction(0), given.unit)}"


def _exact(value: Fraction, unit: Unit) -> str:
    if unit == "share":
        return percent(value)
    if unit == "money":
        return f"${number(value / PICO)}"
    return count(int(value)) if unit == "count" and value >= 0 else number(value)


def amount(found: Verified) -> str:
    """The figure that was found, with as many digits as tell on which side of the bound it is."""
    value, unit = found.value, found.expectation.unit
    if value is None:
        return "nothing to measure" if found.holds is False else "known after a run"
    if unit == "count":
        return f"{round(value):,}"
    scale = {"share": Fraction(1, 100), "money": Fraction(PICO), "number": Fraction(1)}[unit]
    for digits in range(1 if unit == "share" else 2, _MOST_DIGITS):
        rounded = round(value / scale, digits) * scale
        if found.expectation.holds(rounded) == found.holds:
            break
    else:
        digits = _MOST_DIGITS
    if unit == "money":
        return dollars(round(value), digits)
    text = f"{float(round(value / scale, digits)):.{digits}f}"
    return f"{text}%" if unit == "share" else text
