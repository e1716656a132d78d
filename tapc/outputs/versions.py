"""Versions of what decides the bytes of a dataset."""

from importlib.metadata import PackageNotFoundError, version

from tapc import __version__

_DECIDING = ("jinja2", "jsonschema", "msgspec", "pycld2", "regex", "rensa")


def versions() -> dict[str, str]:
    """tapc, and the libraries whose behaviour rows depend on: rendering, validation, checks."""
    found = {"tapc": __version__}
    for name in _DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # an optional checker that is not installed decided nothing
    return found
