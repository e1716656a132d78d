"""TAP0xx: text that does not parse."""

from tapc.diagnostics.codes import Rule, error

RULES: tuple[Rule, ...] = (
    error(
        "TAP001",
        "not-utf-8",
        "A file is not encoded as UTF-8.",
        "Specs are UTF-8 so that they mean the same on every machine. Save the file as UTF-8 in your editor, or convert"
        " it: `iconv -f latin1 -t utf-8 old.tap > new.tap`.",
    ),
    error(
        "TAP002",
        "not-normalised",
        "A file is not in Unicode's normal form NFC.",
        "Many letters can be written in two ways that look alike, as one code point or as a letter and a mark. Names"
        " are compared by code points, so specs are kept in the composed form, NFC. `tapc check --fix` converts.",
    ),
    error(
        "TAP003",
        "control-character",
        "A file contains a control character or half a surrogate pair.",
        "Apart from tabs and line ends, control characters do not belong in a text file: editors hide them. Remove it;"
        ' in a string write an escape such as `"\\u{1}"`. Lines end with `\\n` or `\\r\\n`.',
    ),
    error(
        "TAP004",
        "missing-edition",
        "A file does not begin with its edition.",
        "The first statement is `tap 1`. It says by which rules the file is read, so that a later tapc can change the"
        " language without changing what old specs mean. `tapc check --fix` adds it.",
    ),
    error(
        "TAP005",
        "unknown-edition",
        "A file asks for an edition this tapc does not read.",
        "This tapc reads edition 1, written `tap 1`. A file of a later edition needs a newer tapc.",
    ),
    error(
        "TAP006",
        "misplaced-edition",
        "The edition is not the first statement, or is stated twice.",
        "`tap 1` is written once, before every other statement; only comments may precede it.",
    ),
    error(
        "TAP007",
        "unclosed-block",
        "A `{` has no `}`.",
        "Where braces do not add up, tapc reads the indentation: a block that is still open when a line begins at or"
        " left of the line that opened it is the one reported. Close it there.",
    ),
    error(
        "TAP008",
        "unmatched-closer",
        "A `}`, `]` or `)` closes nothing.",
        "Either it is left over, or the bracket it should close is missing or of another kind. Remove it or open it.",
    ),
    error(
        "TAP009",
        "unclosed-bracket",
        "A `[` or `(` has no partner.",
        "Lists `[a, b]` and arguments `(a, b)` may run over several lines but end within their block. Close it.",
    ),
    error(
        "TAP010",
        "unexpected-text",
        "The grammar does not allow this text here.",
        'Every statement is `head value… [: "definition"] [= path] [{ block }]`, in this order, or begins with'
        " `import`, `param`, `when` or `exclude`. The message says what was expected at that place.",
    ),
    error(
        "TAP011",
        "unclosed-string",
        "A string is not closed on its line.",
        'Strings begin and end with `"` on one line; a quote inside is written `\\"`. Longer texts are blocks between'
        ' `"""` lines.',
    ),
    error(
        "TAP012",
        "unclosed-text",
        "A text block is not closed.",
        'A text block ends with `"""` at the start of a line. Nothing else ends it, so without that line it'
        " would swallow the statements that follow.",
    ),
    error(
        "TAP013",
        "text-indentation",
        "A line of a text block is indented less than its closing quotes.",
        "The indentation of the closing quotes is removed from every line of the text; blank lines may be shorter. Indent"
        " the line at least as far, or move the closing quotes left. Tabs and spaces do not count as equal.",
    ),
    error(
        "TAP014",
        "text-starts-late",
        'A text block does not start on the line after its opening `"""`.',
        'Nothing may follow the opening `"""` on its line, so that the spec shows the text as it is sent. For one line,'
        ' use a string in single `"`.',
    ),
    error(
        "TAP015",
        "unknown-escape",
        "A string contains an unknown escape.",
        'Escapes are `\\"`, `\\\\`, `\\/`, `\\n`, `\\t`, `\\r`, `\\b`, `\\f`, `\\uXXXX` and `\\u{X…}`. In a regular expression every'
        ' backslash is doubled: `matches "\\\\d+"`.',
    ),
    error(
        "TAP016",
        "name-character",
        "A name contains a character that is not allowed in names.",
        "Names consist of letters of any script with their marks, digits, `_` and inner `-`. Quote any other name,"
        ' wherever it is used: `"C++" 10%`, `topic."0402"`. Typographic quotes, wide commas and special spaces are not'
        " punctuation.",
    ),
    error(
        "TAP017",
        "word-too-long",
        "A name or number is longer than 500 characters.",
        "It is almost certainly not meant as a name. Put longer texts in quotes.",
    ),
    error(
        "TAP018",
        "nested-too-deep",
        "Blocks, lists and calls are nested more than 64 deep.",
        "Declare the inner part of a deep taxonomy on its own and graft it: `node = inner`. Grafts do not count.",
    ),
    error(
        "TAP019",
        "missing-separator",
        "Two statements are not separated.",
        "Statements end at a newline or a comma. Put a comma between them, or give each its own line.",
    ),
    error(
        "TAP020",
        "statement-word",
        "A word that begins a statement is used as a name.",
        "`import`, `param`, `when` and `exclude` begin statements. As the name of a node, a value or a field they are"
        ' quoted: `"when" 30%`.',
    ),
    error(
        "TAP021",
        "misplaced-doc",
        "A doc comment has no statement to describe.",
        "`///` lines describe the statement that follows and need lines of their own. Use `//` for any other comment.",
    ),
    error(
        "TAP022",
        "incomplete-statement",
        "A statement ends too early.",
        "A value is missing at its end, for example after `=`, `:` or `in`, or the block of a `when`.",
    ),
    error(
        "TAP023",
        "too-many-findings",
        "A file has more findings than are shown.",
        "The first hundred are shown; correct them and check again. A file that is not a spec ends here too.",
    ),
    error(
        "TAP024",
        "format-changes-meaning",
        "Formatting a file would change what it says.",
        "The formatter compares the tokens before and after, and leaves a file alone where they differ. This is a bug in"
        " tapc; please report it with the lines it points at.",
    ),
)
