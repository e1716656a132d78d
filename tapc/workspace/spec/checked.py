"""From a path to a checked dataset; `spec.counted` counts it, `check.counts` decides whether it has to be counted."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, did_you_mean, has_errors, in_order, rule
from tapc.frontend import Compiled, compile_spec
from tapc.ir import Dataset, Endpoint
from tapc.lint import lint_dataset
from tapc.outside.key_shapes import find_keys
from tapc.source import DiskLoader, Loader


class Checked(msgspec.Struct, frozen=True):
    """A spec with all findings that need no counting.

    Attributes:
        path: the path as the user gave it.
        compiled: the result of the front end.
        dataset: the dataset with overrides applied; None if the spec is wrong.
        diagnostics: findings of the front end and, where it found no errors, of lint, in order.
    """

    path: Path
    compiled: Compiled
    dataset: Dataset | None
    diagnostics: list[Diagnostic]

    @property
    def lock_path(self) -> Path:
        """The path of the lock: `x.tap.lock` next to `x.tap`, or `x.tap.NAME.lock` if the spec declares several."""
        several = self.dataset is not None and len(self.compiled.datasets) > 1
        name = f".{self.dataset.name}" if several and self.dataset is not None else ""
        return self.path.with_name(f"{self.path.name}{name}.lock")


def check_spec(
    path: Path,
    *,
    settings: Mapping[str, str],
    dataset: str | None,
    overrides: Sequence[str] = (),
    loader: Loader | None = None,
    outside: bool = False,
) -> Checked:
    """Parse, resolve, check and lower one spec, from disk unless another loader is given.

    Links to modules and tables may lead out of the spec's folder only if `outside` is set.

    Raises:
        OverrideError: an `--endpoint` option cannot be applied.
    """
    compiled = compile_spec(
        path, loader or DiskLoader(None if outside else path.parent, path), settings=settings, dataset=dataset
    )
    if has_errors(compiled.diagnostics):
        return Checked(path, compiled, None, compiled.diagnostics)
    lowered, parts = compiled.dataset, compiled.parts
    if lowered is not None:
        lowered = apply_overrides(lowered, overrides)
        parts = tuple(msgspec.structs.replace(part, dataset=lowered) for part in parts)
    allowances = compiled.allowances
    linted = (one for part in parts for one in allowances.mark(lint_dataset(part), part.dataset.name))
    return Checked(path, compiled, lowered, in_order([*compiled.diagnostics, *linted]))


def with_unused(checked: Checked) -> Checked:
    """The spec with a finding for each `allow` that allows nothing; for when everything is found that can be."""
    if has_errors(checked.diagnostics):  # not everything was looked at
        return checked
    unused = checked.compiled.allowances.unused(checked.diagnostics)
    return msgspec.structs.replace(checked, diagnostics=in_order([*checked.diagnostics, *unused]))


def all_findings(checked: Checked) -> list[Diagnostic]:
    """The findings for a command that needs one dataset; if nothing is wrong but none was chosen, a finding says so."""
    names = checked.compiled.datasets
    if checked.dataset is not None or has_errors(checked.diagnostics):
        return checked.diagnostics
    if names:
        message = f"the spec declares {len(names)} datasets: {', '.join(f'`{name}`' for name in names)}"
        note = f"choose one, for example `--dataset {names[0]}`"
    else:
        message = "the spec declares no dataset, only what others may import"
        note = "write `dataset NAME { … }`, or `tapc check` it"
    return [*checked.diagnostics, Diagnostic("TAP143", rule("TAP143").severity, message, (), (note,))]


class OverrideError(Exception):
    """An override cannot be applied; the message says why and what to do."""


def apply_overrides(dataset: Dataset, overrides: Iterable[str]) -> Dataset:
    """Point endpoints to other URLs.

    Without `#MODEL` the model stays, and its stored replies are used. With it, the endpoint becomes that
    model: `identity` and `revision` of the spec no longer apply.

    Raises:
        OverrideError: an override is malformed, or there is no such endpoint.
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
