"""TAP2xx: taxonomy, mixes, shares, conditions."""

from tapc.diagnostics.codes import Rule, error, warning

RULES: tuple[Rule, ...] = (
    error(
        "TAP201",
        "percentages-do-not-add-up",
        "Percentages of siblings do not sum to 100.",
        "If all siblings have a percentage, these must sum to exactly 100%; if a sibling has a weight, a count or no share,"
        " they must sum to less than 100%, or nothing would be left for it. Correct a percentage, or leave one sibling"
        " without a share: it gets the rest.",
    ),
    error(
        "TAP202",
        "share-form",
        "A share is malformed.",
        "A share is `40%`, a plain number (a weight), `count 50` or nothing, and `at_least 20` and `at_most 500` may"
        " follow. A node has one share; numbers are not negative.",
    ),
    error(
        "TAP203",
        "counts-contradict",
        "Counts and bounds cannot all hold.",
        "Counts and lower bounds must fit into the total of the parent; if all siblings have counts (or upper bounds),"
        " they must fill it. The message shows the sum. Change a number, or leave one sibling without a share: it gets"
        " the rest.",
    ),
    warning(
        "TAP204",
        "nearly-reserved",
        "A name is one letter away from a word of the language.",
        '`tittle "Physics"` among nodes is more likely a typo of `title` than a node. Correct the word; if the name is '
        "meant, put it in quotes.",
    ),
    error(
        "TAP205",
        "reserved-word",
        "A word of the language is used where it has no meaning.",
        "import, param, when, exclude, count, at_least, at_most, title, definition, example, note, only, except, from,"
        " columns and levels are reserved as the first word of an entry. To use one as a name, put it in quotes.",
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
        "There is a number where a name is expected.",
        'Names begin with a letter; put others in quotes: `"0402" 10%`.',
    ),
    error(
        "TAP209",
        "attribute-form",
        "An attribute is malformed.",
        'Write `title "…"`, `definition "…"`, `note KEY "…"`, `example { question "…", answer "…" }`, `only [a, b.c]`,'
        ' `except [d]` or `from "file.csv"`.',
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
        "A rule refers to values of mixes by name, and to nodes of the taxonomy by their path from the root:"
        " `topic in physics.mechanics`.",
    ),
    error(
        "TAP212",
        "rules-overlap",
        "Two rules for one mix disagree where their regions overlap.",
        "A rule takes precedence over another if its region lies inside the other's. If two regions overlap only in part"
        " and give different shares, neither does. Narrow one of them, or add a rule for exactly the overlap.",
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
        "A mix has no values left in some region.",
        "`exclude` removes values and the others take their share; if all are removed, none is left to take it."
        " Exclude less, or restrict the rule with `when`.",
    ),
    error(
        "TAP215",
        "mixes-in-a-circle",
        "Mixes depend on each other in a circle.",
        "A mix whose shares a rule changes for values of another mix depends on that mix and is drawn after it. Remove one"
        " of the rules shown.",
    ),
    error(
        "TAP216",
        "unknown-language",
        "A value of `language` is not a BCP-47 tag.",
        "Values of a mix named `language` are BCP-47 tags such as `en`, `zh-Hans`, `pt-BR`: language, optional script,"
        " optional region, from the IANA registry.",
    ),
    error(
        "TAP217",
        "language-not-canonical",
        "A language tag is not in its canonical form.",
        "One language must have one name, or its samples would be counted separately: write `zh-Hans`, not `zh-hans`;"
        " `he`, not `iw`.",
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
        "A `when` block contains something other than shares.",
        "`when` replaces shares of mixes: `when topic in physics { mix difficulty { hard 100% } }`. Titles,"
        " definitions, notes and new values belong in the mix itself.",
    ),
    error(
        "TAP222",
        "space-too-large",
        "A sample space has too many nodes or levels.",
        "A sample space has at most 250,000 nodes and values, and 64 levels.",
    ),
    error(
        "TAP223",
        "drawn-for-candidates",
        "A rule tests a mix that is drawn for each candidate.",
        "A mix `per candidate` has no single value in a sample, so no rule can depend on it.",
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
        "The values of a mix are flat. Use the taxonomy for a tree; a dataset has one.",
    ),
    error(
        "TAP226",
        "ambiguous-path",
        "The name of a node with a dot in it reads like a path through its sibling.",
        'Paths join names with dots, so a node `"a.b"` next to a node `a` would look like a node inside `a` in conditions,'
        " counts and reports. Rename one of them; prompts print the title, not the name.",
    ),
    warning(
        "TAP227",
        "language-without-name",
        "A language tag does not name a language.",
        "`und`, `mul`, `mis`, `zxx` and private-use tags (`x-…`, `qaa` to `qtz`) do not stand for a particular language:"
        ' prompts would say "Unknown language", and `require language` could not compare. Write the tag of the intended'
        " language, optionally with a private-use part (`en-x-pirate`), or give the mix another name.",
    ),
    error(
        "TAP228",
        "moved-to-another-kind",
        "Something moved to what it cannot have been.",
        "`moved` says what a thing was called: an axis was an axis (`moved level = difficulty`), a node was a node and a value"
        " a value of the same axis (`moved level.hard = level.expert`). If the axis was renamed too, both lines are needed."
        " What really became something else has new samples: remove the line.",
    ),
    error(
        "TAP229",
        "moved-to-nothing",
        "The new name of a `moved` line does not exist.",
        "The right side of `moved OLD = NEW` names something of the dataset, or the left side of a later rename. Correct the"
        " name, or remove the line if what it named is gone.",
    ),
    error(
        "TAP230",
        "moved-name-in-use",
        "A name is used again while a line says that it moved.",
        "Samples of what moved are still drawn as its first name, so something new of that name would be given the same"
        " samples. Give the new one a name that nothing had before. (If no sample was made yet, or all may be made again,"
        " remove the line.)",
    ),
    error(
        "TAP231",
        "moved-in-a-circle",
        "Lines of `moved` lead back to where they begin.",
        "`moved a = b` and `moved b = a` leave no first name. To return to an earlier name, remove the line that gave it up"
        " instead of adding another. Two names cannot be exchanged: choose a new one for at least one of them.",
    ),
    error(
        "TAP232",
        "moved-together",
        "Two things would be drawn as the same.",
        "A name can have become one thing, and a thing can have been one. Two that share a first name would share their"
        " samples. Keep the line of what the samples were drawn as, and remove the other; what has no line is drawn by its"
        " own name.",
    ),
    error(
        "TAP233",
        "moved-without-effect",
        "A `moved` line changes nothing.",
        "Its two names are the same, it is given twice, or the first name follows from the other lines: with"
        " `moved topic = subject`, the node `subject.heat` was `topic.heat` in any case. Remove it.",
    ),
    warning(
        "TAP234",
        "renamed-without-moved",
        "A name that the lock has is gone, and another one is new in its place.",
        "Samples are drawn by the names of axes, nodes and values, so a renamed value has other samples, and all of them are"
        " asked again. If it is the same under a new name, say so with `moved OLD = NEW`: its samples stay, and only prompts"
        " that show the name are asked again. `tapc check --fix` writes the line. If it is something else, nothing has to be"
        " done: the next run or `tapc plan --lock` writes a lock with the new name.",
    ),
)
