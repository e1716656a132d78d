"""What a spec touches, in a few lines: files, hosts, environment variables, programs."""

import shlex
from collections.abc import Iterable, Iterator

from rich.cells import cell_len
from rich.text import Text

from tapc.outside.visible import one_line
from tapc.plan import TouchesPlan

_FILES = 40
"""Names of files shown; all others are in `--json`."""

_NONE = {"files": "other file", "hosts": "host", "environment": "environment variable", "programs": "program"}


def touches_lines(touches: TouchesPlan, width: int) -> Text:
    """One line for each kind, wrapped under its own beginning, and one for the kinds of which there is nothing."""
    files = [file.path for file in touches.files if file.use != "spec"]
    if len(files) > _FILES:
        files[_FILES:] = [f"and {len(files) - _FILES:,} more (--json lists them)"]
    kinds = {
        "files": files,
        "hosts": list(_hosts(touches)),
        "environment": [f"{v.name}{'' if v.needed else ' (optional)'}" for v in touches.environment],
        "programs": [shlex.join(program.command) for program in touches.programs],
    }
    heads = {"files": "reads", "hosts": "asks", "environment": "takes from the environment", "programs": "runs"}
    text = Text()
    for kind, shown in kinds.items():
        if shown:
            text.append(f"{heads[kind]}: ", style="name")
            text.append(_wrapped((one_line(name) for name in shown), width, cell_len(heads[kind]) + 2) + "\n")
    none = [_NONE[kind] for kind, shown in kinds.items() if not shown]
    if none:
        text.append(f"touches no {', '.join(none[:-1])}{' or ' if none[1:] else ''}{none[-1]}", style="quiet")
    else:
        text.right_crop(1)
    return text


def _hosts(touches: TouchesPlan) -> Iterator[str]:
    """Hosts with who asks them; of one host once."""
    found: dict[str, list[str]] = {}
    for host in touches.hosts:
        if host.variable is None:
            name = host.host or ""
        else:
            name = f"the host in {host.variable}" + (f", else {host.host}" if host.host else "")
        use = host.use.removeprefix("endpoint ") + (", by check and plan as well" if host.when == "check" else "")
        found.setdefault(name, []).append(use)
    for name, uses in found.items():
        yield f"{name} ({', '.join(uses)})"


def _wrapped(parts: Iterable[str], width: int, indent: int) -> str:
    """Parts divided by two blanks, further lines indented; a part is never cut."""
    lines, room = [""], width - indent
    for part in parts:
        if lines[-1] and cell_len(lines[-1]) + 2 + cell_len(part) > room:
            lines.append("")
        lines[-1] += f"  {part}" if lines[-1] else part
    return ("\n" + " " * indent).join(lines)
