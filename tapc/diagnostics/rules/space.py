"""TAP2xx: taxonomy, mixes, shares, conditions."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP201",
        "percentages-do-not-add-up",
        "Percentages of siblings do not sum to 100.",
        "Where all siblings have a percentage, they must sum to exactly 100%; where a sibling has a weight, a count or"
        " nothing, they must stay under 100%, or nothing would be left for it. Correct a percentage, or leave one"
        " sibling unmarked: it takes what is left.",
    ),
    error(
        "TAP202",
        "share-form",
        "A share is not written as shares are.",
        "A share is `40%`, a bare number (a weight), `count 50` or nothing, and `at_least 20` and `at_most 500` may"
        " follow. One share a node; numbers are not negative.",
    ),
    error(
        "TAP203",
        "counts-contradict",
        "Counts and bounds cannot all hold.",
        "Counts and lower bounds must fit into the parent's total, and where only counts (or upper bounds) stand, they"
        " must fill it. The message shows the sum. Change a number, or leave one sibling unmarked: it takes the rest.",
    ),
    error(
        "TAP204",
        "nearly-reserved",
        "A name is one letter away from a word of the language.",
        "`tittle` beside nodes is far more often a slip of `title` than the name of a node, and would silently become"
        " one. Correct the word; where the name is meant, put it in quotes.",
    ),
    error(
        "TAP205",
        "reserved-word",
        "A word of the language stands where it means nothing.",
        "import, param, when, exclude, count, at_least, at_most, title, definition, example, note, only, except, from,"
        " columns and levels are reserved as heads of entries. As a name, put it in quotes.",
    ),
    error(
        "TAP206",
        "duplicate-node",
        "Two siblings have the same name.",
        "A name identifies a node among its siblings and a value in its mix. Rename or remove one of them.",
    ),
    error(
        "TAP207",
        "duplicate-attribute",
        "An attribute is given twice.",
        "A title, a definition or a note with the same key may be given once for each node. Remove one of them.",
    ),
    error(
        "TAP208",
        "number-as-name",
        "A number stands where a name is expected.",
        'Names begin with a letter; put others in quotes: `"0402" 10%`.',
    ),
    error(
        "TAP209",
        "attribute-form",
        "An attribute is not written as it should be.",
        '`title "…"`, `definition "…"`, `note KEY "…"`, `example { question "…", answer "…" }`, `only [a, b.c]`,'
        ' `except [d]`, `from "file.csv"`.',
    ),
    error(
        "TAP210",
        "unknown-axis",
        "A condition names an axis that does not exist.",
        "Axes are the dataset's taxonomy and mixes, under the names they have in the dataset.",
    ),
    error(
        "TAP211",
        "unknown-value",
        "A rule names a value that its axis does not have.",
        "Values of mixes are named by name, nodes of the taxonomy by their path from the root:"
        " `topic in physics.mechanics`.",
    ),
    error(
        "TAP212",
        "rules-overlap",
        "Two rules for one mix disagree where they meet.",
        "A rule wins over another if its region lies inside the other's. Where two regions overlap only in part and"
        " give different shares, neither wins. Narrow one of them, or add a rule for exactly the overlap.",
    ),
    error(
        "TAP213",
        "rule-never-matches",
        "A condition never holds.",
        "No sample can lie in the region: its tests exclude each other, or name only values that are excluded"
        " everywhere. Correct or remove the rule.",
    ),
    error(
        "TAP214",
        "mix-emptied",
        "A mix is left without values somewhere.",
        "`exclude` removes values and the others absorb their share; where all are removed nothing can absorb it."
        " Exclude less, or restrict the rule with `when`.",
    ),
    error(
        "TAP215",
        "mixes-in-a-circle",
        "Mixes depend on each other in a circle.",
        "A mix that is replaced or excluded where another has a value depends on that other one and is drawn after it."
        " Break the circle at one of the rules shown.",
    ),
    error(
        "TAP216",
        "unknown-language",
        "A value of `language` is no BCP-47 tag.",
        "Values of a mix named `language` are BCP-47 tags such as `en`, `zh-Hans`, `pt-BR`: language, optional script,"
        " optional region, from the IANA registry.",
    ),
    error(
        "TAP217",
        "language-not-canonical",
        "A language tag is not in its canonical form.",
        "One language must have one name, or its samples would be counted apart: `zh-Hans`, not `zh-hans`; `he`, not"
        " `iw`.",
    ),
    error(
        "TAP218",
        "circular-graft",
        "A taxonomy or mix is copied into itself.",
        "A graft copies a declaration with everything inside it; one that leads back to itself would never end.",
    ),
    error(
        "TAP219",
        "unknown-node",
        "A path names a node that does not exist.",
        "Paths in `only`, `except` and grafts start below the taxonomy they prune or copy.",
    ),
    error(
        "TAP220",
        "nothing-left",
        "A taxonomy or mix has no nodes or values.",
        "Declare at least one, or keep at least one: `only` and `except` together must leave something.",
    ),
    error(
        "TAP221",
        "when-content",
        "A `when` block holds something other than shares.",
        "`when` replaces shares of mixes: `when topic in physics { mix difficulty { hard 100% } }`. Titles,"
        " definitions, notes and new values belong into the mix itself.",
    ),
    error(
        "TAP222",
        "space-too-large",
        "A sample space has too many nodes or levels.",
        "At most 250,000 nodes and values, 64 levels deep.",
    ),
    error(
        "TAP223",
        "drawn-for-candidates",
        "A rule tests a mix that is drawn for each candidate.",
        "A mix `per candidate` has no single value in a sample, so that nothing can depend on it.",
    ),
    error(
        "TAP224",
        "not-a-mix",
        "A rule changes something other than a mix.",
        "`exclude` and `when` change mixes. To leave nodes of the taxonomy out, write `except [path]` in it.",
    ),
    error(
        "TAP225",
        "children-of-a-value",
        "A value of a mix has children.",
        "Values of mixes are flat. A tree is a taxonomy; a dataset has one.",
    ),
    error(
        "TAP226",
        "ambiguous-path",
        "The name of a node with a dot in it reads like a path through its sibling.",
        'Paths join names with dots, so a node `"a.b"` beside a node `a` would be taken for a node inside `a` wherever'
        " paths are written: in conditions, counts and reports. Give one of them another name; what is printed is the"
        " title.",
    ),
    warning(
        "TAP227",
        "language-without-name",
        "A language tag names no language.",
        "`und`, `mul`, `mis`, `zxx` and tags for private use (`x-…`, `qaa` to `qtz`) stand for no language in particular:"
        ' prompts would say "Unknown language", and `require language` has nothing to compare with. Write the tag of the'
        " language that is meant, perhaps with a part for private use (`en-x-pirate`), or call the mix something else.",
    ),
)
