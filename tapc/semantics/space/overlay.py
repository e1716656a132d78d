"""Given fields win over copied ones."""

import msgspec

from tapc.semantics.space.context import NodeDraft


def overlay(base: NodeDraft, own: NodeDraft) -> NodeDraft:
    """A copy with what its own entry gives on top; the share is always the own one."""
    return msgspec.structs.replace(
        own,
        title=base.title if own.title is None else own.title,
        definition=base.definition if own.definition is None else own.definition,
        notes=tuple(sorted({**dict(base.notes), **dict(own.notes)}.items())),
        examples=own.examples or base.examples,
        children=overlay_children(base.children, own.children),
    )


def overlay_children(base: tuple[NodeDraft, ...], own: tuple[NodeDraft, ...]) -> tuple[NodeDraft, ...]:
    """Copied children, with those named again overlaid and new ones added."""
    if not base or not own:
        return base or own
    found = {child.name: child for child in base}
    for child in own:
        copied = found.get(child.name)
        if copied is None:
            found[child.name] = child
        elif child.given:
            found[child.name] = overlay(copied, child)
        else:
            share = {"share": copied.share, "given": copied.given, "sized": copied.sized}
            found[child.name] = msgspec.structs.replace(overlay(copied, child), **share)
    return tuple(found.values())
