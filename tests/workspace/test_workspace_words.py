"""Docstrings, comments, messages and pages use the words of the field, and name only files that exist."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PACKAGES = (
    "cli", "diagnostics", "endpoints", "engine", "format", "frontend", "importing", "inputs", "ir", "jobs", "kinds", "lint", "marks", "outputs", "outside",
    "plan", "quota", "rows", "semantics", "sim", "source", "steps", "store", "syntax", "templates", "ui", "workspace",
)  # fmt: skip
"""Packages whose texts are checked."""

PAGES = sorted(
    {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md")} - {ROOT / "docs/reference.md"}
)

INSTEAD = {
    r"beside": "next to, in addition to, besides",
    r"nobody": "a passive, or `no X`",
    r"whoever": "the caller, the user",
    r"lent|lends?|lending": "resources, context",
    r"turned down|turns down": "rejected",
    r"of (its|their|a|his) own make": "its own",
    r"stands? (?:in|on|at|there|first|alone|above|behind|before|between|under|side)": "is",
    r"(?<!there )(?:is|are|was) no (?!longer|more)(?:[a-z]+)[.,;:)]": "is not a",
    r"at hand": "cached, current",
    r"anew": "again",
    r"everybody|somebody": "a noun that says who",
    r"house|room|rooms|doors?": "package, space, entry point",
    r"fibers?|wished|wish(?:es)?": "task, pending, request",
    r"tongues?|twins?|purse|strikes?": "language codes, similar languages, spend limit, failures",
    r"troubles?": "errors",
    r"seen from": "a plain verb",
    r"(?:one|an?) (?:row|line|leaf|step|endpoint|token|slot|sample|minute|candidate) (?:a|an) [a-z]+": "one X per Y",
}
"""Private words, as patterns of whole words, and what to write instead."""

KEPT = (
    "a thought stands in the text, at ",
    "; beside candidate ",
    "Judge each of the {count} answers as a reply to the prompt.",
    "You are a careful and impartial judge of written work.",
    "The material stands between tags that carry the mark {mark}.",
)
"""Parts of texts that enter keys or stored rows, and so stay as they are."""

_PRIVATE = re.compile(rf"\b(?:{'|'.join(INSTEAD)})(?!\w)", re.IGNORECASE)
_PATH = re.compile(r"`((?:tapc|tests|bench|specs|stdlib|grammar|docs)/[\w./-]*\w/?)`")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Docstrings, strings of several words and comments of a module, with their lines."""
    source = path.read_text("utf-8")
    strings = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    for node in strings:
        text = node.value if isinstance(node.value, str) else ""
        if " " in text.strip() and not any(kept in text for kept in KEPT):
            yield node.lineno, text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def private(text: str) -> list[str]:
    """Private words of a text, without code and names of attributes."""
    prose = re.sub(r"`[^`]*`|^ +\w+: ", "``", text, flags=re.MULTILINE)
    return [found.group() for found in _PRIVATE.finditer(" ".join(prose.split()))]


def test_the_patterns_find_what_they_are_for() -> None:
    assert private("files lent by whoever stands above, one line a leaf") == [
        "lent",
        "whoever",
        "stands above",
        "one line a leaf",
    ]
    assert private("it is no number, turned down; `beside` is a name") == ["is no number,", "turned down"]
    assert private("besides, there is no number; roommates lend") == ["lend"]


@pytest.mark.parametrize("package", PACKAGES)
def test_texts_of_a_package_use_plain_words(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path in sorted((ROOT / "tapc" / package).rglob("*.py"))
        for line, text in texts(path)
        for word in private(text)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_uses_plain_words_and_names_files_that_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    assert private(prose) == []
    assert [path for path in _PATH.findall(prose) if not (ROOT / path.rstrip("/")).exists()] == []
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", prose)
    assert [link for link in links if not (page.parent / link).exists()] == []


INITS = sorted(
    path for path in (ROOT / "tapc").rglob("__init__.py") if ast.get_docstring(ast.parse(path.read_text("utf-8")))
)


@pytest.mark.parametrize("init", INITS, ids=lambda init: init.parent.relative_to(ROOT).as_posix())
def test_modules_that_a_package_names_exist(init: Path) -> None:
    named = re.findall(r"`([\w/]+\.(?:py|toml))`", ast.get_docstring(ast.parse(init.read_text("utf-8"))) or "")
    here = {path.relative_to(init.parent).as_posix() for path in init.parent.rglob("*.*")}
    files = {*here, *(path.rsplit("/", 1)[-1] for path in here), *(path.name for path in (ROOT / "tapc").iterdir())}
    assert [name for name in named if name not in files and not (ROOT / name).exists()] == []
