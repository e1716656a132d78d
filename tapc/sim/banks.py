"""Sentence banks: one file a language, read when the language is first asked for."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class Bank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sentences of one language. `{t}` stands for the topic.

    Attributes:
        topic: openings of an answer.
        head, tail: clauses; every head goes with every tail to make a sentence.
        ask: questions.
        step: instructions, numbered when they are used.
        hedge: sentences of one who does not know, ending in an ellipsis.
        close: last sentences.
        refuse: a refusal.
        q: words for a question or an exercise, by which a prompt in the language asks for one.
        join: between clauses and between sentences; empty where the script has no spaces.
        gap: between sentences where that differs from `join`.
        quote: opening and closing quotation mark.
    """

    topic: tuple[str, ...]
    head: tuple[str, ...]
    tail: tuple[str, ...]
    ask: tuple[str, ...]
    step: tuple[str, ...]
    hedge: tuple[str, ...]
    close: tuple[str, ...]
    refuse: str
    q: tuple[str, ...]
    join: str = " "
    gap: str | None = None
    quote: str = "“”"

    @property
    def between(self) -> str:
        """Separator between two sentences."""
        return self.join if self.gap is None else self.gap


class Language(msgspec.Struct, frozen=True):
    """A language the endpoint writes: BCP-47 tag, the code pycld2 gives it, and names that ask for it."""

    tag: str
    cld: str
    names: tuple[str, ...]


@cache
def languages() -> dict[str, Language]:
    """All languages by tag, in a fixed order."""
    text = (files(__name__.rpartition(".")[0]) / "data" / "languages.toml").read_text("utf-8")
    return {tag: Language(tag, row[0], tuple(row[1:])) for tag, row in tomllib.loads(text).items()}


@cache
def bank(tag: str) -> Bank:
    """The sentences of a language.

    Raises:
        FileNotFoundError: no such language; `languages()` lists them.
    """
    text = (files(__name__.rpartition(".")[0]) / "data" / f"{tag}.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Bank)
