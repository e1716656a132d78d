"""Exit codes, the same for all commands."""

OK = 0
WRONG_SPEC = 1
USAGE = 2
OVER_BUDGET = 3
CHANGES = 4
SHORT = 5
INTERRUPTED = 130
NOBODY_READS = 141
"""What shells report for a process that ended because the reader of its output went away."""
