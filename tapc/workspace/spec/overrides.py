"""`--endpoint NAME=URL[#MODEL]`: one run's endpoints elsewhere."""

from collections.abc import Iterable

from tapc.diagnostics import did_you_mean
from tapc.ir import Dataset, Endpoint
from tapc.outside.key_shapes import find_keys


class OverrideError(Exception):
    """An override cannot be applied; the message says why and what to do."""


def apply_overrides(dataset: Dataset, overrides: Iterable[str]) -> Dataset:
    """Re-point endpoints.

    Without `#MODEL` the model stays, and so do the replies that count as its own. With it, the endpoint becomes that
    model: the spec's `identity` and `revision` no longer speak for it.

    Raises:
        OverrideError: malformed, or no such endpoint.
    """
    endpoints = {endpoint.name: endpoint for endpoint in dataset.endpoints}
    for text in overrides:
        name, equals, target = text.partition("=")
        if not equals:
            raise OverrideError(f"{text!r} is not NAME=URL or NAME=URL#MODEL")
        if name not in endpoints:
            close = did_you_mean(name, endpoints)
            hint = f"did you mean {close!r}?" if close else f"the dataset has {', '.join(endpoints) or 'none'}"
            raise OverrideError(f"there is no endpoint {name!r}; {hint}")
        endpoints[name] = _pointed(endpoints[name], target)
    return dataset.model_copy(update={"endpoints": tuple(endpoints[e.name] for e in dataset.endpoints)})


def _pointed(endpoint: Endpoint, target: str) -> Endpoint:
    from urllib.parse import urlsplit  # noqa: PLC0415 - slow to load, and only for this option

    url, _, model = target.partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OverrideError(f"{url!r} is not an http or https URL")
    if parts.username or parts.password or find_keys(url):
        held = "password" if parts.username or parts.password else "key"
        raise OverrideError(
            f"the URL of {endpoint.name!r} holds a {held}, which would be stored and shown; "
            'use `key env("NAME")` or `url env("NAME")` in the spec instead'
        )
    update: dict[str, object] = {"urls": (url,)}
    if model and model != endpoint.model:
        update |= {"model": model, "identity": None, "revision": None}
    return endpoint.model_copy(update=update)
