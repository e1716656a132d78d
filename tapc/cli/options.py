"""Options that several commands share."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

STORE = Path(".tapc")

OUTSIDE = "tapc.outside"
"""Where `--allow-outside` stands in a context's `meta`."""

LINE = "tapc.line"
"""Where the command line stands in a context's `meta`."""


def same_again() -> str:
    """The command as it was given, ready to be pasted into a shell."""
    return click.get_current_context().meta[LINE]


def settings(function: F) -> F:
    """`--set NAME=VALUE`, as often as wanted."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_pairs,
        help="Value of a `param` of the spec; may be repeated.",
    )(function)


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
    """Whether `--allow-outside` was given; not where no command runs."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(OUTSIDE))


def dataset(function: F) -> F:
    """`--dataset NAME`."""
    return click.option("--dataset", metavar="NAME", help="Which dataset, where a file declares several.")(function)


def color(function: F) -> F:
    """`--color`."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="Colour the output; `auto` asks the terminal and NO_COLOR.",
    )(function)


def quiet(function: F) -> F:
    """`--quiet`."""
    return click.option("-q", "--quiet", is_flag=True, help="Print results and errors only.")(function)


def only_results(function: F) -> F:
    """`--quiet` of a command that prints nothing but results and errors anyway; the command is not told."""
    return click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, help="Print results and errors only, as it does anyway."
    )(function)


def uncolored(function: F) -> F:
    """`--color` of a command that never colors anything; the command is not told."""
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        expose_value=False,
        help="Taken as everywhere; there is nothing to color.",
    )(function)


def store(function: F) -> F:
    """`--store DIR`."""
    return click.option(
        "--store",
        type=click.Path(path_type=Path, file_okay=False),
        default=STORE,
        show_default=True,
        metavar="DIR",
        help="Where replies and the ledger are kept.",
    )(function)


def endpoints(function: F) -> F:
    """`--endpoint NAME=URL[#MODEL]`, as often as wanted."""
    return click.option(
        "--endpoint",
        "endpoints",
        multiple=True,
        metavar="NAME=URL[#MODEL]",
        help="Send one endpoint's requests elsewhere, for this command; may be repeated.",
    )(function)


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
        help="A table, complete JSON, or Markdown for a pull request.",
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
