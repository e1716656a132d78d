"""Kinds of steps, checks and emits: what a spec may say, and what comes of it.

A *step* turns what a slot has so far into candidates, scores or pairs (`generate`, `judge`, ...). A *check* says which
results may stay (`require length`, ...). An *emit* writes rows of what was made (`emit sft`, ...). Everything about a
kind is in its own package; nothing outside of it asks for a kind by name.

Each kind has two halves, and each half is registered in a typed tuple:

- What a spec says: its words, its model in the IR, how one becomes the other, and how the model is written as a spec
  again. `declared.py` lists these (`StepKind`, `CheckKind`, `EmitKind`), and `tapc check` loads nothing else.
- What runs: the program of a step, the test of a check, the rows of an emit. `programs.py` lists these
  (`StepRuntime`, `CheckRuntime`, `EmitRuntime`), for `tapc plan`, `tapc run` and whatever else makes jobs or rows.

The two halves share the model alone. What others want to know of a step are methods of its model, with defaults in
`tapc.ir.Step`: which endpoints it asks, whose candidates it scores, which step's candidates it pairs. A lint, an
estimate or a column of a row asks these, and so treats a new kind like the others.

The package of a kind of step, such as `steps/vote`:

- `model.py`: its fields in the IR and its answers to the questions of `tapc.ir.Step`. It imports the IR only.
- `spec.py`: the statement and its fields, each with a sentence and an example, which the checker, the suggestions and
  the reference of the language read; `lower` makes a model of what a spec says and reports what is wrong; `show` writes
  it; `KIND` registers.
- `program.py`: a class whose `run` is a coroutine over effects (`tapc.steps.effects`); `RUNTIME` registers.

To add a kind of step: write these three files and add two lines to each tuple. Read `steps/vote` first, which asks
nothing, and then `steps/score`, which asks one endpoint. Then follow these rules:

- A field that may be left out is None in the model where it is, and None is left out of digests: a field that is added
  later must not change the digests of specs that do not use it.
- A program is a pure function of replies and decisions: no clock, no random numbers, no names in what is asked.
- List in the model's `asked` the statements that can change a request, by their first word; `tapc diff` says by them
  what is asked again.

The package of a check, such as `checks/length`, or of an emit, such as `emits/kto`, has two files:

- `spec.py`: the model, if the kind has fields or answers of its own, how they are read and written, and `KIND`. An
  argument of a check is one `Argument`, which does both ways.
- `program.py`: for a check, a class that looks at a candidate, or at what was accepted before, or asks a program; for
  an emit, a function from a slot to rows, and their columns. `RUNTIME` registers.

They are two files since `tapc check` must not wait for what runs: the tests of texts load NumPy, `regex` and tables of
languages. Data and helpers of one kind only stand next to them (`checks/language/siblings.toml`).

To add a check or an emit: write these two files and add two lines to each tuple, the import and the name. Read
`checks/matches` and `emits/prompts` first. Helpers that several kinds share are below: `tapc.semantics.lower.arguments`
and `emit_fields` for reading, `tapc.checks` for texts, `tapc.rows` for rows. What others ask of a check or an emit are
methods of `tapc.ir.Check` and `tapc.ir.Emit`: which axes and files it depends on, how long texts may be, whether its
rows are for training.

`tests/semantics/test_vocabulary_conforms.py` tries the example of every field, and ways to write every check and emit:
each must be understood, mean something, come back from `show` as the same, and be seen by `diff`. `tests/kinds/toy.py`
is a complete example on one page; `tests/kinds/test_toy_kinds.py` registers it and follows it from the spec to the rows
on disk.

What may import what: a kind builds on `tapc.semantics` (reading and showing), `tapc.rows`, `tapc.steps` and
`tapc.checks` (running), and on no other kind. `model` and `spec` know nothing of what runs. The machinery
below takes the registry as an argument; the layers above (`tapc.frontend`, `tapc.plan`, `tapc.outputs`, ...) import the
tuples and `compiling`, never a kind. Import contracts in `pyproject.toml` hold all of this.
"""
