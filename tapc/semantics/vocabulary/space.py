"""Words of the sample space: taxonomy and nodes, mixes and values."""

from tapc.semantics.vocabulary.model import Field, Statement

_SHARES = (
    Field("count", "count", "Exactly this many samples.", "mechanics count 50", unit="samples", least=0),
    Field("at_least", "count", "A lower bound; what it takes, the others give.", "cells at_least 20", unit="samples"),
    Field("at_most", "count", "An upper bound; what it frees, the others take.", "cells at_most 500", unit="samples"),
)
_DESCRIBED = (
    Field("title", "text", "What people and prompts read instead of the name; not inherited.", 'title "Mechanics"'),
    Field("definition", "text", 'What is meant; `: "…"` and `///` say the same.', 'definition "forces, motion"'),
    Field(
        "note",
        "shape",
        "A named text for templates: `.note.KEY`.",
        'note style "formal"',
        shape='KEY "…"',
        many=True,
    ),
)
_EXAMPLE = Field(
    "example",
    "open",
    "A few-shot seed: named texts.",
    'example { question "What is 2 + 2?", answer "4" }',
    many=True,
)
_PRUNING = (
    Field("only", "paths", "Keeps only these nodes of a graft or table.", "only [cardiology, surgery.general]"),
    Field("except", "paths", "Leaves these nodes of a graft or table out.", "except [dentistry]"),
)
_FROM = Field(
    "from",
    "shape",
    "Reads the entries from a CSV or JSONL file, relative to this one.",
    'from "catalog.csv"',
    shape='"FILE"',
)
_COLUMNS = Field(
    "columns",
    "block",
    "Which column of the table gives what.",
    "columns { id code, parent parent_code, title name_en, weight w, note style register }",
    block="columns",
)

STATEMENTS = (
    Statement(
        "taxonomy",
        "The tree of topics that samples are spread over. A dataset has at most one; without one there is a single"
        " leaf. Attributes on it are inherited by every node, except `title`. `by leaves`: a node without a share"
        " weighs as much as the leaves below it, so that samples are spread over leaves; with `at_least 1` every leaf"
        " has one.",
        'taxonomy NAME [by leaves [at_least N]] [= path] [from "FILE"] { nodes }',
        (
            *_DESCRIBED,
            _EXAMPLE,
            *_PRUNING,
            _FROM,
            _COLUMNS,
            Field("levels", "names", "Columns of a wide table, from the root down.", "levels [field, subfield]"),
        ),
        free="nodes",
        section="Sample space",
    ),
    Statement(
        "node",
        "A node of a taxonomy. A leaf is a node without children. Shares: `40%` of the parent, a bare number as a"
        " weight, nothing for weight 1, `count 50` exactly; `at_least` and `at_most` may follow any of them.",
        'NAME [share] ["title"] [: "definition"] [= path] { children or attributes }',
        (*_SHARES, *_DESCRIBED, _EXAMPLE, *_PRUNING),
        free="nodes",
        section="Sample space",
    ),
    Statement(
        "mix",
        "A categorical axis. Values of a mix named `language` are BCP-47 tags. With `per candidate` it is drawn for"
        " each candidate of a step instead of each slot.",
        'mix NAME [per candidate] [= path] [from "FILE"] { values }',
        (*_DESCRIBED, _EXAMPLE, *_PRUNING, _FROM, _COLUMNS),
        free="values",
        section="Sample space",
    ),
    Statement(
        "value",
        "A value of a mix, with shares as nodes have them.",
        'NAME [share] ["title"] [: "definition"] { attributes }',
        (*_SHARES, *_DESCRIBED, _EXAMPLE),
        section="Sample space",
    ),
    Statement(
        "columns",
        "Columns of a table, by what they give.",
        "columns { WHAT COLUMN, … }",
        (
            Field("id", "shape", "Identity of a row.", "id code", shape="COLUMN"),
            Field("name", "shape", "Name of the node or value.", "name label", shape="COLUMN"),
            Field("parent", "shape", "Identity of the parent's row; empty for roots.", "parent up", shape="COLUMN"),
            Field("title", "shape", "Title.", "title name_en", shape="COLUMN"),
            Field("definition", "shape", "Definition.", "definition text", shape="COLUMN"),
            Field("weight", "shape", "Weight.", "weight w", shape="COLUMN"),
            Field("percent", "shape", "Percentage.", "percent share", shape="COLUMN"),
            Field("count", "shape", "Exact count.", "count n", shape="COLUMN"),
            Field("note", "shape", "A note.", "note style register", shape="KEY COLUMN", many=True),
        ),
        section="Sample space",
    ),
    Statement(
        "when",
        "Replaces a mix where the condition holds. Values not restated get 0. A rule wins over another if its region"
        " lies inside the other's.",
        "when CONDITION { mix … }",
        (Field("mix", "block", "The shares that hold there.", "mix difficulty { hard 100% }", block="mix", many=True),),
        section="Sample space",
    ),
    Statement(
        "exclude",
        "Removes values of one mix, everywhere or where the condition holds; its other values absorb their share.",
        "exclude AXIS = value | in [ … ] [when CONDITION]",
        section="Sample space",
    ),
    Statement(
        "moved",
        "Says that an axis, a node or a value was called something else before. Samples are counted, drawn and locked"
        " under the first name, so a rename changes none of them; only prompts that show the name are asked again. The"
        " line stays as long as the dataset is used. Paths begin with the axis: `moved level = difficulty` (a mix or"
        " the taxonomy), `moved difficulty.hard = difficulty.expert` (a value), `moved topic.optics ="
        " topic.physics.optics` (a node with all below it, which may get another parent).",
        "moved OLD = NEW",
        section="Sample space",
    ),
)
