"""Compares an IR with what pydantic's validation makes of the same content, types included."""

from tapc.ir import Dataset, Frozen
from tapc.kinds.declared import REGISTRY


def differences(dataset: Dataset) -> list[str]:
    """Places where the content differs in value or type from validated content."""
    return list(_compare(dataset, Dataset.model_validate(dataset.model_dump(), context=REGISTRY.models), "dataset"))


def _compare(ours, theirs, path):
    if type(ours) is not type(theirs):
        yield f"{path}: {type(ours).__name__} {ours!r} where {type(theirs).__name__} belongs"
    elif isinstance(ours, Frozen):
        for name, field in type(ours).model_fields.items():
            if field.exclude:  # the order of the spec, which is for people, is not in the JSON
                continue
            yield from _compare(getattr(ours, name), getattr(theirs, name), f"{path}.{name}")
    elif isinstance(ours, tuple):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} items, not {len(theirs)}"
        for i, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from _compare(one, other, f"{path}[{i}]")
    elif ours != theirs:
        yield f"{path}: {ours!r}, not {theirs!r}"
