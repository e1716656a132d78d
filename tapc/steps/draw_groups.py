"""Draw groups keep the draws of otherwise equal steps and endpoints apart.

Two requests with equal recipe and equal prompts would have one key, and so be one draw. A draw group numbers them.
Names must not decide the number where content can: a step is described by what it sends and, in place of the names it
reads, by the descriptions of those steps. Only steps that are equal in all of this are ordered by name.
"""

import hashlib
import re
from collections.abc import Mapping

import msgspec

from tapc.ir import Dataset, Step
from tapc.jobs import Recipe

_ENCODER = msgspec.msgpack.Encoder()
_WORD = re.compile(r"[^\W]+(?:-[^\W]+)*")

StepEndpoint = tuple[str, int]
"""A step and the position of an endpoint in its `using`."""


def static_part(recipe: Recipe) -> bytes:
    """What a recipe adds to a key, apart from its draw group."""
    part = (
        recipe.realm,
        recipe.identity,
        recipe.kind,
        recipe.parameters,
        recipe.schema,
        recipe.seeded,
        recipe.thinking,
    )
    return _ENCODER.encode(part)


def panel_draw_groups(recipes: tuple[Recipe, ...]) -> tuple[int, ...]:
    """Draw groups within one step: equal recipes are numbered in their order, others get 0."""
    seen: dict[bytes, int] = {}
    found: list[int] = []
    for recipe in recipes:
        part = static_part(recipe)
        found.append(seen.get(part, 0))
        seen[part] = found[-1] + 1
    return tuple(found)


def number_draw_groups(dataset: Dataset, recipes: Mapping[str, tuple[Recipe, ...]]) -> dict[StepEndpoint, int]:
    """Number the endpoints of generate steps.

    Judges have no part in it: a verdict depends on the text alone, so equal askings are meant to be shared.

    Args:
        dataset: all steps.
        recipes: of each generate step, parallel to its `using`.
    """
    draw_groups: dict[StepEndpoint, int] = {}
    described: dict[str, str] = {}
    for level in _levels(dataset):
        bases = {step.name: _describe(step, described) for step in level}
        groups: dict[tuple[str, bytes], list[tuple[int, str, int]]] = {}
        for step in level:
            repeats = panel_draw_groups(recipes.get(step.name, ()))
            for position, recipe in enumerate(recipes.get(step.name, ())):
                key = (bases[step.name], static_part(recipe))
                groups.setdefault(key, []).append((repeats[position], step.name, position))
        for members in groups.values():
            for draw_group, (_, name, position) in enumerate(sorted(members)):
                draw_groups[name, position] = draw_group
        for step in level:
            own = [
                (static_part(recipe), draw_groups[step.name, position])
                for position, recipe in enumerate(recipes.get(step.name, ()))
            ]
            described[step.name] = _hex(_ENCODER.encode((bases[step.name], own)))
    return draw_groups


def _levels(dataset: Dataset) -> list[list[Step]]:
    """Steps by distance from the first ones; equal steps have equal distance."""
    depth: dict[str, int] = {}
    levels: list[list[Step]] = []
    for step in dataset.steps:
        depth[step.name] = 1 + max((depth[name] for name in step.reads() if name in depth), default=-1)
        while len(levels) <= depth[step.name]:
            levels.append([])
        levels[depth[step.name]].append(step)
    return levels


def _describe(step: Step, described: Mapping[str, str]) -> str:
    """What can change the requests of a step, its name and endpoints apart, as a hash."""
    own = step.name

    def renamed(word: re.Match[str]) -> str:
        return "\0self" if word[0] == own else described.get(word[0], word[0])

    return _hex(f"{step.kind}\0{_WORD.sub(renamed, step.asking())}".encode())


def _hex(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
