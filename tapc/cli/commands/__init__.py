"""One module per command of `tapc`: its options, its help, and what is printed in which order.

See `tapc.cli` for what a module may import and how to add a command. Commands with subcommands (`budget`, `cache`,
`sim`) are click groups in one module. `run` also holds `confirm`, which `preview` shares, and `diff` holds
`print_diff`, which `plan --against` shares.
"""
