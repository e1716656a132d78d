"""What an export is: how rows of each form become rows that another project reads, and the config it needs."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tapc.exports.forms import Form, Message, Messages
from tapc.outputs.encodings import JSONL, Encoding
from tapc.rows.columns import TEXT, Column, Fields, Listed, Type

Row = dict[str, Any]

INLINE = (
    "write `reasoning inline` (or `reasoning drop`) in the emit, run the spec again, which asks nothing again, and "
    "export that"
)


class Unfit(Exception):  # noqa: N818 - an answer about a row, not a fault of the program
    """A row has something that the reader has no place for, or would refuse.

    Attributes:
        why: what it is.
        next_step: what to do.
    """

    def __init__(self, why: str, next_step: str) -> None:
        super().__init__(why)
        self.why = why
        self.next_step = next_step


class Place(msgspec.Struct, frozen=True):
    """Where a row stands: names of dataset, config and split, and its number there, from 0."""

    dataset: str
    config: str
    split: str
    index: int


def _untyped(_reasoning: bool) -> tuple[Column, ...]:  # noqa: FBT001 - passed by position, as by every caller
    return ()


class Conversion(msgspec.Struct, frozen=True):
    """How rows of one form are converted.

    Attributes:
        form: theirs.
        task: word for what is trained on them, as the reader calls it.
        convert: makes a row; raises `Unfit`.
        columns: types of the rows made, where the files or documents need them; told whether answers have a reasoning.
        tally: a value of each row whose distribution `advice` looks at.
    """

    form: type[Form]
    task: str
    convert: Callable[[Any, Place], Row]
    columns: Callable[[bool], tuple[Column, ...]] = _untyped
    tally: Callable[[Any], str] | None = None


class ExportedSplit(msgspec.Struct, frozen=True):
    """A file of an export: path within its folder, rows, and hash of its bytes."""

    path: str
    rows: int
    sha256: str


class ExportedConfig(msgspec.Struct, frozen=True):
    """A config as it was exported.

    Attributes:
        name: of the config.
        conversion: of its rows.
        reasoning: whether its answers may have a reasoning.
        splits: by name, in order.
        tally: rows by the value of the conversion's `tally`; the values that came first, if there are very many.
    """

    name: str
    conversion: Conversion
    reasoning: bool
    splits: Mapping[str, ExportedSplit]
    tally: Mapping[str, int] = {}

    @property
    def training(self) -> str:
        """The split to train on: `train`, or else the one with the most rows."""
        return "train" if "train" in self.splits else max(self.splits, key=lambda name: self.splits[name].rows)

    @property
    def evaluation(self) -> str | None:
        """The split to evaluate on while training; None where there is none."""
        return next((name for name in _EVALUATION if name in self.splits and name != self.training), None)


_EVALUATION = ("validation", "valid", "val", "dev", "eval", "test")


class Exported(msgspec.Struct, frozen=True):
    """All that was exported of a dataset."""

    dataset: str
    configs: tuple[ExportedConfig, ...]


def _no_advice(_exported: Exported) -> list[str]:
    return []


class Export(msgspec.Struct, frozen=True):
    """A project that trains on datasets, and what it reads.

    Attributes:
        name: of the target, for `--to`.
        title: the project's name.
        conversions: one per form that it takes.
        documents: texts of its configs by path; paths in them are relative to the export's folder.
        next_step: what to do with the folder, as a sentence.
        advice: what in the exported data the reader may refuse or skip.
        encoding: of the files.
    """

    name: str
    title: str
    conversions: tuple[Conversion, ...]
    documents: Callable[[Exported], Mapping[str, str]]
    next_step: str
    advice: Callable[[Exported], list[str]] = _no_advice
    encoding: Encoding = JSONL

    def conversion(self, form: type[Form]) -> Conversion | None:
        """How rows of a form are converted; None where the reader has no such form."""
        return next((one for one in self.conversions if one.form is form), None)


def asked(prompt: Messages) -> list[Row]:
    """A prompt as messages with role and content; it must end in a user's turn.

    Raises:
        Unfit: it does not.
    """
    if not prompt or prompt[-1].role != "user":
        raise Unfit("the prompt does not end in a turn of the user", "mend the steps or inputs that make the prompt")
    return [{"role": message.role, "content": message.content} for message in prompt]


def one_turn(prompt: Messages, reader: str) -> tuple[str, str]:
    """System message (empty where there is none) and the user's message of a prompt that has nothing else.

    Raises:
        Unfit: it has more turns.
    """
    roles = [message.role for message in prompt]
    if roles not in (["user"], ["system", "user"]):
        raise Unfit(f"its prompt has {len(roles)} messages, and {reader} takes one of the user here", _FEWER)
    return ("" if len(prompt) == 1 else prompt[0].content), prompt[-1].content


_FEWER = "export to another target, or leave the config out with --config"


def answer(messages: Messages, reader: str) -> str:
    """The text of an answer, for readers that know no reasoning.

    Raises:
        Unfit: it has a reasoning, or is not one message.
    """
    message = _single(messages)
    if isinstance(message.reasoning, str):
        raise Unfit(f"its answer has a reasoning, which {reader} has no place for here", INLINE)
    return message.content


def thoughtful(messages: Messages) -> Row:
    """An answer as a message, with a reasoning as chat templates read it (`reasoning_content`)."""
    message = _single(messages)
    found: Row = {"role": message.role, "content": message.content}
    return found if message.reasoning is msgspec.UNSET else {**found, "reasoning_content": message.reasoning}


def _single(messages: Messages) -> Message:
    if len(messages) != 1 or messages[0].role != "assistant":
        raise Unfit("its answer is not one message of the assistant", "mend the file, or run the spec again")
    return messages[0]


def parted(messages: Messages) -> tuple[Messages, Messages]:
    """The prompt and the answer of a conversation."""
    return messages[:-1], messages[-1:]


def chat_type(*, reasoning: bool = False) -> Type:
    """Type of a list of messages."""
    fields = [Column("role", TEXT), Column("content", TEXT)]
    return Listed(Fields((*fields, Column("reasoning_content", TEXT)) if reasoning else tuple(fields)))
