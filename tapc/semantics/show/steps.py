"""Steps, one function per kind."""

from fractions import Fraction
from typing import Any

from tapc.ir import FieldType, Generate, Input, Judge, Message, Pair, Score, Step, Vote
from tapc.semantics.page import Page, number
from tapc.semantics.registry import Registry
from tapc.semantics.show.checks import checks
from tapc.semantics.show.endpoints import sampling
from tapc.syntax import quote, write_entry, write_name


def step(given: Step, registry: Registry, page: Page) -> None:
    """One step."""
    path = f"step.{given.name}"
    page.gap()
    with page.block(f"{given.kind} {write_name(given.name)}", path):
        registry.steps[given.kind].show(given, path, page)
        checks(given.checks(), registry.checks, path, page)


def _names(head: str, names: tuple[str, ...], path: str, page: Page) -> None:
    page.listed(head, map(write_name, names), f"{path}.{head}")


def show_input(given: Input, path: str, page: Page) -> None:
    """Write the fields of a step."""
    if given.file is not None:
        page.put(f"file {quote(given.file.text)}", f"{path}.file")
    if given.hub is not None:
        with page.block(f"hub {quote(given.hub)}", f"{path}.hub"):
            if given.revision is not None:
                page.put(f"revision {quote(given.revision)}", f"{path}.hub")
            page.put(f"split {write_name(given.split or 'train')}", f"{path}.hub")
    if given.field is not None:
        page.put(f"field {write_name(given.field)}", f"{path}.field")
    for name in ("columns", "match"):
        pairs: tuple[tuple[str, str], ...] = getattr(given, name)
        if pairs:
            with page.block(name, f"{path}.{name}"):
                for key, column in pairs:
                    optional = " optional" if name == "columns" and key in (given.optional or ()) else ""
                    page.put(f"{write_entry(key)} {quote(column)}{optional}", f"{path}.{name}")


def show_generate(given: Generate, path: str, page: Page) -> None:
    """Write the fields of a step."""
    if given.pick is None:
        _names("using", given.using, path, page)
    else:
        page.put(f"using {given.pick} of [{', '.join(map(write_name, given.using))}]", f"{path}.using")
    if given.each != 1:
        page.put(f"each {given.each}", f"{path}.each")
    if given.for_step is not None:
        page.put(f"for {write_name(given.for_step)}", f"{path}.for")
    if given.per:
        _names("per", given.per, path, page)
    _messages(given.messages, path, page)
    if given.returns is not None:
        _returns(given.returns, f"{path}.returns", page)
    _numbers(given, path, page, attempts=3, need=None, expect_tokens=None)
    sampling(given.sampling, path, page)


def _numbers(given: Any, path: str, page: Page, **defaults: int | None) -> None:
    for name, default in defaults.items():
        value = getattr(given, name)
        if value != default:
            page.put(f"{name} {value}", f"{path}.{name}")


def _messages(messages: tuple[Message, ...], path: str, page: Page) -> None:
    roles = [message.role for message in messages]
    if roles in (["user"], ["system", "user"]):
        for message in messages:
            head = "prompt" if message.role == "user" else "system"
            page.text(head, message.content.text, f"{path}.{head}")
        return
    with page.block("messages", f"{path}.messages"):
        for message in messages:
            page.text(message.role, message.content.text, f"{path}.messages")


def _returns(kind: FieldType, path: str, page: Page) -> None:
    with page.block("returns", path):
        for name, inner in kind.fields:
            _typed(write_entry(name), inner, path, page)


def _typed(name: str, kind: FieldType, path: str, page: Page) -> None:
    words, inner = [name], kind
    while inner.kind == "list" and inner.item is not None:
        words.append("list")
        inner = inner.item
    if inner.kind == "one_of":
        words.append(f"one_of [{', '.join(map(quote, inner.options))}]")
    elif inner.kind != "object":
        words.append(inner.kind)
        if inner.minimum is not None and inner.maximum is not None:
            words.append(f"{number(inner.minimum)}..{number(inner.maximum)}")
    text = " ".join(words) + ("" if kind.definition is None else f": {quote(kind.definition)}")
    if inner.kind != "object":
        page.put(text, path)
        return
    with page.block(text, path):
        for key, part in inner.fields:
            _typed(write_entry(key), part, path, page)


def show_judge(given: Judge, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    _names("using", given.using, path, page)
    if given.panel != "mean":
        page.put(f"panel {given.panel}", f"{path}.panel")
    page.put(f"rubric {write_name(given.rubric.name)}", f"{path}.rubric")
    if given.mode != "pointwise":
        page.put(f"mode {given.mode}", f"{path}.mode")
    if given.prompt_of is not None:
        page.put(f"prompt {write_name(given.prompt_of)}", f"{path}.prompt")
    if given.given:
        page.listed("given", map(page.path, given.given), f"{path}.given")
    if given.system is not None:
        page.text("system", given.system.text, f"{path}.system")
    _numbers(given, path, page, attempts=3)
    sampling(given.sampling, path, page)


def show_score(given: Score, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    if given.using is not None:
        page.put(f"using {write_name(given.using)}", f"{path}.using")
        page.put("kind reward", f"{path}.kind")
    if given.run:
        page.put(f"run [{', '.join(map(quote, given.run))}]", f"{path}.run")


def show_vote(given: Vote, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    argument = "" if given.argument is None else f" {quote(given.argument)}"
    page.put(f"extract {given.extract}{argument}", f"{path}.extract")


def show_pair(given: Pair, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    page.listed("by", map(page.path, given.by), f"{path}.by")
    _side("chosen", given.chosen, given.chosen_of, path, page)
    _side("rejected", given.rejected, given.rejected_of, path, page)
    if given.chosen_at_least is not None:
        page.put(f"chosen_at_least {number(given.chosen_at_least)}", f"{path}.chosen_at_least")
    if given.margin is not None:
        most = given.margin_at_most
        bounds = f">= {number(given.margin)}" if most is None else f"{number(given.margin)}..{number(most)}"
        page.put(f"margin {bounds}", f"{path}.margin")
    within = [*([] if given.within is None else [given.within]), *map(write_name, given.within_drawn or ())]
    if within:
        page.put(f"within {within[0]}" if len(within) == 1 else f"within [{', '.join(within)}]", f"{path}.within")
    if given.all:
        page.put("all", f"{path}.all")


def _side(head: str, word: str, argument: str | None, path: str, page: Page) -> None:
    if word in ("best", "worst"):
        return
    if word == "endpoint":
        page.put(f"{head} from {write_name(argument or '')}", f"{path}.{head}")
    elif word == "quantile":
        page.put(f"{head} quantile {number(Fraction(argument or 0))}", f"{path}.{head}")
    else:
        page.put(f"{head} {word}", f"{path}.{head}")
