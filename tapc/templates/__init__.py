"""Templates: checked at compile time, rendered in a strict sandbox or, where they are plain, without it."""

from tapc.templates.axes import AxisViews, views
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
from tapc.templates.views import Examples, ExampleView, LanguageView, MixValueView, NodeView

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
