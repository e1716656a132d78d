"""`require`: checks of steps."""

from tapc.ir import Check
from tapc.semantics.show.page import Page, field, number
from tapc.syntax import quote, write_name


def checks(given: tuple[Check, ...], path: str, page: Page) -> None:
    """One line a check."""
    for check in given:
        words = ["require", *(["not"] if check.negated else []), check.check, *_arguments(check, page)]
        if check.field is not None and check.check != "score":
            words += ["of", field(check.field)]
        head = " ".join(words)
        if check.ngram is None:
            page.put(head, f"{path}.require")
        else:
            with page.block(head, f"{path}.require"):
                page.put(f"ngram {check.ngram}", f"{path}.require")


def _arguments(check: Check, page: Page) -> list[str]:
    match check.check:
        case "length":
            return [_bounds(check), *([] if check.unit == "chars" else [check.unit])]
        case "unique":
            within = [] if check.within is None else ["within", write_name(check.within)]
            return [number(check.threshold or 0), *within]
        case "matches" | "clean_of":
            return [quote(check.pattern or "")]
        case "score":
            return [page.path(check.field or ""), _bounds(check)]
        case "run":
            return [f"[{', '.join(map(quote, check.command))}]"]
        case _:
            return ["off"] if check.off else []


def _bounds(check: Check) -> str:
    if check.minimum is not None and check.maximum is not None:
        return f"{number(check.minimum)}..{number(check.maximum)}"
    if check.minimum is not None:
        return f"{'>' if check.exclusive else '>='} {number(check.minimum)}"
    return f"{'<' if check.exclusive else '<='} {number(check.maximum or 0)}"
