"""How severe each difference between two datasets is: by what it can change, and by the keys of jobs."""

from collections.abc import Iterable

from tapc.ir import Dataset
from tapc.plan.diff.differences import Difference, find_differences
from tapc.plan.diff.document import SEVERITIES, Change, Severity, Slots, worst
from tapc.plan.diff.jobs import JobsCompared
from tapc.plan.diff.renaming import LaterNames
from tapc.semantics.registry import Registry
from tapc.semantics.vocabulary.endpoints import SAMPLING

_PARAMETERS = frozenset(field.name for field in SAMPLING)
_SETTINGS = frozenset({"dataset", "budget", "expect", "card", "meta"})
_SENT_BY_ENDPOINT = _PARAMETERS | {"model", "revision", "identity", "thinking", "token_field"}
_ONLY_ESTIMATED = frozenset({"expect_tokens"})
_DESCRIPTIONS = frozenset({"title", "definition", "note", "example"})
_COUNTED = frozenset({"samples", "taxonomy", "mix", "rule", "exclusion"})


def differences_of(before: Dataset, after: Dataset, registry: Registry, jobs: JobsCompared) -> list[Difference]:
    """All differences between two datasets; steps and endpoints with another name are the same ones.

    Args:
        before: the earlier dataset.
        after: the later one.
        registry: the kinds that both may use.
        jobs: comparison of keys.
    """
    endpoints = _renamed_endpoints(before, after)
    later = LaterNames(before.space, after.space)
    named = before.model_copy(update={"space": later.earlier_space()})
    names = {**jobs.renamed, **endpoints, **later.words} if later else jobs.renamed | endpoints
    return find_differences(named, after, registry, names)


def find_changes(
    before: Dataset,
    after: Dataset,
    differences: Iterable[Difference],
    slots: Slots,
    jobs: JobsCompared,
    anew: int = 0,
) -> list[Change]:
    """Differences between two datasets with their severities, those with the greatest effect first.

    Args:
        before: the earlier dataset.
        after: the later one.
        differences: the result of `differences_of`.
        slots: comparison of slots.
        jobs: comparison of keys.
        anew: samples that an axis which was added, removed or renamed makes other samples.
    """
    endpoints = _renamed_endpoints(before, after)
    judge = _Severities(before, after, slots, jobs, anew)
    found = [_change(one, judge.of(one)) for one in differences]
    kinds = {step.name: step.kind for step in before.steps}
    found += [_renaming(kinds[old], old, new) for old, new in jobs.renamed.items()]
    found += [_renaming("endpoint", old, new) for old, new in endpoints.items()]
    return in_order(found)


def in_order(changes: Iterable[Change]) -> list[Change]:
    """The changes by falling effect, and otherwise as they were."""
    return sorted(changes, key=lambda change: -SEVERITIES.index(change.severity))


def _change(one: Difference, severity: Severity) -> Change:
    return Change(
        what=one.owner,
        field=one.field,
        severity=severity,
        before=one.before,
        after=one.after,
        default=one.default if one.before is None or one.after is None else "",
        reordered=one.reordered,
    )


def _renaming(kind: str, old: str, new: str) -> Change:
    return Change(what=f"{kind} {old}", field="name", severity="settings", before=old, after=new)


def _renamed_endpoints(before: Dataset, after: Dataset) -> dict[str, str]:
    old = {e.name: e for e in before.endpoints if e.name not in {x.name for x in after.endpoints}}
    new = {e.name: e for e in after.endpoints if e.name not in {x.name for x in before.endpoints}}
    found: dict[str, str] = {}
    for name, endpoint in old.items():
        for other, candidate in new.items():
            if other not in found.values() and candidate.model_copy(update={"name": name}) == endpoint:
                found[name] = other
                break
    return found


def _describes(one: Difference) -> bool:
    """Whether it is a text about a node or value."""
    return one.field.rpartition(".")[2].partition(" ")[0] in _DESCRIPTIONS or ".example." in f".{one.field}"


class _Severities:
    """Decides severities by what a statement can change; for those that can change requests, by the keys."""

    def __init__(self, before: Dataset, after: Dataset, slots: Slots, jobs: JobsCompared, anew: int) -> None:
        self._anew = anew
        self._slots = slots
        self._jobs = jobs
        self._asked = {s.name: s.asked for s in (*before.steps, *after.steps)}
        self._later = {b: a for a, b in jobs.renamed.items()}
        self._users: dict[str, set[str]] = {}
        self._judges: dict[str, set[str]] = {}
        for step in (*before.steps, *after.steps):
            for name in step.endpoints():
                self._users.setdefault(name, set()).add(step.name)
            for rubric in step.rubrics():
                self._judges.setdefault(rubric.name, set()).add(step.name)

    def of(self, one: Difference) -> Severity:
        """The severity of a difference."""
        if one.reordered:
            return "none"
        root, _, name = one.path.partition(".")
        word = one.field.partition(".")[0].partition(" ")[0]
        match root:
            case "endpoint":
                users = self._users.get(name, set()) if word in _SENT_BY_ENDPOINT else set[str]()
                found = self._by_keys(users, "settings")
            case "rubric":
                found = self._by_keys(self._judges.get(name, set()), "refilter")
            case "step":
                found = self._of_step(one, word, name)
            case "first_input":
                found = "regenerate"
            case "seed":
                found = self._by_keys(set(self._asked), "settings")
            case "moved":  # prompts may show the name
                found = self._by_keys(set(self._asked), self._counted())
            case "taxonomy" | "mix" if self._anew and not one.field:
                found = "regenerate"
            case _ if root in _COUNTED:
                found = self._by_keys(set(self._asked), "settings") if _describes(one) else self._counted()
            case _:
                found = "settings" if root in _SETTINGS else "refilter"
        return found

    def _of_step(self, one: Difference, word: str, name: str) -> Severity:
        if one.field == "":
            return "extend" if one.before is None and self._asked[name] else "refilter"
        if word in _ONLY_ESTIMATED:
            return "settings"
        if word in self._asked[name] or word in _PARAMETERS:
            return self._by_keys({name}, "refilter" if word == "of" else "settings")
        return "refilter"

    def _counted(self) -> Severity:
        if self._slots.added:
            return "extend"
        return "refilter" if self._slots.dropped else "settings"

    def _by_keys(self, steps: set[str], otherwise: Severity) -> Severity:
        earlier = steps | {self._later[s] for s in steps if s in self._later}
        if earlier & self._jobs.again:
            return "regenerate"
        if steps & self._jobs.gained:
            return "extend"
        return worst([otherwise, "refilter" if earlier & self._jobs.lost else "none"])
