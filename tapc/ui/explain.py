"""A rule, explained."""

from rich.text import Text

from tapc.diagnostics import Rule
from tapc.source import bundled_dir
from tapc.ui.console import ColorMode, make_console


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
