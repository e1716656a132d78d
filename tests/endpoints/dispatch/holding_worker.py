"""A run in a process of its own that claims jobs and does nothing more; the tests suspend it.

Arguments: folder of the store, requests the dataset may make, how many jobs it claims, number of the first.
"""

import asyncio
import sys
import time
from pathlib import Path

from test_dispatch_wire import jobs

from tapc.ir import Budget, Ceiling
from tapc.jobs import worst_case
from tapc.store import Claim, open_store


async def main(folder, cap, count, first):
    run = open_store(Path(folder)).account("d", Budget(total=Ceiling(requests=cap)))
    for job in jobs(first + count)[first:]:
        assert isinstance(await run.claim(job, worst_case(job)), Claim)
    print("claimed", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:])))
    time.sleep(120)
