"""`tapc sim`."""

import sys

import click

from tapc.cli import exits, options
from tapc.cli.printing import put, say


@click.group("sim", epilog="Example:\n\n  tapc sim serve --port 8080 --fault rate_429=0.05,latency=0.2")
def command() -> None:
    """Serve simulated models, to try specs and pipelines without a network or a bill."""


@command.command(
    "serve",
    short_help="Serve simulated models over HTTP.",
    epilog="""Examples:

\b
  tapc sim serve
  tapc sim serve --port 8080 --fault latency=0.2,rate_429=0.01,rate_5xx=0.01
  tapc run SPEC --endpoint writer=http://127.0.0.1:8080/v1#sim-large""",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Listen on this port; 0 takes a free one.")
@click.option("--key", metavar="TEXT", help="Require this API key.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=RATE,...", help="Inject faults; may be repeated.")
@options.without_color
@options.only_results
def serve(host: str, port: int, key: str | None, faults: tuple[str, ...]) -> None:
    """Serve simulated models over HTTP, in OpenAI's protocol, until interrupted. Prints the URL first."""
    from tapc.workspace.sim import serve_simulated

    try:
        serve_simulated(host, port, key, ",".join(faults), announce=lambda url: put(f"listening on {url}"))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from error
    except OSError as error:
        say(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --host or --port")
        sys.exit(exits.USAGE)
