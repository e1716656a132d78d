"""Prints findings in the format asked for."""

from collections.abc import Sequence
from typing import cast

import click

from tapc.diagnostics import Diagnostic

FORMATS = ("text", "json", "github", "sarif")


def print_findings(
    findings: Sequence[Diagnostic], form: str = "text", color: str = "auto", *, checked: int = 0, quiet: bool = False
) -> None:
    """Print findings; text goes to standard error when it accompanies other output (`checked` is 0)."""
    if form == "text" and not findings:  # without rich, which takes a tenth of what checking a small spec does
        if checked and not quiet:
            click.echo(f"{checked} spec{'s' if checked != 1 else ''} checked, nothing to report.")
        return
    if form == "text":
        from tapc.ui import ColorMode, make_console, show_findings  # noqa: PLC0415 - rich, only where text is printed

        console = make_console(cast("ColorMode", color), stderr=not checked)
        show_findings(console, findings)
        return
    from tapc.diagnostics import to_github, to_json, to_sarif  # noqa: PLC0415 - only where asked for

    writer = {"json": to_json, "github": to_github, "sarif": to_sarif}[form]
    text = writer(findings)
    if text:
        click.echo(text)
