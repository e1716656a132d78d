"""A spec from a path to its counts, as every command loads it.

1. `checked.check_spec`: parse, resolve, check, lower, apply `--endpoint`, lint. All findings, and the dataset if there
   is no error. Reads modules and tables through a loader: from disk, or from a git revision (`git.GitLoader`).
2. `counted.count_spec`: read the lock (`lock`), the files that inputs and checks name, and count every cell.
   Contradictions come back as findings at their places in the source, and so do names that the lock has and the spec
   no longer has (`renamed`). Files of a revision are written to a temporary
   folder first (`checkout`).

Both return structures with findings instead of raising; `GitError` and `OverrideError` are raised for what the user got
wrong on the command line.
"""
