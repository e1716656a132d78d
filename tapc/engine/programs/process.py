"""One run of a program: rows on its standard input, as many lines on its standard output."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

MOST_OUTPUT = 64 * 1024 * 1024
"""Bytes a program may answer in one run."""

_MOST_COMPLAINT = 64 * 1024

_LINGER = 5.0
"""Seconds to wait for the end of a process that was killed."""


class ProgramFault(Exception):  # noqa: N818 - the program's fault, not ours
    """A program gave no answers; says why, for the user."""


async def run_program(
    command: Sequence[str], rows: Sequence[str], *, folder: Path, environ: Mapping[str, str], seconds: float
) -> list[str]:
    """Feed rows to a program and take its answers, one line per row, in the same order.

    Args:
        command: program and arguments; no shell is involved.
        rows: JSON texts without line ends.
        folder: where it runs.
        environ: its environment.
        seconds: how long it may take.

    Raises:
        ProgramFault: it cannot be started, fails, takes too long, or answers another number of lines.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(environ),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # so that what it starts in turn ends with it
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ProgramFault(f"{command[0]} cannot be started: {reason}") from error
    try:
        async with asyncio.timeout(seconds):
            output, complaint, code = await _exchange(process, "".join(f"{row}\n" for row in rows).encode())
    except TimeoutError:
        raise ProgramFault(f"no answer within {seconds:.0f} seconds") from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await _ended(process)
    if code:
        raise ProgramFault(f"it ended with exit code {code}{_last_words(complaint)}")
    lines = [line for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    if len(lines) != len(rows):
        raise ProgramFault(f"it answered {len(lines)} lines for {len(rows)} rows{_last_words(complaint)}")
    return lines


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> tuple[bytes, bytes, int]:
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if stdin is None or stdout is None or stderr is None:
        raise RuntimeError("a process without pipes; this is a bug in tapc")
    fed, complained = asyncio.ensure_future(_feed(stdin, data)), asyncio.ensure_future(_tail(stderr))
    try:
        output = await _read(stdout, MOST_OUTPUT)
        await fed
        return output, await complained, await process.wait()
    finally:
        fed.cancel()
        complained.cancel()
        await asyncio.gather(fed, complained, return_exceptions=True)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for a killed process, for a while: asyncio knows its end only when its streams are read to theirs.

    A stream that is not read is paused when its buffer is full, and what a process left behind in a session of its own
    may keep one open.
    """
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            await asyncio.gather(*map(_tail, streams))
            await process.wait()
    # there is no public way to let go of streams that stay open
    transport: asyncio.BaseTransport = getattr(process, "_transport")  # noqa: B009 - hidden from type checkers as well
    transport.close()


async def _feed(stdin: asyncio.StreamWriter, data: bytes) -> None:
    # it may end without reading all; its answers say whether that is well. uvloop says RuntimeError of a closed pipe
    with contextlib.suppress(ConnectionError, RuntimeError):
        stdin.write(data)
        await stdin.drain()
        stdin.close()


async def _read(stream: asyncio.StreamReader, most: int) -> bytes:
    found = bytearray()
    while part := await stream.read(1 << 16):
        found += part
        if len(found) > most:
            raise ProgramFault(f"it answered more than {most // 1024 // 1024} MB")
    return bytes(found)


async def _tail(stream: asyncio.StreamReader) -> bytes:
    found = b""
    while part := await stream.read(1 << 16):
        found = (found + part)[-_MOST_COMPLAINT:]
    return found


def _last_words(complaint: bytes) -> str:
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    return f": {lines[-1][:300]}" if lines else ""
