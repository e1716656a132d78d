"""Options that several commands share, and how their values are read."""

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

STORE = Path(".tapc")

OUTSIDE = "tapc.outside"
"""Key of `--allow-outside` in the `meta` of a context."""

LINE = "tapc.line"
"""Key of the command line in the `meta` of a context."""


def same_again() -> str:
    """The command as it was given, ready to be pasted into a shell."""
    return click.get_current_context().meta[LINE]


_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


def dollars(text: str, *, negative: bool = False) -> int:
    """Picodollars of `2.50` or `$2.50`.

    Raises:
        click.BadParameter: it is not an amount.
    """
    bare = text.replace("$", "", 1)
    try:
        amount = Decimal(bare) * 10**12
    except InvalidOperation:
        raise click.BadParameter(f"{text!r} is not an amount of dollars: write 2.50 or $2.50") from None
    if not amount.is_finite() or (amount < 0 and not negative) or abs(amount) >= 2**62:
        raise click.BadParameter(f"{text!r} is not an amount of dollars: write 2.50 or $2.50")
    return int(amount)


def size(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """Bytes of `500M` or `16G`."""
    unit = _UNITS.get(value[-1:], 1)
    digits = value[:-1] if unit > 1 else value
    if not digits.isdecimal() or not int(digits):
        raise click.BadParameter(f"{value!r} is not a size: write 500M or 16G")
    return int(digits) * unit


def percent(_context: click.Context, _parameter: click.Parameter, value: str) -> float:
    """The share that `5%` or `5` stands for."""
    try:
        share = float(value.removesuffix("%"))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a percentage: write 5%") from None
    if not 0 <= share <= 100:
        raise click.BadParameter(f"{value!r} is not between 0% and 100%")
    return share / 100


def settings(function: F) -> F:
    """`--set NAME=VALUE`, any number of times."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_pairs,
        help="Set a `param` of the spec; may be repeated.",
    )(function)


def no_lock(function: F) -> F:
    """`--no-lock`."""
    return click.option("--no-lock", is_flag=True, help="Plan afresh: neither read nor write SPEC.lock.")(function)


def outside(function: F) -> F:
    """`--allow-outside`; the command asks `follows_outside`."""

    def keep(context: click.Context, _parameter: click.Parameter, value: bool) -> None:  # noqa: FBT001 - as click calls it
        context.meta[OUTSIDE] = value

    return click.option(
        "--allow-outside",
        is_flag=True,
        expose_value=False,
        callback=keep,
        help="Follow links among the spec's files that lead out of its folder.",
    )(function)


def follows_outside() -> bool:
    """Whether `--allow-outside` was given; False outside of a command."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(OUTSIDE))


def dataset(function: F) -> F:
    """`--dataset NAME`."""
    return click.option("--dataset", metavar="NAME", help="Choose a dataset, if the file declares several.")(function)


def color(function: F) -> F:
    """`--color`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Color the output; `auto` depends on the terminal and NO_COLOR.",
    )(function)


def quiet(function: F) -> F:
    """`--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")(function)


def only_results(function: F) -> F:
    """`--quiet` of a command that prints only results and errors anyway; it is not passed to the command."""
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        help="Accepted as everywhere; this command prints only results and errors.",
    )(function)


def without_color(function: F) -> F:
    """`--color` of a command that prints no colors; it is not passed to the command."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        help="Accepted as everywhere; this command prints no colors.",
    )(function)


def store(function: F) -> F:
    """`--store DIR`."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path, file_okay=False),
        default=STORE,
        show_default=True,
        metavar="DIR",
        help="Keep replies and the ledger in this folder.",
    )(function)


def endpoints(function: F) -> F:
    """`--endpoint NAME=URL[#MODEL]`, any number of times."""
    return click.option(
        "--endpoint",
        "endpoints",
        multiple=True,
        metavar="NAME=URL[#MODEL]",
        help="Send the requests of an endpoint to another URL, for this command; may be repeated.",
    )(function)


def named_specs(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Specs that are named, and all below folders that are.

    Raises:
        click.UsageError: a folder holds none: one that was moved must not pass a check.
    """
    from tapc.source import specs_among

    found: list[Path] = []
    for path in paths:
        specs = specs_among([path])
        if not specs:
            raise click.UsageError(f"there is no spec (*.tap) in {path}")
        found += specs
    return tuple(found)


def spec_argument(function: F) -> F:
    """The spec."""
    return click.argument("spec", type=click.Path(path_type=Path), metavar="SPEC")(function)


def _pairs(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for value in values:
        name, equals, content = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        found[name.strip()] = content
    return found


def format_option(function: F) -> F:
    """`--format table|json|markdown`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "json", "markdown"]),
        default="table",
        show_default=True,
        help="Print a table, complete JSON, or Markdown for a pull request.",
    )(function)


def axes(text: str, known: Iterable[str]) -> list[str]:
    """Axes named by `--by`, all of them known.

    Raises:
        click.BadParameter: one is not.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise click.BadParameter(
                f"there is no axis {name!r}; the dataset has {', '.join(known) or 'none'}", param_hint="--by"
            )
    return names


def planning(function: F) -> F:
    """What a command takes that plans one dataset of a spec against a store, in the order of the help."""
    for option in (quiet, color, dataset, outside, settings, endpoints, store):
        function = option(function)
    return function
