"""How the whole suite is spread over workers, and the environment that the programs it starts get."""

import os
import signal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""As on users' machines: with it, each of the hundreds of started programs compiles tapc anew."""


for _number in (signal.SIGINT, getattr(signal, "SIGHUP", signal.SIGINT)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number is signal.SIGINT else signal.SIG_DFL)
"""A suite started in the background or by `nohup` has them ignored, and the programs that tests signal inherit that."""


settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("exhaustive", settings.get_profile("suite"), max_examples=1000)
settings.register_profile(
    "unshrunk", settings.get_profile("suite"), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # for `bench/mutants.py`, which asks only whether a test fails
settings.load_profile("suite")
"""How long an example takes is the machine's affair: on a busy one, slow examples failed tests that were right."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core: tests over sockets and processes wait, for servers and time limits, half of their time."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on every system
    return 2 * (len(affinity(0)) if affinity else os.cpu_count() or 1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Idle workers take from busy ones: the end-to-end tests lie together, and would all be one worker's."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)
