"""What a difference says about the mixes that samples are drawn by: why all samples are drawn again, and how not."""

from collections.abc import Iterator

from tapc.ir import IdentityNames, Space
from tapc.plan.compile import Planned


def drawing_notes(before: Planned, after: Planned) -> Iterator[str]:
    """Sentences about mixes without which samples are drawn now, or by which they were not drawn before."""
    then, now, lock = _drawn_by(before), _drawn_by(after), after.allocation.before
    for name in sorted(set(then) - set(now)):
        yield (
            f"samples were drawn by `{then[name]}`, so without it all are drawn again; "
            f"to avoid that, keep the mix and take it out of prompts"
        )
    for name in sorted(set(now) - set(then)):
        mix = now[name]
        users = sorted(set(_readers(after.dataset.space, mix)) & set(now.values()))
        if users and lock is not None and name not in lock.identity:
            shown = ", ".join(f"`{user}`" for user in users)
            yield (
                f"shares of {shown} depend on `{mix}`, so samples are drawn by it, too, and all of them again; "
                f"to avoid that, let shares of `{mix}` depend on {shown} instead"
            )
        elif lock is None and before.allocation.samples:
            yield (
                f"samples are drawn by `{mix}`, too, and so all of them again; "
                f"with a lock from before (`tapc plan --lock`), a mix is added without that"
            )
    earlier = {name for name, _ in before.allocation.by_identity().mixes}
    names = IdentityNames(after.dataset.space)
    yield from (late_note(mix) for mix in after.allocation.late_mixes if names.axis(mix) not in earlier)


def late_note(mix: str) -> str:
    """What a plan says of a late mix."""
    return f"`{mix}` was added later: samples are drawn without it"


def _drawn_by(side: Planned) -> dict[str, str]:
    """The mixes that samples are drawn by: present names by identity name."""
    names, late = IdentityNames(side.dataset.space), side.allocation.late_mixes
    return {names.axis(name): name for name, _ in side.allocation.mixes if name not in late}


def _readers(space: Space, mix: str) -> Iterator[str]:
    """Mixes whose shares depend on a mix."""
    for one in (*space.rules, *space.exclusions):
        if one.condition is not None and any(test.axis == mix for test in one.condition.tests):
            yield one.mix
