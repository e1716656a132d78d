"""The intermediate representation (IR) of a dataset: frozen, canonical and exact.

Lowering (`tapc.semantics`) makes a `Dataset` from a composed spec. Everything after that reads the IR alone: the plan,
the steps, the run and the outputs. It is

- *frozen*: all models are immutable and reject unknown fields;
- *canonical*: order in the text does not matter, so equal specs give equal models and equal
  `digest`s; the order of the text is kept as well, for people (`Placed.place`);
- *exact*: shares and prices are rationals and integers, never floats.

Start reading in `dataset.py` (the root), then `space.py` (taxonomy, mixes, rules), `endpoints.py`, `steps.py` and
`expectations.py`. `names.py` says under which names renamed things are counted and drawn.
`exact.py` has the number types, `canonical.py` the canonical JSON that is hashed, `plain.py` the rules for names that
become file names.

To add a field, give it a default that `canonical_json` leaves out (None), so that digests of existing specs stay the
same, and read it in the lowering. `tests/golden` has the digests of all shipped specs.

Imports nothing else of tapc.
"""

from tapc.ir.base import Frozen, Placed, Template, as_written
from tapc.ir.canonical import canonical_json, digest
from tapc.ir.dataset import MAX_SAMPLES, AnyEmit, Budget, Card, Ceiling, Dataset, Emit, Reserve
from tapc.ir.endpoints import DEFAULT_MAX_TOKENS, Endpoint, EnvRef, Limit, LongPrice, Price, Sampling, Transport
from tapc.ir.exact import PICO, Money, MoneyRate, Ratio, dollars
from tapc.ir.expectations import Expectation, Measure, Unit, Verified
from tapc.ir.names import IdentityNames, NamePath, Renames, node_paths
from tapc.ir.plain import alike, plain_from, why_not_plain
from tapc.ir.space import (
    Condition,
    Described,
    Example,
    Exclusion,
    Language,
    Mix,
    MixRule,
    MixValue,
    Moved,
    Share,
    Space,
    Taxonomy,
    TaxonomyNode,
    Test,
)
from tapc.ir.steps import (
    AnyCheck,
    AnyStep,
    Aspect,
    Check,
    FieldType,
    Judging,
    RowFiles,
    Rubric,
    ScoreType,
    Step,
    TextLength,
    Writing,
)

__all__ = [
    "DEFAULT_MAX_TOKENS",
    "MAX_SAMPLES",
    "PICO",
    "AnyCheck",
    "AnyEmit",
    "AnyStep",
    "Aspect",
    "Budget",
    "Card",
    "Ceiling",
    "Check",
    "Condition",
    "Dataset",
    "Described",
    "Emit",
    "Endpoint",
    "EnvRef",
    "Example",
    "Exclusion",
    "Expectation",
    "FieldType",
    "Frozen",
    "IdentityNames",
    "Judging",
    "Language",
    "Limit",
    "LongPrice",
    "Measure",
    "Mix",
    "MixRule",
    "MixValue",
    "Money",
    "MoneyRate",
    "Moved",
    "NamePath",
    "Placed",
    "Price",
    "Ratio",
    "Renames",
    "Reserve",
    "RowFiles",
    "Rubric",
    "Sampling",
    "ScoreType",
    "Share",
    "Space",
    "Step",
    "Taxonomy",
    "TaxonomyNode",
    "Template",
    "Test",
    "TextLength",
    "Transport",
    "Unit",
    "Verified",
    "Writing",
    "alike",
    "as_written",
    "canonical_json",
    "digest",
    "dollars",
    "node_paths",
    "plain_from",
    "why_not_plain",
]
