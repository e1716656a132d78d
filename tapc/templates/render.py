"""Compiles a checked template to a function that renders it.

Most prompts are texts with simple names and attributes. Those become a list of getters and skip Jinja; all others run
in the sandbox. Both print the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, Protocol

from tapc.ir import Template
from tapc.templates.environment import NOTHING, environment, lookup
from tapc.templates.filters import SEED_NAME
from tapc.templates.printing import text_of

_Getter = Callable[[Mapping[str, Any]], Any]


class Renderer(Protocol):
    """A compiled template.

    Attributes:
        samples: whether `sample_seed` can matter.
    """

    samples: bool

    def render(self, names: Mapping[str, Any], sample_seed: int) -> str:
        """The text for one slot.

        Args:
            names: views of axes and finished steps; values from models are printed, never rendered again.
            sample_seed: identity of the slot as a number below 2**127; decides what `sample` takes.

        Raises:
            jinja2.UndefinedError: a name or attribute that the check allowed does not exist, which is a bug in the
            caller.
        """
        ...


class _Constant:
    """A text without expressions."""

    samples = False

    def __init__(self, text: str) -> None:
        self._text = text

    def render(self, names: Mapping[str, Any], sample_seed: int) -> str:  # noqa: ARG002 - a Renderer
        return self._text


class _Sandboxed:
    """A template that runs in Jinja."""

    samples = True

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _template(self) -> Any:
        return environment().from_string(self._text)

    def render(self, names: Mapping[str, Any], sample_seed: int) -> str:
        return self._template.render({**names, SEED_NAME: sample_seed})


class _Direct:
    """Alternating texts and expressions: `texts[0] hole[0] texts[1] …`."""

    samples = False

    def __init__(self, text: str, texts: Sequence[str], getters: Sequence[_Getter]) -> None:
        self._text = text
        self._getters = tuple(getters)
        self._format = "%s".join(part.replace("%", "%%") for part in texts)

    def render(self, names: Mapping[str, Any], sample_seed: int) -> str:
        try:
            values = [get(names) for get in self._getters]
            return self._format % tuple([v if v.__class__ is str else text_of(v) for v in values])
        except (LookupError, AttributeError):
            return _Sandboxed(self._text).render(names, sample_seed)  # raises an error that names what is missing


def compile_template(template: Template) -> Renderer:
    """Compile a checked template.

    Raises:
        jinja2.TemplateSyntaxError: it was not checked.
    """
    text = template.text
    if "{" not in text:
        return _Constant(text)
    texts, getters = [""], list[_Getter]()
    for part in _parts(text):
        if isinstance(part, str):
            texts[-1] += part
        elif part is None:
            return _Sandboxed(text)
        else:
            getters.append(_getter(part))
            texts.append("")
    return _Direct(text, texts, getters) if getters else _Constant(texts[0])


def _parts(text: str) -> list[str | tuple[str, ...] | None]:
    """Texts and simple expressions of a template in order; None stands for all others."""
    from jinja2 import nodes  # noqa: PLC0415 - heavy, and templates without holes exist

    found: list[str | tuple[str, ...] | None] = []
    for statement in environment().parse(text).body:
        if not isinstance(statement, nodes.Output):
            return [None]
        found += [node.data if isinstance(node, nodes.TemplateData) else _chain(node) for node in statement.nodes]
    return found


def _chain(node: Any) -> tuple[str, ...] | None:
    attributes: list[str] = []
    while type(node).__name__ == "Getattr":
        attributes.append(node.attr)
        node = node.node
    return (node.name, *reversed(attributes)) if type(node).__name__ == "Name" else None


def _getter(chain: tuple[str, ...]) -> _Getter:
    name, *attributes = chain
    if not attributes:
        return itemgetter(name)

    if len(attributes) == 1:
        return _attribute(name, attributes[0])

    def get(names: Mapping[str, Any]) -> Any:
        value = names[name]
        for attribute in attributes:
            value = lookup(value, attribute)
            if value is NOTHING:
                raise LookupError(name)
        return value

    return get


_NO_VIEWS = frozenset({dict, str, int, float, bool, list, tuple, type(None)})


def _attribute(name: str, attribute: str) -> _Getter:
    """One attribute; views, the most common case, are read directly."""
    if attribute.startswith("_"):
        return lambda _names: _raise(name)

    def get(names: Mapping[str, Any]) -> Any:
        value = names[name]
        if value.__class__ in _NO_VIEWS:
            value = lookup(value, attribute)
            return _raise(name) if value is NOTHING else value
        return getattr(value, attribute)

    return get


def _raise(name: str) -> Any:
    raise LookupError(name)
