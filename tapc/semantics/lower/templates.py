"""Texts with holes: what they may read, and checking them."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from tapc.ir import Template
from tapc.semantics.compose import Arg
from tapc.semantics.lower.names import Names
from tapc.syntax.nodes import Path, Quoted, Text
from tapc.templates import Kind, TemplateScope, check_template

_WORD = re.compile(r"[\w-]+")
_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TOKEN = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[\w-]+|\.|\||[^\w]", re.DOTALL)


class Offer(msgspec.Struct, frozen=True):
    """What a step offers to templates.

    Attributes:
        kind: of its view where it has one candidate.
        several: whether it has several candidates, so that `for` is needed.
        of: the step whose candidates it judges, scores or answers; empty for others.
        hidden: why it can never be read, empty if it can.
        per: axes for whose values it is made once each; empty where it is made for each slot.
        draws: whether its own templates may read mixes drawn for each candidate.
    """

    kind: Kind
    several: bool
    of: str = ""
    hidden: str = ""
    per: tuple[str, ...] = ()
    draws: bool = False


class Templates:
    """Checks the templates of a dataset."""

    def __init__(
        self, names: Names, axes: Mapping[str, Kind], offers: Mapping[str, Offer], broken: Sequence[str]
    ) -> None:
        """Take what exists; `broken` axes are wrong themselves, so that templates naming them are not judged."""
        self._names = names
        self._broken = frozenset(broken)
        self._axes = axes
        self._offers = offers

    def varies(self, axis: str) -> bool:
        """Whether an axis exists and has more than one value."""
        kind = self._axes.get(axis)
        return kind is not None and (kind.values is None or len(set(kind.values)) > 1)

    def scope(self, step: str, for_step: str | None = None) -> TemplateScope:
        """What templates of a step may read: all axes, and every other step with one candidate, or that `for` names.

        A step that slots share (`per`) may read what is the same for all of them: its own axes, and steps shared by at
        least the same slots.
        """
        hidden = self._hidden_axes(step)
        visible = {name: kind for name, kind in self._axes.items() if name not in hidden}
        for name, offer in self._offers.items():
            why = self._hidden_step(name, offer, step, for_step)
            if why:
                hidden[name] = why
            else:
                visible[name] = offer.kind
        for name in self._names.of("endpoint", "rubric"):
            hidden.setdefault(name, f"it is an {self._names.kinds[name]}".replace("an rubric", "a rubric"))
        for name, kind in self._names.outside().items():
            if name not in visible:
                hidden.setdefault(name, f"it is declared outside the dataset; write `{kind} {name} = {name}` inside")
        return TemplateScope(visible, hidden)

    def _per(self, step: str) -> tuple[str, ...]:
        own = self._offers.get(step)
        return () if own is None else own.per

    def _hidden_axes(self, step: str) -> dict[str, str]:
        drawn = self._names.per_candidate & self._axes.keys()
        hidden: dict[str, str] = {}
        own = self._offers.get(step)
        if own is None or not own.draws:
            hidden = dict.fromkeys(drawn, "it is drawn for each candidate of a `generate` step")
        per = self._per(step)
        if per:
            shared = _shared(step, per)
            for axis in self._axes.keys() - set(per):
                hidden[axis] = shared if axis in drawn else f"{shared}; name `{axis}` in its `per` as well"
        return hidden

    def _hidden_step(self, name: str, offer: Offer, step: str, for_step: str | None) -> str:
        """Why a step cannot be read, empty if it can."""
        if name == step:
            return "a step cannot read itself"
        if offer.hidden:
            return offer.hidden
        per = self._per(step)
        if per and not (offer.per and set(offer.per) <= set(per)):
            return f"{_shared(step, per)}, and `{name}` may differ between slots that share it"
        if offer.several and name != for_step:
            return f"it has several candidates; add `for {name}` to make one job for each"
        return ""

    def check(self, arg: Arg, step: str, for_step: str | None = None) -> Template | None:
        """Check one template; names of a pipeline's parameters become what they stand for."""
        node = arg.value
        if not isinstance(node, Text | Quoted):
            return None
        if self._broken:
            words = set(_WORD.findall(node.text)) | {a.word for a in map(Arg.follow, arg.scope.arguments.values())}
            if words & self._broken:
                return Template.trusted(text=node.text)
        scope = self.scope(step, for_step)
        renamed = _renamed(arg, scope)
        if renamed:
            names = {**scope.names, **{n: scope.names[to] for n, to in renamed.items() if to in scope.names}}
            hidden = {**scope.hidden, **{n: scope.hidden[to] for n, to in renamed.items() if to in scope.hidden}}
            scope = TemplateScope(names, {n: why for n, why in hidden.items() if n not in names})
        made = check_template(node, arg.scope.file, scope, self._names.report)
        if made is None or not renamed:
            return made
        reads = sorted({renamed.get(name, name) for name in made.reads})
        return Template.trusted(text=rename(made.text, renamed), reads=tuple(reads))


def _shared(step: str, per: tuple[str, ...]) -> str:
    return f"`{step}` is made once for each value of {' and '.join(f'`{axis}`' for axis in per)}"


def _renamed(arg: Arg, scope: TemplateScope) -> dict[str, str]:
    """Parameters of the pipeline that stand for axes or steps under another name."""
    found: dict[str, str] = {}
    for name, given in arg.scope.arguments.items():
        value = given.follow().value
        if isinstance(value, Path) and len(value.parts) == 1:
            target = value.parts[0].text
            if target != name and (target in scope.names or target in scope.hidden):
                found[name] = target
    return found


def rename(text: str, names: Mapping[str, str]) -> str:
    """Rename what a checked template reads; attributes, filters and strings stay."""

    def inside(match: re.Match[str]) -> str:
        before = ""
        parts: list[str] = []
        for token in _TOKEN.findall(match.group()):
            parts.append(names[token] if token in names and before not in (".", "|") else token)
            if not token.isspace():
                before = token
        return "".join(parts)

    return _CODE.sub(inside, text)
