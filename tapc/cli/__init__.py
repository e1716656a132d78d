"""The command line: options in, exit codes out.

`program.py` holds the entry point and the list of commands with their one-line descriptions. A command is a module of
`commands`, imported when it is called or completed. What a command does is a function of `tapc.workspace`, and
what it shows is drawn by `tapc.ui`; a command's module only declares options and help, calls the function, chooses what
is printed (a view, JSON, Markdown) and the exit code.

Shared by commands:

- `options`: options that several commands have, and how amounts, sizes and shares are read.
- `loading`: a spec, or a saved plan, from the command line to its counts; ends the command if it is wrong.
- `printing`: sentences, documents and findings, with characters that would act on a terminal made visible.
- `errors`: `explained(color)`, a context in which errors that are not faults of tapc end the command with findings.
- `exits`: the exit codes, and which one goes with which end of a run and which cause of an error. Nothing else knows
  the numbers.

Imports inside functions are the rule here: a command's help, and the completion of its options, must not wait for
numpy, pydantic and rich (80 ms instead of 900). A module of this package imports at its top only `click`, its
neighbors, and `tapc.diagnostics`.

To add a command, copy the shortest (`commands/schema.py`): a function `command` with a docstring in the imperative,
`epilog` with an example, `--color` and `--quiet`; then add its line to `_COMMANDS` in `program.py`.
`tests/cli/test_cli_help.py` and `tests/cli/test_cli_options.py` find a command without examples, help or a behavioral
test.
"""

from tapc.cli.program import main

__all__ = ["main"]
