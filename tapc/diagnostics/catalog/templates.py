"""TAP3xx: templates of prompts."""

from tapc.diagnostics.codes import Rule, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP301",
        "template-syntax",
        "A template does not parse.",
        "Templates are Jinja2: `{{ name }}` prints a value, `{% if … %}` and `{% for … %}` end with `{% endif %}` and"
        ' `{% endfor %}`. To print two braces as text, write `{{ "{{" }}`.',
    ),
    error(
        "TAP302",
        "unknown-hole",
        "A template reads a name that does not exist.",
        "Templates see the axes of the dataset (its taxonomy and mixes) and the steps, under the names the spec gives"
        " them. Correct the name, or declare the step or axis.",
    ),
    error(
        "TAP303",
        "unknown-attribute",
        "A template reads an attribute that does not exist.",
        "Axes have `.name`, `.title`, `.definition`, `.note.KEY`, `.example`; a taxonomy also `.path` and `.parent`,"
        " languages `.tag`, `.endonym`, `.script` and `.direction`. Results of steps have the fields of their"
        " `returns`, scores and `.reasoning`.",
    ),
    error(
        "TAP304",
        "unknown-filter",
        "A template uses an unknown filter.",
        "The filters are default, indent, join, json, length, lower, sample, title, trim and upper. Others are left"
        " out so that a template can be checked completely before the first request.",
    ),
    error(
        "TAP305",
        "tag-not-allowed",
        "A template uses a tag other than if and for.",
        "Only `{% if %}` (with elif and else) and `{% for %}` are available: a spec is declarative, and its templates"
        ' neither define nor include anything. To print two braces as text, write `{{ "{{" }}`.',
    ),
    error(
        "TAP306",
        "expression-not-allowed",
        "A template contains a computation.",
        "Expressions consist of names, attributes, constants, comparisons, `and`, `or`, `not` and the listed filters."
        " Arithmetic, calls, subscripts and tests are not part of the language; use `| default(…)` for a value that"
        " may be missing.",
    ),
    error(
        "TAP307",
        "attribute-missing",
        "A template reads an attribute that some leaves or values do not have.",
        "A prompt must be complete for every leaf and value it is rendered with. Add the attribute to those named, add"
        " it to a node above them (attributes are inherited, except titles), or give a default:"
        ' `| default("…")`.',
    ),
    error(
        "TAP308",
        "template-too-large",
        "A template is too long or too deeply nested.",
        "Limits keep checks and rendering fast: 200,000 characters, 2,000 expressions and tags, 250 words in one of"
        " them, 16 nested tags, two nested loops. Move fixed material into a file that a step reads as input.",
    ),
    error(
        "TAP309",
        "not-a-list",
        "A template treats a text as a list.",
        "`{% for %}`, `join` and `sample` need a list: the `.example` of an axis, or a field of type `list` of a"
        " structured result.",
    ),
    error(
        "TAP310",
        "filter-argument",
        "A filter has a wrong argument.",
        "`sample(3)` takes a number from 1 to 1000, `indent(2)` a number from 0 to 80, `join` a short text such as"
        ' `", "`, `default` the value to print instead; the others take no argument.',
    ),
    error(
        "TAP311",
        "never-equal",
        "A template compares an axis with a value it never has.",
        'Axes are compared by name, not by title: `difficulty == "hard"`. The comparison as written is always false,'
        " which is never what was meant.",
    ),
    error(
        "TAP312",
        "not-readable-here",
        "A template reads a name that exists but cannot be read here.",
        "A step with several candidates is read one candidate at a time: write `for STEP` in the step that reads it."
        " Endpoints and rubrics have no text. A step with `per AXIS` sees only that axis.",
    ),
)
