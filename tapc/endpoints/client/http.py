"""Which httpx the installed openai package rides on (`httpx` up to 2.x, `httpx2` from 3.x)."""

from functools import cache
from importlib import import_module
from typing import Any


@cache
def http_module() -> Any:
    """The module whose `AsyncClient` openai accepts: that of its own default client's base class."""
    import openai  # noqa: PLC0415 - heavy: 0.5 s

    base = next(c for c in openai.DefaultAsyncHttpxClient.__mro__ if c.__name__ == "AsyncClient")
    return import_module(base.__module__.partition(".")[0])
