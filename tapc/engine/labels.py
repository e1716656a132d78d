"""Whose history a reply's usage enters: a dataset's step at an endpoint, the model there, and the slot's language."""

import msgspec

from tapc.jobs import Recipe

_PARTS = 5


class Label(msgspec.Struct, frozen=True):
    """What replies have in common that are expected to be of a length; names as the spec has them.

    Attributes:
        dataset, step, endpoint: names.
        model: what the endpoint counts as, so that one model teaches nothing about another.
        language: value of the axis of that name; empty where there is none.
    """

    dataset: str
    step: str
    endpoint: str
    model: str
    language: str

    @classmethod
    def of(cls, dataset: str, recipe: Recipe, language: str) -> "Label":
        """The label of a job's reply."""
        return cls(dataset, recipe.step, recipe.endpoint, recipe.identity, language)

    def text(self) -> str:
        """As the store keeps it: parts between slashes, those within a part escaped."""
        return "/".join(_escaped(part) for part in msgspec.structs.astuple(self))

    @classmethod
    def read(cls, text: str) -> "Label | None":
        """A label from its text; None for one of another make."""
        parts = text.split("/")
        return cls(*map(_plain, parts)) if len(parts) == _PARTS else None


def labels_of(dataset: str) -> str:
    """How the texts of all labels of a dataset begin."""
    return f"{_escaped(dataset)}/"


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def _plain(part: str) -> str:
    return part.replace("%2F", "/").replace("%25", "%")
