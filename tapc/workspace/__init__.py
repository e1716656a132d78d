"""What each command of tapc does, as functions: a spec on disk in, a document, files or replies out.

This package puts the layers below it together and owns what belongs to none of them: files of the user, git, the
environment, the event loop, errors that end a command. It prints nothing and knows no option and no exit code:
`tapc.cli.commands` reads the options and calls a function of this package, `tapc.ui` draws what comes back. So whatever
a command does can be called from Python as well.

Where to find a command:

| command | module | the function to start with |
|---|---|---|
| `check`, `check --fix` | `check.counts`, `check.fixes` | `check_counts`, `fix_specs` |
| `show` | `spec.checked` | `check_spec`; the text comes from `tapc.frontend.show` |
| `plan` | `plan.document` | `plan_document` |
| `plan --out`, `run PLAN` | `plan.saved` | `save_plan`, `read_plan`, `outdated` |
| `plan --why` | `plan.misses` | `explain_jobs` |
| `plan --lock` | `spec.lock` | `save_lock` |
| `plan --what-if` | `what_if` | `what_if_document` |
| `plan --track` | `tracking` | `track_document` |
| `diff`, `plan --against` | `diff` | `load_side`, `diff_document` |
| `preview` | `preview` | `stored_samples`, after a small run |
| `run` | `run.execution` | `run_plan` |
| `export` | `export` | `export_folder` |
| `test` | `test`, `tested` | `try_spec` |
| `status`, `budget` | `accounts` | `status_document`, `budget_document` |
| `cache` | `cache.traversal`, `cache.verify` | `visited_keys`, `verification_findings` |
| `doctor` | `doctor` | `prepare`, `examine` |
| `fmt`, `new`, `import` | `fmt`, `new`, `import_` | `format_paths`, `start_spec`, `import_path` |
| `schema`, `sim` | `schemas`, `sim` | `document_schema`, `serve_simulated` |

What several commands share:

- `spec`: from a path to a checked dataset (`checked`) and to its counts (`counted`), from disk or from a git revision
  (`git`, `checkout`), with the lock next to it (`lock`). Nearly every command begins here.
- `stored`: what the store has of a plan, found by folding the plan over it without asking anything (`stored_fold`).
- `acceptance`: what passes each step of a run, recorded for later plans.
- `estimate`: what a run will send and pay, for `plan`, `diff` and the question before a run.
- `tracking`: forecasts of runs, kept before their first request and scored by `plan --track`.
- `speeds`: how fast servers are, recorded by runs and read by plans.
- `opening`: an existing store, closed at the end.
- `expectations`: what a spec expects and a plan or run does not keep, as findings.
- `refused`, `errors`: what ends a command early. A function raises `Refused` with findings and a cause;
  `errors.explain_error` turns errors of the layers below into the same.
- `event_loop`: the loop of a run, and what Ctrl-C does to it.
- `files`: files that are replaced as a whole, or not at all.

To read it, follow one command down: `check_spec`, `count_spec`, `plan_document`, `run_plan`.

It may import every package of tapc but `tapc.ui` and `tapc.cli`, and neither `rich` nor `click`; import-linter holds
that. `tapc check` must not load what plans and runs need (`tests/cli/test_cli_cold_start.py`): so this module imports
nothing, and `check.counts` loads the counting only where it can find something.

To add a command: a function here (a module of the command's name, or a package if there is more than one), its options
in `tapc/cli/commands`, a line in `tapc/cli/program.py`, and its view in `tapc/ui` if it draws tables.
"""
