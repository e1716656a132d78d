"""`tapc`: finds the command and runs it; commands are imported only when called."""

import contextlib
import gc
import importlib
import os
import shlex
import sys
from typing import Any

import click

from tapc import __version__
from tapc.cli import exits, options
from tapc.cli.printing import say
from tapc.outside.visible import visible_lines

_COMMANDS = {
    "new": "Write a commented starter spec.",
    "check": "Find everything wrong with specs, all at once.",
    "fmt": "Rewrite specs in the canonical layout.",
    "show": "Show the dataset after composition, as one complete spec, each line with its origin.",
    "plan": "Show counts, requests and cost before anything is sent.",
    "diff": "Compare two specs by meaning, with the cost of the change.",
    "preview": "Make a dozen samples and show them whole.",
    "run": "Make the dataset.",
    "export": "Write a dataset as a trainer reads it.",
    "test": "Run specs on recorded or simulated replies, and check what they expect.",
    "status": "Show runs from another terminal.",
    "budget": "Show what was spent, and correct it.",
    "cache": "Count, check, tidy and move stored replies.",
    "graph": "Draw the job graph.",
    "import": "Turn CSV, JSON, YAML or an InstructLab tree into a taxonomy.",
    "explain": "Explain a diagnostic code.",
    "schema": "Print the JSON Schema of a document tapc writes.",
    "doctor": "Try each step's parameters at its endpoints.",
    "sim": "Serve simulated models over HTTP.",
}

_MODULES = {"import": "import_"}
"""Commands whose name cannot be a module's."""


class _Lazy(click.Group):
    """Imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"tapc.cli.commands.{_MODULES.get(cmd_name, cmd_name)}")
        return module.command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from tapc.diagnostics import did_you_mean

            close = did_you_mean(args[0], _COMMANDS)
            hint = f" Did you mean {close!r}?" if close else ""
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def main(self, *args: Any, **given: Any) -> Any:
        try:
            return super().main(*args, **given)
        except click.ClickException as error:  # its message repeats what was written on the command line
            error.message = visible_lines(error.message)  # pyright: ignore[reportAttributeAccessIssue] - meant to be set
            raise

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[options.LINE] = shlex.join(["tapc", *args])
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""Start with `tapc new NAME` or `tapc plan SPEC`. Each command has examples: `tapc COMMAND --help`.

\b
Completion of commands, options and files, for one shell session or its start-up file:
  bash   eval "$(_TAPC_COMPLETE=bash_source tapc)"
  zsh    eval "$(_TAPC_COMPLETE=zsh_source tapc)"
  fish   _TAPC_COMPLETE=fish_source tapc | source""",
)
@click.version_option(__version__, prog_name="tapc")
def cli() -> None:
    """Terraform for datasets: a .tap spec in git becomes an SFT or preference dataset.

    `tapc plan` shows what it takes and costs; `tapc run` makes it.
    """


def main() -> None:
    """Entry point of the `tapc` script."""
    gc.disable()  # imports leave no cycles, and looking for them takes a tenth of a `tapc check`; loops enable it again
    _open_streams()
    try:
        code = _called()
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = exits.PIPE_CLOSED
        _silence(sys.stdout, sys.stderr)
    except OSError as error:
        code = exits.INCOMPLETE  # as for any refusal of the system (TAP922): the command was right
        _silence(sys.stdout)
        with contextlib.suppress(OSError):
            say(f"Error: the system refused: {error}; what the command had done stands")
            sys.stderr.flush()
        _silence(sys.stderr)
    gc.disable()  # also at the end: or Python looks for cycles in all modules once more
    sys.exit(code)


def _called() -> Any:
    """Run the command; its exit code."""
    try:
        return cli.main(prog_name="tapc", standalone_mode=False)
    except SystemExit as done:
        return done.code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return exits.INTERRUPTED
    except Exception as error:  # raised again unless it is an interrupt that pydantic has wrapped
        if not _is_interrupt(error):
            raise
        say("interrupted")
        return exits.INTERRUPTED


def _is_interrupt(error: Exception) -> bool:
    """Whether an error is Ctrl-C: a KeyboardInterrupt while pydantic builds a model becomes a SchemaError."""
    return type(error).__name__ == "SchemaError" and "KeyboardInterrupt" in str(error)


def _open_streams() -> None:
    """Give streams that the caller closed a place to go, before a file of ours gets their number."""
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            mode = "r" if number == 0 else "w"
            with contextlib.suppress(OSError):
                os.fstat(number)
                continue
            setattr(sys, name, open(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def _silence(*streams: Any) -> None:
    """Send what is still buffered nowhere, or the interpreter would complain about it when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
