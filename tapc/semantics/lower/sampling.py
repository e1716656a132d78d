"""Parameters of requests, on endpoints and on steps."""

from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Sampling
from tapc.semantics.report import Report
from tapc.semantics.values import Fields

_FLOATS = ("temperature", "top_p", "frequency_penalty", "presence_penalty")
_PLAIN = ("max_tokens", "stop", "seed", "n", "logprobs")


_LIMIT = "write `max_tokens N`, and `token_field` for the name under which it is sent"
_MADE = "tapc makes it itself"
_OWN = {
    "max_tokens": _LIMIT,
    "max_completion_tokens": _LIMIT,
    "max_output_tokens": _LIMIT,
    "max_new_tokens": _LIMIT,
    "n": "write `n N` outside `extra`",
    "best_of": "every completion is billed; ask for several with `each` or `n`",
    "model": _MADE,
    "messages": _MADE,
    "stream": _MADE,
}
"""Fields of a request that decide what it can cost, or whether its reply can be read, and what to do instead."""


def sampling_of(fields: Fields, report: Report) -> Sampling:
    """The parameters that are set; the rest stays absent."""
    values: dict[str, Any] = {}
    known = [name for name in _FLOATS if name in fields]
    for name in known:
        value = fields.read(name)
        if isinstance(value, Fraction):
            values[name] = float(value)
    for name in _PLAIN:
        if name in fields:
            values[name] = fields.read(name)
    extra = fields.read("extra") if "extra" in fields else None
    for item in fields.all("extra"):
        for child in item.children or ():
            if child.head in _OWN:
                message = f"`extra` cannot set `{child.head}`, by which the cost of a request is bounded"
                if _OWN[child.head] is _MADE:
                    message = f"`extra` cannot set `{child.head}`"
                report.add("TAP505", message, child.head_place, notes=(_OWN[child.head],))
    if extra is not None:
        values["extra"] = msgspec.json.encode(extra, order="sorted").decode()
    return Sampling.trusted(**{name: value for name, value in values.items() if value is not None})
