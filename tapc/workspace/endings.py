"""What a run says of words by which endpoints end replies, and which nobody knows."""

from tapc.diagnostics import Diagnostic

_KIND = "unknown finish_reason "


def unknown_ends(oddities: dict[str, dict[str, int]]) -> list[Diagnostic]:
    """One warning per endpoint that ended replies by words that `replies.toml` does not list."""
    found: list[Diagnostic] = []
    for endpoint, kinds in oddities.items():
        words = {kind.removeprefix(_KIND): count for kind, count in kinds.items() if kind.startswith(_KIND)}
        if words:
            shown = ", ".join(f"{word} ({count:,})" for word, count in words.items())
            message = f"endpoint {endpoint!r} ends replies by words that are not known: {shown}"
            note = "their texts were taken as complete; the word is stored with each reply. Are they? See a few rows"
            found.append(Diagnostic("TAP917", "warning", message, (), (note,)))
    return found
