"""What a check is to the steps that use it."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from io import BytesIO
from typing import Any, BinaryIO, Protocol, cast, runtime_checkable

import msgspec

from tapc.jobs import Job, Reply

Score = Fraction | bool | str | tuple[str, ...] | None


def _no_score(_name: str) -> Score:
    return None


class Subject:
    """What is judged.

    Attributes:
        raw: the candidate's text as it stands; JSON text for a structure.
        fields: the parsed structure, None for plain text.
        axes: axis name to value name of the slot.
        score: looks a score up by `step.name`.
    """

    __slots__ = ("axes", "fields", "raw", "score")

    def __init__(
        self,
        raw: str,
        fields: dict[str, Any] | None,
        axes: Mapping[str, str],
        score: Callable[[str], Score] = _no_score,
    ) -> None:
        self.raw = raw
        self.fields = fields
        self.axes = axes
        self.score = score

    def text(self, field: str | None) -> str:
        """The text a check looks at: a field's texts, or all texts of a structure, one a line, or the plain text."""
        if self.fields is None:
            return self.raw
        value: Any = self.fields
        for part in field.split(".") if field else ():
            value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
        found: list[str] = []
        _collect(value, found, numbers=field is not None)
        return "\n".join(found)


def _collect(value: Any, found: list[str], *, numbers: bool) -> None:
    if isinstance(value, str):
        found.append(value)
    elif isinstance(value, dict):
        for member in cast("dict[str, Any]", value).values():
            _collect(member, found, numbers=numbers)
    elif isinstance(value, list | tuple):
        for item in cast("Sequence[Any]", value):
            _collect(item, found, numbers=numbers)
    elif numbers and value is not None:
        found.append(str(value).lower() if isinstance(value, bool) else str(value))


class CandidateCheck(Protocol):
    """A check that looks at one candidate only."""

    @property
    def reason(self) -> str:
        """Kebab-case code of its rejections."""
        ...

    def check(self, subject: Subject) -> str | None:
        """None where the subject passes, else why not, for people."""
        ...


@runtime_checkable
class MemoryCheck(Protocol):
    """A check that depends on what was accepted before; asked in rank order only."""

    @property
    def reason(self) -> str:
        """Kebab-case code of its rejections."""
        ...

    @property
    def field(self) -> str | None:
        """Field of a structure it looks at."""
        ...

    @property
    def within(self) -> str | None:
        """Axis whose values are separate sets, None for the whole set."""
        ...

    def weigh(self, text: str, group: str) -> "tuple[str | None, Callable[[], None]]":
        """Why a text is rejected (None if it passes), and a function that records it once it is accepted."""
        ...


@runtime_checkable
class AskingCheck(Protocol):
    """A check that asks about a candidate like a step asks an endpoint; the answer is stored."""

    def job(self, subject: Subject) -> Job:
        """What is asked about a subject."""
        ...

    def read(self, reply: Reply) -> tuple[str, str] | None:
        """None where the subject passes, else the code of the rejection and why, for people."""
        ...


class TextFiles(Protocol):
    """Texts of files named by a glob, relative to the spec, read by the caller."""

    def texts(self, glob: str) -> Sequence[tuple[str, Sequence[str]]]:
        """Each file's name, as the spec's author knows it, with its texts; sorted by name."""
        ...


class CheckTools(msgspec.Struct, frozen=True):
    """Resources of checks.

    Attributes:
        texts: needed by `clean_of`.
        scratch: makes empty files that vanish by themselves, for what outgrows memory; by default they are in memory.
        language_axis: name of the axis whose values are language tags.
        step: name of the step whose results are checked.
        programs: digest of the files behind a `run [ … ]` command, by command.
    """

    texts: TextFiles | None = None
    scratch: Callable[[], BinaryIO] = BytesIO
    language_axis: str = "language"
    step: str = ""
    programs: Mapping[tuple[str, ...], str] = {}


class CheckRuntime(msgspec.Struct, frozen=True):
    """What runs a kind of check.

    Attributes:
        kind: its name.
        make: compiles a check of the IR; a `MemoryCheck` starts with an empty memory.
        default: compiles the check that holds for plain texts whose step does not name this kind; None where none does.
    """

    kind: str
    make: Callable[[Any, CheckTools], CandidateCheck | MemoryCheck | AskingCheck]
    default: Callable[[CheckTools], CandidateCheck] | None = None

    @property
    def reason(self) -> str:
        """Code of its rejections; the kind's name where a program gives them."""
        return getattr(self.make, "reason", self.kind)
