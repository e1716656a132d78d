"""The sandbox in which templates run: strict, without calls, with the filters of the language."""

from functools import cache
from typing import TYPE_CHECKING, Any

from tapc.templates.filters import make_filters
from tapc.templates.printing import text_of

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_PLAIN = (str, int, float, list, tuple, type(None))


@cache
def environment() -> "ImmutableSandboxedEnvironment":
    """The single environment; stateless, built on first use."""
    from jinja2 import StrictUndefined, Undefined  # noqa: PLC0415 - heavy, and specs without templates exist
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Missing(StrictUndefined):
        """A missing attribute; its attributes are missing too, so that `default` applies to chains."""

        __slots__ = ()

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return self

    class Sandbox(ImmutableSandboxedEnvironment):
        """Attributes are items of structures and public attributes of views; there are no methods."""

        def getattr(self, obj: Any, attribute: str) -> Any:
            if isinstance(obj, Undefined):
                return obj
            found = lookup(obj, attribute)
            return self.undefined(obj=obj, name=attribute) if found is NOTHING else found

        def call(self, *_args: Any, **_kwargs: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise TypeError("templates cannot call anything")

    made = Sandbox(
        undefined=Missing,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=text_of,
        cache_size=0,
    )
    made.globals.clear()
    made.tests = {}
    made.filters = make_filters()
    return made


NOTHING: Any = object()


def lookup(value: Any, attribute: str) -> Any:
    """An attribute as templates see it, or `NOTHING`."""
    if isinstance(value, dict):
        return value.get(attribute, NOTHING)  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
    if attribute.startswith("_") or isinstance(value, _PLAIN):
        return NOTHING
    return getattr(value, attribute, NOTHING)
