"""What commands print without a view: sentences, documents and findings, none of which acts on the terminal."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import click

from tapc.outside.visible import visible_json, visible_lines

if TYPE_CHECKING:
    from tapc.diagnostics import Diagnostic

FORMATS = ("text", "json", "github", "sarif")


def say(text: str, *, err: bool = True) -> None:
    """Print a sentence for people; names of files and the like in it are made visible."""
    click.echo(visible_lines(text), err=err)


def put(text: str, *, nl: bool = True) -> None:
    """Print a text that may be data, such as a spec: to a pipe or file as it is, to a terminal made visible."""
    click.echo(visible_lines(text) if sys.stdout.isatty() else text, nl=nl)


def put_json(document: str) -> None:
    """Print a JSON document."""
    click.echo(visible_json(document))


def print_findings(
    findings: "Sequence[Diagnostic]",
    form: str = "text",
    color: str = "auto",
    *,
    checked: int = 0,
    quiet: bool = False,
) -> None:
    """Print findings in a format of `FORMATS`.

    Args:
        findings: the findings.
        form: format.
        color: value of `--color`.
        checked: number of specs of `tapc check`, whose findings are its output; 0 where findings accompany other
            output and so go to standard error.
        quiet: whether to print nothing if nothing was found that is not allowed.
    """
    allowed = sum(finding.allowed is not None for finding in findings)
    if form == "text" and allowed == len(findings):  # without rich: a tenth of what checking a small spec takes
        if checked and not quiet:
            more = f" ({allowed} allowed)" if allowed else ""
            click.echo(f"{checked} spec{'s' if checked != 1 else ''} checked, nothing to report{more}.")
        return
    if form == "text":
        from tapc.ui import ColorMode, make_console, show_findings

        console = make_console(cast("ColorMode", color), stderr=not checked)
        show_findings(console, findings)
        return
    from tapc.diagnostics import to_github, to_json, to_sarif

    writer = {"json": to_json, "github": to_github, "sarif": to_sarif}[form]
    text = writer(findings)
    if text:
        click.echo(text)
