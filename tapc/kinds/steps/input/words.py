"""Words of `input`: existing rows, dealt to slots."""

from tapc.semantics.vocabulary.model import Field, Statement

INPUT = Statement(
    "input",
    "Existing rows, dealt in hash order to slots in rank order, without replacement.",
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
