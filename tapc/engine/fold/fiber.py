"""Trampoline for step coroutines: advances them from effect to effect without an event loop."""

from collections.abc import Callable
from typing import Any

from tapc.steps import Ask, Both, Decide, Missing, Steps


class Fiber:
    """One running coroutine: a step's root, or a part of a `gather` in it.

    Attributes:
        owner: whatever the driver wants to find again (the slot's step).
        parent: the fiber that waits for it, None for a root.
        closed: set when a sibling failed; a reply that still arrives for it is ignored.
    """

    __slots__ = ("children", "closed", "coroutine", "index", "owner", "parent", "pending", "results")

    def __init__(self, coroutine: Steps[Any], owner: Any, parent: "Fiber | None" = None, index: int = 0) -> None:
        self.coroutine = coroutine
        self.owner = owner
        self.parent = parent
        self.index = index
        self.closed = False
        self.children: list[Fiber] = []
        self.results: list[Any] = []
        self.pending = 0

    def close(self) -> None:
        """Stop it and everything below it."""
        self.closed = True
        for child in self.children:
            if not child.closed:
                child.close()
        self.coroutine.close()


class Trampoline:
    """Advances fibers and hands their wishes to the driver.

    Args:
        on_ask: a fiber waits for a reply.
        on_decide: a fiber waits for a ranked decision.
        on_spread: a root gathers this many parts.
        on_part: a part of a root's gather has ended; called with the root.
        on_end: a root has ended, with its result or with `Missing`.
    """

    def __init__(
        self,
        *,
        on_ask: Callable[[Fiber, Ask], None],
        on_decide: Callable[[Fiber, Decide], None],
        on_spread: Callable[[Fiber, int], None],
        on_part: Callable[[Fiber], None],
        on_end: Callable[[Fiber, Any, Missing | None], None],
    ) -> None:
        self._on_ask = on_ask
        self._on_decide = on_decide
        self._on_spread = on_spread
        self._on_part = on_part
        self._on_end = on_end

    def resume(self, fiber: Fiber, value: Any = None, error: Missing | None = None) -> None:
        """Advance a fiber, and those its end wakes, until each waits for something."""
        while not fiber.closed:
            try:
                effect = fiber.coroutine.throw(error) if error is not None else fiber.coroutine.send(value)
            except StopIteration as stop:
                value, error = stop.value, None
            except Missing as missing:
                value, error = None, missing
            else:
                self._wait(fiber, effect)
                return
            fiber.closed = True
            parent = self._ended(fiber, value, error)
            if parent is None:
                return
            if error is None:
                value, parent.results = parent.results, []
            fiber = parent

    def _ended(self, fiber: Fiber, value: Any, error: Missing | None) -> Fiber | None:
        """Book the end of a fiber; returns the parent if it can go on."""
        parent = fiber.parent
        if parent is None:
            self._on_end(fiber, value, error)
            return None
        if parent.parent is None:
            self._on_part(parent)
        if error is not None:
            for sibling in parent.children:
                if not sibling.closed:
                    sibling.close()
        else:
            parent.results[fiber.index] = value
            parent.pending -= 1
            if parent.pending:
                return None
        parent.children = []
        return parent

    def _wait(self, fiber: Fiber, effect: object) -> None:
        if isinstance(effect, Ask):
            self._on_ask(fiber, effect)
        elif isinstance(effect, Decide):
            self._on_decide(fiber, effect)
        elif isinstance(effect, Both):
            children = [Fiber(part, fiber.owner, fiber, i) for i, part in enumerate(effect.parts)]
            fiber.children, fiber.results, fiber.pending = children, [None] * len(children), len(children)
            if fiber.parent is None:
                self._on_spread(fiber, len(children))
            if not children:
                self.resume(fiber, [])
            for child in children:
                self.resume(child)
        else:
            raise TypeError(f"a step awaited {effect!r}, which is no effect")
