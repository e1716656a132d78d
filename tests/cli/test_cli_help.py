"""Every command explains itself, with examples, and wrong usage says what to do."""

import subprocess
import sys

import click
import pytest

from tapc.cli.program import cli


def walk(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    with click.Context(group) as context:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            found.append((*path, name))
            if isinstance(command, click.Group):
                found += walk(command, (*path, name))
    return found


COMMANDS = walk(cli)  # type: ignore[arg-type]


def tapc(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tapc", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_has_examples_and_describes_every_option(path: tuple[str, ...]) -> None:
    done = tapc(*path, "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"tapc {' '.join(path)}" in done.stdout.split("Example")[1]
    command: click.Command = cli
    for name in path:
        with click.Context(command) as context:
            assert isinstance(command, click.Group)
            found = command.get_command(context, name)
        assert found is not None
        command = found
    assert command.help
    if isinstance(command, click.Group):
        assert "..." not in done.stdout.split("Commands:")[1], "a description is cut off"
    else:
        assert {"--color", "--quiet", "-q"} <= {name for parameter in command.params for name in parameter.opts}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path}: {parameter.opts} has no help"


def test_an_unknown_command_is_corrected() -> None:
    done = tapc("pln")
    assert done.returncode == 2
    assert "'plan'" in done.stderr


def test_a_setting_without_a_value_is_wrong_usage() -> None:
    done = tapc("check", "x.tap", "--set", "scale")
    assert done.returncode == 2
    assert "NAME=VALUE" in done.stderr


def test_the_version_is_the_package_s() -> None:
    from importlib.metadata import version

    assert tapc("--version").stdout.strip().endswith(version("tapc"))
