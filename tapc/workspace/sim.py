"""`tapc sim serve`."""

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable

from tapc.sim import change_config, parse_config, serve


def serve_simulated(host: str, port: int, key: str | None, faults: str, announce: Callable[[str], None]) -> None:
    """Serve simulated models until SIGINT or SIGTERM.

    Args:
        host: address to listen on.
        port: 0 takes a free one.
        key: API key that requests must have; None for none.
        faults: `name=rate,…`, see `tapc.sim.SimConfig`.
        announce: called with the base URL once the server answers.

    Raises:
        ValueError: a fault cannot be read.
        OSError: the address is taken.
    """
    config = parse_config(faults)
    if key is not None:
        config = change_config(config, {"key": key})

    async def main() -> None:
        server = await serve(host, port, config)
        announce(f"http://{host}:{server.port}/v1")
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, done.set)
        await done.wait()
        await server.close()

    with contextlib.suppress(KeyboardInterrupt):
        gc.enable()  # disabled at the entry of the command line
        asyncio.run(main())
