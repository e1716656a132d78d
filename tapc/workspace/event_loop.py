"""The event loop of a run, and what Ctrl-C does to it."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class Interrupted(Exception):  # noqa: N818 - what the user asked for, not an error
    """The user interrupted twice; stored replies are kept, and no dataset was written."""


def run_loop(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine, on uvloop if it is installed, which saves a quarter of the client's CPU time.

    Raises:
        Interrupted: the user interrupted twice.
    """
    try:
        import uvloop  # noqa: PLC0415 - optional
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    gc.enable()  # which the entry of the command line disables: loops may run for days
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            return runner.run(main())
    except asyncio.CancelledError as error:
        raise Interrupted from error


@contextmanager
def interruptible(stop: Callable[[], None]) -> Generator[None]:
    """Within it, the first SIGINT, SIGTERM or SIGHUP calls `stop`, the second cancels the running task.

    A SIGHUP that the caller ignores (`nohup`) stays ignored.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    seen = 0

    def handle() -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            stop()
        elif task is not None:
            task.cancel()

    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    numbers = (signal.SIGINT, signal.SIGTERM) if ignored else (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
