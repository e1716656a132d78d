"""What the kinds of steps share while they are lowered."""

from collections.abc import Callable, Mapping

import msgspec

from tapc.ir import Endpoint, FieldType
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.arguments import CheckContext, CheckKind
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.rubrics import RubricDraft
from tapc.semantics.lower.scores import Scores
from tapc.semantics.lower.templates import Templates
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, Ref, wrong_value
from tapc.syntax.nodes import Path


class StepDraft(msgspec.Struct, eq=False):
    """A step whose fields are sorted, before its references are followed.

    Attributes:
        candidates: most candidates of a slot; None while unknown.
        returns: of a generate step with a structure.
        rubric: of a judge.
        columns: names an input's rows offer.
    """

    item: Item
    fields: Fields
    candidates: int | None = None
    returns: FieldType | None = None
    rubric: RubricDraft | None = None
    columns: tuple[str, ...] = ()

    def word(self, name: str) -> str:
        """The one word of a field; empty where it is something else."""
        item = self.fields.get(name)
        return item.args[0].follow().word or "" if item is not None and len(item.args) == 1 else ""

    def words(self, name: str) -> tuple[str, ...]:
        """Names that a field lists, sorted."""
        item = self.fields.get(name)
        listed = [arg.follow().word for given in (item.args if item is not None else ()) for arg in given.spread()]
        return tuple(sorted({word for word in listed if word}))


class LoweringContext(msgspec.Struct, frozen=True, eq=False):
    """Everything a step may refer to.

    Attributes:
        endpoint: lowers an endpoint by reference; None where it is wrong (reported).
        drafts: all steps by name.
        checks: all kinds of checks by name.
        makers: kinds of steps that make candidates.
        scorers: kinds of steps that give scores.
    """

    names: Names
    report: Report
    templates: Templates
    scores: Scores
    endpoint: Callable[[Ref], Endpoint | None]
    drafts: Mapping[str, StepDraft]
    checks: Mapping[str, CheckKind]
    makers: tuple[str, ...]
    scorers: tuple[str, ...]

    def endpoints(self, arg: Arg) -> tuple[str, ...] | None:
        """Names of the endpoints a value lists, each once; None where one is wrong (reported)."""
        found: list[str] = []
        fine = True
        for part in arg.spread():
            ref = ref_of(part)
            if ref is None:
                wrong_value("using", "an endpoint", part, "using [writer, llama]", self.report)
                fine = False
                continue
            endpoint = self.endpoint(ref)
            if endpoint is None:
                fine = False
            elif endpoint.name in found:
                self.report.add(
                    "TAP109", f"`{endpoint.name}` is listed twice; use `each 2` for more candidates", part.place
                )
            else:
                found.append(endpoint.name)
        if not found and fine:
            self.report.add("TAP104", "the list of endpoints is empty", arg.place)
        return tuple(found) if found and fine else None

    def step_of(self, fields: Fields, field: str, *kinds: str, what: str) -> str | None:
        """The step a field names; None where it is not given, or wrong (reported)."""
        ref: Ref | None = fields.read(field)
        if ref is None:
            return None
        if ref.text == fields.item.name:
            self.report.add("TAP410", f"`{ref.text}` cannot read itself", ref.arg.place)
            return None
        return self.names.find(ref, *kinds, what=what)

    def of_checks(self, draft: StepDraft) -> CheckContext:
        """What checks of a step may name."""
        fields = None if draft.returns is None else tuple(dotted(draft.returns))
        return CheckContext(draft.item.name, self.names, fields, self.scores, self.checks)


def ref_of(arg: Arg) -> Ref | None:
    """A value as a reference, if it is a path."""
    value = arg.value
    return Ref(value.text, tuple(part.text for part in value.parts), arg) if isinstance(value, Path) else None


def dotted(kind: FieldType, prefix: str = "") -> list[str]:
    """Paths of all fields of a structure."""
    found: list[str] = []
    for name, inner in kind.fields:
        found.append(prefix + name)
        found += dotted(inner, f"{prefix}{name}.")
    return found
