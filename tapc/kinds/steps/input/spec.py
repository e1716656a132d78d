"""`input` between spec and model: how it is read, printed and seen by other steps."""

import os.path
import posixpath
from typing import Any, cast

from tapc.ir import Template
from tapc.kinds.steps.input.model import Input
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.registry import StepKind
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, Ref, unknown_word
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.syntax import quote, write_entry, write_name
from tapc.syntax.nodes import Quoted
from tapc.templates import Kind, text_kind

INPUT = Statement(
    "input",
    "Existing rows, one for each sample, none of them twice. Samples are drawn as their rows.",
    "input NAME { fields }",
    (
        Field(
            "file", "template", "A JSONL, CSV, TSV or Parquet file.", 'file "prompts/{{ source }}.jsonl"', rival="hub"
        ),
        Field(
            "hub",
            "shape",
            "A dataset read through `datasets`.",
            'hub "org/set" { revision "main", split train }',
            shape='"ORG/SET" [{ revision "…", split NAME }]',
            block="hub",
            rival="file",
        ),
        Field(
            "field", "path", "The column that is the step's text; `a.b` is a field in a column.", "field instruction"
        ),
        Field(
            "columns",
            "open",
            "Further columns, as NAME COLUMN; `optional` behind one that some of several files lack.",
            "columns { answer gold, hint hint optional }",
        ),
        Field("match", "open", "Puts rows into cells by column: AXIS COLUMN.", "match { language lang }"),
    ),
    section="Steps",
)
HUB = Statement(
    "hub",
    "Which part of a dataset to read.",
    'hub "ORG/SET" { fields }',
    (
        Field("revision", "text", "Commit, tag or branch.", 'revision "main"'),
        Field("split", "name", "Split.", "split train", default="train"),
    ),
    section="Steps",
)

_OPTIONAL = "optional"


def lower(draft: StepDraft, context: LoweringContext) -> Input | None:
    """Lower an input; None where it cannot be understood (reported)."""
    fields, report, item = draft.fields, context.report, draft.item
    file_item, hub = fields.get("file"), fields.get("hub")
    if (file_item is None) == (hub is None):
        notes = ('for example `file "rows.jsonl"` or `hub "org/set"`',)
        report.add(
            "TAP427", f"input `{item.name}` reads either a `file` or a `hub` dataset", item.name_place, notes=notes
        )
    values: dict[str, Any] = {}
    arg = fields.read("file")
    if arg is not None:
        values["file"] = _file(arg, draft, context)
    if hub is not None:
        values |= _hub(hub, context)
    ref: Ref | None = fields.read("field")
    values["field"] = None if ref is None else ref.text
    values["columns"], optional = _pairs(fields, "columns", context, word=_OPTIONAL)
    values["optional"] = optional or None
    values["match"] = _match(fields, context)
    if values.get("file") is None and values.get("hub") is None:
        return None
    return Input.trusted(name=item.name, **{name: value for name, value in values.items() if value is not None})


def _file(arg: Arg, draft: StepDraft, context: LoweringContext) -> Template | None:
    template = context.templates.check(arg, draft.item.name)
    if template is None:
        return None
    own, root = (scope.module.path.parent.as_posix() for scope in (arg.scope, context.names.composed.scope))
    if own == root or posixpath.isabs(template.text):
        return template
    return template.model_copy(update={"text": posixpath.join(os.path.relpath(own, root), template.text)})


def _hub(item: Item, context: LoweringContext) -> dict[str, Any]:
    args = [arg.follow() for arg in item.args]
    if len(args) != 1 or not isinstance(args[0].value, Quoted):
        context.report.add(
            "TAP104", "`hub` takes the name of a dataset", item.place, notes=('for example `hub "org/set"`',)
        )
        return {}
    inner = Fields(item, "hub", context.report)
    split: Ref | None = inner.read("split")
    return {"hub": args[0].value.text, "revision": inner.read("revision"), "split": split.text if split else "train"}


def _pairs(
    fields: Fields, name: str, context: LoweringContext, word: str | None = None
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """NAME COLUMN, sorted; and the names with a word behind them, where the field takes one."""
    found: dict[str, Any] = fields.read(name) or {}
    item = fields.get(name)
    columns: dict[str, str] = {}
    marked: list[str] = []
    for key, value in found.items():
        column = value
        if word is not None and isinstance(value, list) and len(values := cast("list[Any]", value)) == 2:
            column = values[0] if values[1] == word else None
            marked += [key] * (values[1] == word)
        if isinstance(column, str):
            columns[key] = column
            continue
        place = next((c.place for c in (item.children if item else None) or () if c.head == key), fields.item.place)
        notes = (f"for example `{fields.field(name).example}`",)
        context.report.add("TAP104", f"`{key}` needs the name of a column", place, notes=notes)
    return tuple(sorted(columns.items())), tuple(sorted(marked))


def _match(fields: Fields, context: LoweringContext) -> tuple[tuple[str, str], ...]:
    item = fields.get("match")
    pairs, _ = _pairs(fields, "match", context)
    axes = context.names.axes()
    for child in (item.children if item else None) or ():
        if child.head not in axes:
            unknown_word("there is no axis", child.head, axes, child.head_place, context.report, code="TAP111")
    return tuple(pair for pair in pairs if pair[0] in axes)


def read_columns(draft: StepDraft, names: Names, report: Report) -> None:  # noqa: ARG001 - what every kind is given
    """Read the names of the columns that rows offer."""
    columns = draft.fields.get("columns")
    if columns is not None:
        draft.columns = tuple(child.head for child in columns.children or ())


def row_fields(draft: StepDraft) -> dict[str, Kind]:
    """What templates may read of a row."""
    return {name: text_kind() for name in draft.columns}


def show(given: Input, path: str, page: Page) -> None:
    """Write the fields of a step."""
    if given.file is not None:
        page.put(f"file {quote(given.file.text)}", f"{path}.file")
    if given.hub is not None:
        with page.block(f"hub {quote(given.hub)}", f"{path}.hub"):
            if given.revision is not None:
                page.put(f"revision {quote(given.revision)}", f"{path}.hub")
            page.put(f"split {write_name(given.split or 'train')}", f"{path}.hub")
    if given.field is not None:
        page.put(f"field {write_name(given.field)}", f"{path}.field")
    for name in ("columns", "match"):
        pairs: tuple[tuple[str, str], ...] = getattr(given, name)
        if pairs:
            with page.block(name, f"{path}.{name}"):
                for key, column in pairs:
                    optional = " optional" if name == "columns" and key in (given.optional or ()) else ""
                    page.put(f"{write_entry(key)} {quote(column)}{optional}", f"{path}.{name}")


KIND = StepKind(
    INPUT,
    part("input", "Existing rows.", 'input rows { file "rows.jsonl", field text }'),
    Input,
    lower,
    show,
    (HUB,),
    read_columns,
    candidates=lambda _draft, _endpoints: 1,
    fields=row_fields,
    deals=True,
    made="row",
)
