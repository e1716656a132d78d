"""Forms of rows that trainers can learn from, as the folder of a dataset has them."""

from collections.abc import Collection
from typing import ClassVar

import msgspec


class Message(msgspec.Struct, frozen=True):
    """A turn of a conversation.

    Attributes:
        reasoning: hidden reasoning of an answer; None where a model gave none, unset where the dataset keeps none.
    """

    role: str
    content: str
    reasoning: str | msgspec.UnsetType | None = msgspec.UNSET


Messages = list[Message]


class _Provenance(msgspec.Struct, frozen=True):
    slot: str = ""


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """A row of some form; the fields are columns that a trainer learns from.

    Attributes:
        title: what such rows are called in messages.
        described: columns that only describe a row; an export may leave them out.
    """

    title: ClassVar[str] = ""
    described: ClassVar[frozenset[str]] = frozenset({"provenance"})

    provenance: _Provenance = _Provenance()


class Conversation(Form, frozen=True, kw_only=True):
    """A conversation to imitate, the answer last."""

    title: ClassVar[str] = "conversations"
    described: ClassVar[frozenset[str]] = frozenset({"score", "provenance"})

    messages: Messages


class Pair(Form, frozen=True, kw_only=True):
    """A better and a worse answer to one prompt."""

    title: ClassVar[str] = "pairs"
    described: ClassVar[frozenset[str]] = frozenset(
        {"score_chosen", "score_rejected", "scores_chosen", "scores_rejected", "provenance"}
    )

    prompt: Messages
    chosen: Messages
    rejected: Messages
    margin: float


class Labeled(Form, frozen=True, kw_only=True):
    """An answer that is good or bad."""

    title: ClassVar[str] = "labeled answers"

    prompt: Messages
    completion: Messages
    label: bool


class Scored(Form, frozen=True, kw_only=True):
    """An answer with a score."""

    title: ClassVar[str] = "scored answers"

    prompt: Messages
    completion: Messages
    score: float


class Verifiable(Form, frozen=True, kw_only=True):
    """A prompt with its right answer."""

    title: ClassVar[str] = "prompts with a right answer"

    prompt: Messages
    ground_truth: str
    data_source: str


class Prompt(Form, frozen=True, kw_only=True):
    """A prompt alone."""

    title: ClassVar[str] = "prompts"

    prompt: Messages


FORMS: tuple[type[Form], ...] = (Conversation, Pair, Labeled, Scored, Verifiable, Prompt)


def form_of(columns: Collection[str]) -> type[Form] | None:
    """The form of rows with these columns; None where they have others, or lack some."""
    found = frozenset(columns)
    for form in FORMS:
        learned = frozenset(form.__struct_fields__) - {"provenance"}
        if learned <= found <= learned | form.described:
            return form
    return None
