"""Parameters of requests, on endpoints and on steps."""

from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Sampling
from tapc.semantics.values import Fields

_FLOATS = ("temperature", "top_p", "frequency_penalty", "presence_penalty")
_PLAIN = ("max_tokens", "stop", "seed", "n", "logprobs")


def sampling_of(fields: Fields) -> Sampling:
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
    if extra is not None:
        values["extra"] = msgspec.json.encode(extra, order="sorted").decode()
    return Sampling.trusted(**{name: value for name, value in values.items() if value is not None})
