"""The suggestion of "did you mean …?"."""

from collections.abc import Iterable


def _distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (a transposition counts as one edit); stops early above `limit`."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """The known name closest to a word, if it is close enough to be a typo; ties go to the alphabetically first."""
    limit = max(1, len(word) // 3) if len(word) > 1 else 0  # any letter is one edit away from any other
    folded = word.casefold()
    best: tuple[int, str] | None = None
    for name in sorted(set(known)):
        distance = 0 if name.casefold() == folded else _distance(folded, name.casefold(), limit)
        if distance <= limit and name != word and (best is None or distance < best[0]):
            best = (distance, name)
    return best[1] if best else None
