"""`tapc schema`."""

import json

import click

from tapc.cli import options
from tapc.cli.printing import put_json
from tapc.workspace.schemas import SCHEMAS, document_schema


@click.command("schema", epilog="Example:\n\n  tapc schema plan > plan.schema.json")
@click.argument("name", type=click.Choice(SCHEMAS))
@options.without_color
@options.only_results
def command(name: str) -> None:
    """Print the JSON Schema of a document that tapc writes: of a plan, a diff, a dataset, a run or an export."""
    put_json(json.dumps(document_schema(name), indent=2, ensure_ascii=False))
