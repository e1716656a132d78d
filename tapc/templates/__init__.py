"""Templates: checked at compile time, and rendered for every request.

Templates are Jinja2, restricted so that a check can prove before the first request that every name and attribute exists
for every slot: no calls, no arithmetic, no tags but `if` and `for`.

- Check: `check_template` (`check.py`) checks a text of a spec against a `TemplateScope`, which says what may be read.
  `plain.py` accepts simple templates without loading Jinja; `walk.py` and `expressions.py` do the full check and
  report findings with exact places (`tokens.py`).
- Render: `compile_template` (`render.py`) returns a `Renderer`. Simple templates become a list of getters, all others
  run in the sandbox of `environment.py`. Both print values by `printing.py`.
- Data: `views` (`axes.py`, `axis_views.py`) builds the objects that templates see of taxonomy nodes and mix values;
  `longest.py` those with the longest texts, for bounds.

Start reading in `check.py` and `render.py`. To add a filter: write it in `filters.py` and its rule in
`filter_rules.py`.

Imports `tapc.ir`, `tapc.syntax`, `tapc.source` and `tapc.diagnostics`.
"""

from tapc.templates.axes import AxisViews, views
from tapc.templates.axis_views import Examples, ExampleView, LanguageView, MixValueView, NodeView
from tapc.templates.check import Reporter, check_template
from tapc.templates.kinds import mix_kind, space_kinds, taxonomy_kind
from tapc.templates.longest import longest_names
from tapc.templates.printing import json_of, text_of
from tapc.templates.render import Renderer, compile_template
from tapc.templates.scope import (
    Attribute,
    Kind,
    TemplateScope,
    list_kind,
    number_kind,
    record_kind,
    text_kind,
)

__all__ = [
    "Attribute",
    "AxisViews",
    "ExampleView",
    "Examples",
    "Kind",
    "LanguageView",
    "MixValueView",
    "NodeView",
    "Renderer",
    "Reporter",
    "TemplateScope",
    "check_template",
    "compile_template",
    "json_of",
    "list_kind",
    "longest_names",
    "mix_kind",
    "number_kind",
    "record_kind",
    "space_kinds",
    "taxonomy_kind",
    "text_kind",
    "text_of",
    "views",
]
