"""Calls commands in this process: the same code as `python -m tapc`, without a second of imports for each call."""

import contextlib
import io
import os
import subprocess
from pathlib import Path
from unittest import mock

import click
from driving import Tapc, clean_environment

from tapc.cli.program import cli


class Called(Tapc):
    """The program in one folder, called instead of started; for commands whose process is not what is tested.

    `start` starts a process still. Every process orders sets in its own way: what must not depend on that is compared
    between processes.
    """

    def __call__(self, *arguments: str, code: int | None = 0, **env: str) -> subprocess.CompletedProcess[str]:
        before, out, err = Path.cwd(), io.StringIO(), io.StringIO()
        os.chdir(self.folder)
        try:
            with (
                mock.patch.dict(os.environ, clean_environment(**env), clear=True),
                contextlib.redirect_stdout(out),
                contextlib.redirect_stderr(err),
            ):
                exit_code = _exit_code(arguments, err)
        finally:
            os.chdir(before)
        done = subprocess.CompletedProcess(arguments, exit_code, out.getvalue(), err.getvalue())
        if code is not None:
            assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done


def _exit_code(arguments: tuple[str, ...], err: io.StringIO) -> int:
    try:
        return cli.main(list(arguments), prog_name="tapc", standalone_mode=False) or 0
    except click.ClickException as error:
        error.show(file=err)
        return error.exit_code
    except SystemExit as left:
        return int(left.code or 0)
