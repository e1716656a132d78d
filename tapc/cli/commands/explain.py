"""`tapc explain`."""

import sys

import click

from tapc.cli import exits, options
from tapc.cli.printing import say
from tapc.diagnostics import did_you_mean, rules


@click.command("explain", epilog="Examples:\n\n  tapc explain TAP203\n\n  tapc explain content_filter")
@click.argument("code", metavar="CODE")
@options.color
@options.only_results
def command(code: str, color: str) -> None:
    """Explain a diagnostic code (or its name), with a wrong and a right example.

    A word by which a provider ends a reply, an error code or sentence, or an outcome such as `filtered` is looked up in
    the table of finish reasons.
    """
    from tapc.ui.explain import show_ends, show_rule

    known = rules()
    found = known.get(code.upper()) or next((r for r in known.values() if r.name == code.lower()), None)
    if found is None and show_ends(code, color):
        return
    if found is None:
        close = did_you_mean(code.upper(), known)
        say(f"There is no rule {code}." + (f" Did you mean {close}?" if close else ""))
        sys.exit(exits.USAGE)
    show_rule(found, color)
