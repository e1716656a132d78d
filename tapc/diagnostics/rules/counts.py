"""TAP23x: quotas that contradict each other, found when cells are counted."""

from tapc.diagnostics.codes import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "TAP230",
        "children-need-more",
        "error",
        "The children of a node need more samples than the node has.",
        "Counts, `at_least` bounds and percentages below a node add up to more than its own number. Lower one of them, "
        "or raise the node's share or `samples`. The message has the numbers.",
    ),
    Rule(
        "TAP231",
        "children-take-less",
        "error",
        "The children of a node cannot take all of its samples.",
        "Every child is fixed by a count, a percentage or `at_most`, and together they take less than the node has. Leave "
        "one child without a bound, so that it takes the rest, or raise a bound.",
    ),
    Rule(
        "TAP232",
        "bounds-cross",
        "error",
        "`at_least` is above `at_most`.",
        "No number can lie between the two. Swap or change them.",
    ),
    Rule(
        "TAP233",
        "percentages-over-100",
        "error",
        "Percentages add up to more than 100.",
        "Shares of siblings are parts of one whole. The message shows the sum; lower one of them, or use weights (plain "
        "numbers), which need not add up to anything.",
    ),
    Rule(
        "TAP234",
        "rules-disagree",
        "error",
        "Two `when` rules give different shares to the same sample.",
        "Where the regions of two rules overlap and neither lies inside the other, tapc cannot know which one is meant. "
        "Make one region part of the other, or write a third rule for the overlap.",
    ),
    Rule(
        "TAP235",
        "no-values-left",
        "error",
        "Somewhere a mix has no value left.",
        "Exclusions and rules take every value away for some samples. Leave at least one, or exclude the samples.",
    ),
    Rule(
        "TAP236",
        "mixes-wait-for-each-other",
        "error",
        "Mixes depend on each other in a circle.",
        "A mix whose shares depend on another one is counted after it; in a circle none can be first. Break the circle.",
    ),
    Rule(
        "TAP237",
        "too-many-samples",
        "error",
        "The number of samples cannot be counted exactly.",
        "Counting is exact in 64 bits up to 2^28 samples. Split a larger dataset into several.",
    ),
)
