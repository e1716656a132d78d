"""What commands print without a view: sentences and documents, none of which acts on the terminal."""

import sys

import click

from tapc.outside.visible import visible_json, visible_lines


def say(text: str, *, err: bool = True) -> None:
    """A sentence for people; names of files and the like in it are made visible."""
    click.echo(visible_lines(text), err=err)


def put(text: str, *, nl: bool = True) -> None:
    """A text that may be data, such as a spec: to a pipe or file as it is, to a terminal with all of it visible."""
    click.echo(visible_lines(text) if sys.stdout.isatty() else text, nl=nl)


def put_json(document: str) -> None:
    """A JSON document."""
    click.echo(visible_json(document))
