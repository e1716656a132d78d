"""A rule, explained."""

from rich.text import Text

from tapc.diagnostics import Rule
from tapc.source import bundled_dir
from tapc.ui.console import ColorMode, make_console

_OUTCOMES = {
    "ok": "the text is complete",
    "length": "the text is cut at a limit; it is rejected as `cut`",
    "filtered": "a content filter: the next attempt, then the sample is replaced",
    "refusal": "the model declines: the next attempt",
    "invalid": "no text came: the next attempt",
    "failed": "the generation broke off: the same request is tried again",
    "quota": "the account has no credit: the endpoint is stopped",
    "too-long": "the prompt does not fit the model's context: never tried again",
}


def show_ends(word: str, color: ColorMode | str) -> bool:
    """Print what a finish reason or an error means to tapc, with its source; return whether it is known."""
    from tapc.endpoints.client import explain_end  # noqa: PLC0415 - heavy, and most words are codes

    entries = explain_end(word)
    if not entries:
        return False
    console = make_console("always" if color == "always" else "never" if color == "never" else "auto")
    for where, provider, outcome, source in entries:
        line = Text(f"{where}: ", style="name")
        line.append(outcome, style="head")
        line.append(f"  {_OUTCOMES[outcome]} ({provider}; {source})", style="quiet")
        console.print(line, soft_wrap=True)
    return True


def show_rule(rule: Rule, color: ColorMode | str) -> None:
    """Print a rule with its summary, explanation, and the wrong and right examples that ship with the grammar."""
    console = make_console("always" if color == "always" else "never" if color == "never" else "auto")
    head = Text(f"{rule.code} ", style="head")
    head.append(rule.name, style="name")
    head.append(f"  ({rule.severity})", style="quiet")
    console.print(head)
    console.print()
    console.print(rule.summary)
    console.print()
    console.print(rule.explanation)
    for title, folder in (("Wrong", "bad"), ("Right", "good")):
        for path in sorted((bundled_dir("grammar") / "examples" / folder).glob(f"{rule.code}*.tap")):
            console.print()
            console.print(Text(f"{title}:", style="head"))
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if not line.startswith("// expect:"):
                    console.print(Text("  " + line), soft_wrap=True)
