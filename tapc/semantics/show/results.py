"""What comes out, what it may cost, and what the card says."""

import json
from fractions import Fraction

from tapc.ir import PICO, Budget, Card, Ceiling, Dataset, Emit
from tapc.semantics.lower import accepted_by_default, default_emit
from tapc.semantics.page import Page, count, number, percent
from tapc.semantics.registry import EmitKind, Registry
from tapc.semantics.show.endpoints import open_block
from tapc.semantics.show.expectations import expectations
from tapc.syntax import quote, write_entry, write_name

_DEFAULT_RESERVE = (1, 5)


def results(dataset: Dataset, registry: Registry, page: Page) -> None:
    """Emits, acceptance, reserve, budget, expectations, card and meta."""
    for emit in dataset.emits:
        kind = registry.emits[emit.kind]
        if not kind.by_default or emit != default_emit(kind):
            _emit(emit, kind, page)
    if dataset.accept != accepted_by_default(dataset.emits, {step.name for step in dataset.steps}):
        page.gap()
        page.put(f"accept [{', '.join(map(write_name, dataset.accept))}]", "accept")
    if (dataset.reserve.share, dataset.reserve.floor) != _DEFAULT_RESERVE:
        page.gap()
        page.put(f"reserve {percent(dataset.reserve.share)} at_least {dataset.reserve.floor}", "reserve")
    _budget(dataset.budget, page)
    expectations(dataset.expectations, page)
    _card(dataset.card, page)
    meta = json.loads(dataset.meta)
    if meta:
        page.gap()
        open_block("meta", meta, "meta", page)


def _emit(emit: Emit, kind: EmitKind, page: Page) -> None:
    path = f"emit.{emit.name}"
    head = f"emit {emit.kind}" + ("" if emit.name == emit.kind else f" {write_name(emit.name)}")
    page.gap()
    lines: list[tuple[str, str]] = []
    if emit.source is not None:
        lines.append(("from", page.path(emit.source)))
    if emit.formats != ("jsonl",):
        lines.append(("format", f"[{', '.join(emit.formats)}]"))
    lines += kind.show(emit, page)
    lines += [(name, value) for name in ("reasoning", "system") if (value := getattr(emit, name)) != "drop"]
    lines += [] if emit.family is None else [("family", quote(emit.family))]
    lines += [("optional", "")] if emit.optional else []
    if not lines and not emit.split:
        page.put(head, path, head)
        return
    with page.block(head, path, head):
        for name, text in lines:
            page.put(f"{name} {text}".rstrip(), f"{path}.{name}")
        if emit.split:
            with page.block("split", f"{path}.split"):
                for name, part in emit.split:
                    page.put(f"{write_entry(name)} {percent(part)}", f"{path}.split")


def _budget(budget: Budget, page: Page) -> None:
    if budget == Budget.trusted():
        return
    page.gap()
    with page.block("budget", "budget"):
        _ceiling(budget.total, "", "budget", page)
        _ceiling(budget.per_run, " per run", "budget", page)
        for kind, named in (("endpoint", budget.endpoints), ("step", budget.steps)):
            for name, ceiling in named:
                head = f"{kind} {write_name(name)}"
                with page.block(head, f"budget.{kind}.{name}", head):
                    _ceiling(ceiling, "", f"budget.{kind}.{name}", page)


def _ceiling(ceiling: Ceiling, end: str, path: str, page: Page) -> None:
    if ceiling.cost is not None:
        page.put(f"cost ${number(Fraction(ceiling.cost, PICO))}{end}", f"{path}.cost{end}")
    for name in ("tokens", "requests"):
        value = getattr(ceiling, name)
        if value is not None:
            page.put(f"{name} {count(value)}{end}", f"{path}.{name}{end}")


def _card(card: Card, page: Page) -> None:
    if card == Card.trusted():
        return
    page.gap()
    with page.block("card", "card"):
        for name, value in card:
            if isinstance(value, str):
                page.text(name, value, f"card.{name}")
            elif value:
                page.put(f"{name} [{', '.join(map(quote, value))}]", f"card.{name}")
