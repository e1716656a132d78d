"""Lists what a spec reads and contacts, for reviewers of untrusted specs.

The store and the spec's own output folder are not listed.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from tapc.ir import Dataset, Endpoint, EnvRef
from tapc.plan.document import FileTouched, HostTouched, ProgramTouched, TouchesPlan, VariableTouched

HUB = "https://huggingface.co"
"""Host of `hub` rows, unless HF_ENDPOINT names another."""


def touches(dataset: Dataset, sources: Sequence[tuple[str, str]], rows: Sequence[tuple[str, str]]) -> TouchesPlan:
    """List the files, hosts, variables and programs of a dataset.

    Args:
        dataset: the IR, with overrides applied.
        sources: (name, sha256) of the files of the spec, the spec first; shipped modules are left out.
        rows: (name, sha256) of files that its steps read: inputs, benchmarks, programs.
    """
    steps = {name for name, _ in rows}
    files: dict[str, str] = {}
    for name, _ in sources:
        if not name.startswith("std.") and name not in steps:
            files[name] = "module or table" if files else "spec"
    files |= dict.fromkeys(sorted(steps), "input, benchmark or program")
    return TouchesPlan(
        files=[FileTouched(path=name, use=use) for name, use in files.items()],
        hosts=list(_hosts(dataset)),
        environment=list(_variables(dataset.endpoints)),
        programs=list(_programs(dataset)),
    )


def _hosts(dataset: Dataset) -> Iterator[HostTouched]:
    for endpoint in dataset.endpoints:
        for url in endpoint.urls:
            variable = url.name if isinstance(url, EnvRef) else None
            literal = url.default if isinstance(url, EnvRef) else url
            yield HostTouched(
                host=_host(literal) if literal else None, variable=variable, use=f"endpoint {endpoint.name}", when="run"
            )
    for step in dataset.steps:
        rows = step.rows()
        if rows is not None and rows.hub:
            yield HostTouched(host=HUB, use=f"{rows.hub} for {step.name}", when="check")


def _host(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _variables(endpoints: Sequence[Endpoint]) -> Iterator[VariableTouched]:
    """Variables by name, with everything that is read from each."""
    found: dict[str, list[str]] = {}
    needed: set[str] = set()
    for endpoint in endpoints:
        headers = [(f"header {name}", value) for name, value in endpoint.transport.headers]
        for what, value in (*(("url", url) for url in endpoint.urls), ("key", endpoint.key), *headers):
            if isinstance(value, EnvRef):
                found.setdefault(value.name, []).append(f"{what} of {endpoint.name}")
                if value.default is None:
                    needed.add(value.name)
    for name in sorted(found):
        yield VariableTouched(name=name, use=", ".join(dict.fromkeys(found[name])), needed=name in needed)


def _programs(dataset: Dataset) -> Iterator[ProgramTouched]:
    found: dict[tuple[str, ...], list[str]] = {}
    for step in dataset.steps:
        commands = [*step.commands(), *(command for check in step.checks() for command in check.commands())]
        for command in commands:
            found.setdefault(command, []).append(step.name)
    for command, steps in found.items():
        yield ProgramTouched(command=list(command), use=", ".join(dict.fromkeys(steps)))
