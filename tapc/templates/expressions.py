"""Reads expressions of templates: their kind, whether their names exist, and their places."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from tapc.diagnostics import did_you_mean
from tapc.templates.filter_rules import filter_findings, filtered_kind
from tapc.templates.filters import FILTER_NAMES
from tapc.templates.finding import Finding
from tapc.templates.scope import Attribute, Kind, TemplateScope, list_kind, number_kind, text_kind
from tapc.templates.tokens import Token, Tokens

_SIGNS = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**", "Neg": "-", "Pos": "+",
    "Concat": "~",
}  # fmt: skip
_REFUSED = {
    "Call": ("calls are not part of templates", "only filters take arguments: `| sample(3)`"),
    "Getitem": ("subscripts are not part of templates", "fields are read with a dot, lists with `for` or `sample`"),
    "Test": ("tests (`is …`) are not part of templates", 'for a value that may be missing, write `| default("…")`'),
    "Dict": ("dictionaries are not part of templates", "hole: `{{ name }}`"),
    "Tuple": ("commas are not part of expressions", "write one hole for each value"),
}
_ORDER = ("lt", "lteq", "gt", "gteq")
MAX_NAMED = 3


class Expressions:
    """Reads expressions in the order of the text.

    Attributes:
        reads: names of the scope that were read.
        last: token of the name, attribute or filter read last.
    """

    def __init__(self, tokens: Tokens, scope: TemplateScope, report: Callable[[Finding], None]) -> None:
        self.reads: set[str] = set()
        self.last = Token("data", "", 0, 0, 1, -1)
        self._tokens = tokens
        self._scope = scope
        self._report = report
        self._at = -1
        self._locals: list[dict[str, Kind | None]] = []

    @contextmanager
    def local(self, names: dict[str, Kind | None]) -> Generator[None]:
        """Define the loop variables of a body; None means that nothing is known about a name."""
        self._locals.append(names)
        try:
            yield
        finally:
            self._locals.pop()

    def next_name(self, text: str) -> Token:
        """Advance to the next token with this name."""
        return self._next("name", text)

    def read(self, node: Any, *, defaulted: bool = False) -> Kind | None:
        """Check an expression.

        Args:
            node: Jinja's node.
            defaulted: whether a `| default(…)` applies if it is missing.

        Returns:
            The kind of its value; None if that is unknown (also after a finding).
        """
        kind = type(node).__name__
        if kind == "Getattr":
            return self._attribute(node, defaulted=defaulted)
        reader = getattr(self, f"_read_{kind.lower()}", None)
        if reader is not None:
            return reader(node)
        return self._refuse(node, kind)

    def _next(self, kind: str, text: str) -> Token:
        items = self._tokens.items
        for index in range(self._at + 1, len(items)):
            token = items[index]
            if token.kind == kind and token.value == text:
                self._at = index
                self.last = token
                return token
        return self.last

    def _read_name(self, node: Any) -> Kind | None:
        token = self.next_name(node.name)
        for names in reversed(self._locals):
            if node.name in names:
                return names[node.name]
        known = self._scope.names.get(node.name)
        if known is not None:
            self.reads.add(node.name)
            return known
        why = self._scope.hidden.get(node.name)
        if why is not None:
            self._report(Finding("TAP312", f"`{node.name}` cannot be read here: {why}", token.start, token.end))
            return None
        names = {name for scope in self._locals for name in scope} | set(self._scope.names)
        message = f"unknown name `{node.name}`"
        self._unknown("TAP302", message, token, names, "this template can read", "no names can be read here")
        return None

    def _unknown(self, code: str, message: str, token: Token, known: set[str], offer: str, none: str) -> None:
        better = did_you_mean(token.value, known)
        if better:
            notes = (f"did you mean `{better}`?",)
        else:
            listed = ", ".join(f"`{name}`" for name in sorted(known)[:20])
            notes = (f"{offer} {listed}" if known else none,)
        self._report(Finding(code, message, token.start, token.end, notes, better=better))

    def _attribute(self, node: Any, *, defaulted: bool) -> Kind | None:
        owner = self.read(node.node, defaulted=defaulted)
        token = self.next_name(node.attr)
        if owner is None:
            return None
        found = owner.attributes.get(node.attr)
        if found is None:
            message = f"{owner.what} has no attribute `{node.attr}`"
            self._unknown("TAP303", message, token, set(owner.attributes), "it has", "it has no attributes")
            return None
        if found.missing and not defaulted:
            self._missing(owner, found, token)
        return found.kind

    def _missing(self, owner: Kind, found: Attribute, token: Token) -> None:
        named = ", ".join(f"`{name}`" for name in found.missing[:MAX_NAMED])
        rest = len(found.missing) - MAX_NAMED
        more = f" and {rest} more" if rest > 0 else ""
        message = f"`.{token.value}` of {owner.what} is missing for {named}{more}"
        notes = (f'give it there or on a node above, or write `.{token.value} | default("…")`',)
        self._report(Finding("TAP307", message, token.start, token.end, notes))

    def _read_filter(self, node: Any) -> Kind | None:
        if node.name not in FILTER_NAMES:
            kind = self.read(node.node, defaulted=True)
            token = self.next_name(node.name.split(".")[0])
            message = f"unknown filter `{node.name}`"
            self._unknown("TAP304", message, token, set(FILTER_NAMES), "the filters are", "")
            return kind and text_kind()
        kind = self.read(node.node, defaulted=node.name == "default")
        token = self.next_name(node.name)
        for finding in filter_findings(node, kind, token):
            self._report(finding)
        if node.name == "default":
            for argument in node.args:
                self.read(argument)
        return filtered_kind(node.name, kind)

    def _read_const(self, node: Any) -> Kind:
        return number_kind() if isinstance(node.value, int | float) else text_kind("a constant")

    def _read_list(self, node: Any) -> Kind:
        for item in node.items:
            self.read(item)
        return list_kind(text_kind())

    def _read_not(self, node: Any) -> Kind:
        self.read(node.node)
        return text_kind("a truth value")

    def _read_and(self, node: Any) -> Kind | None:
        left, right = self.read(node.left), self.read(node.right)
        return text_kind() if left is not None and right is not None else None

    _read_or = _read_and

    def _read_condexpr(self, node: Any) -> Kind | None:
        first = self.read(node.expr1)
        self.read(node.test)
        if node.expr2 is None:
            self._refuse_here("this `if` needs an `else`", "write `{{ a if test else b }}`")
            return first
        second = self.read(node.expr2)
        return first if first == second else text_kind()

    def _read_compare(self, node: Any) -> Kind:
        left, literal = self.read(node.expr), node.expr
        for operand in node.ops:
            before = self._at
            right = self.read(operand.expr)
            if operand.op in _ORDER:
                self._ordered(left, right)
            elif operand.op in ("in", "notin"):
                if right is not None and right.element is None:
                    self._refuse_here("`in` needs a list on its right", 'for example `in ["easy", "medium"]`')
                self._equal(left, operand.expr, before)
            else:
                self._equal(left, operand.expr, before)
                self._equal(right, literal, -1)
            left, literal = right, operand.expr
        return text_kind("a truth value")

    def _ordered(self, left: Kind | None, right: Kind | None) -> None:
        for side in (left, right):
            if side is not None and not side.number:
                self._refuse_here(f"{side.what} has no order; `<` and `>` compare numbers", "compare with `==`")
                return

    def _equal(self, axis: Kind | None, other: Any, after: int) -> None:
        """Report constants that an axis can never equal."""
        if axis is None or axis.values is None:
            return
        for const in other.items if type(other).__name__ == "List" else (other,):
            if type(const).__name__ != "Const" or const.value in axis.values:
                continue
            token = self._literal(const.value, after)
            better = did_you_mean(str(const.value), axis.values)
            if str(const.value) in axis.values:
                notes = (f'names are texts: write `"{const.value}"`',)
            elif better:
                notes = (f"did you mean `{better}`?",)
            else:
                notes = ("its names are " + ", ".join(f"`{value}`" for value in axis.values[:12]),)
            message = f"{axis.what} is never equal to `{const.value}`"
            self._report(Finding("TAP311", message, token.start, token.end, notes))

    def _literal(self, value: Any, after: int) -> Token:
        for token in self._tokens.items[after + 1 :]:
            if token.kind in ("string", "integer", "float") and token.value.strip("\"'") == str(value):
                return token
        return self.last

    def _refuse_here(self, message: str, note: str) -> None:
        start, end = self._tokens.tag_range(self.last.tag) if self.last.tag >= 0 else (0, 0)
        self._report(Finding("TAP306", message, start, end, (note,)))

    def _refuse(self, node: Any, kind: str) -> None:
        sign = _SIGNS.get(kind)
        tag = self._visit(node)
        start, end = self._tokens.tag_range(tag) if tag >= 0 else self._tokens.tag_at_line(node.lineno)
        if sign is None:
            message, note = _REFUSED.get(kind, ("this expression is not part of templates", "see `tapc explain`"))
        else:
            message, note = f"`{sign}` is not part of templates: they do not compute", "print the parts one by one"
            if kind == "Sub":
                note = "a name with `-` in it cannot be read by a template; name it with `_`"
        self._report(Finding("TAP306", message, start, end, (note,)))

    def _visit(self, node: Any) -> int:
        """Advance past the names inside a rejected expression without checking them; returns the enclosing tag."""
        from jinja2 import nodes  # noqa: PLC0415 - loaded already, the tree came from it

        tag = -1
        for name in [node] if isinstance(node, nodes.Name) else list(node.find_all(nodes.Name)):
            tag = self.next_name(name.name).tag
        return tag
