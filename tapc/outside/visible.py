"""Makes characters visible that act on a terminal or cannot be seen."""

import re
import unicodedata

_JOINERS = "\u200c\u200d"
_LINE_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029 ]+")
_SUSPECT = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5]")
"""Characters that Python calls printable and that are invisible: fillers, blanks, variation selectors."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$@&])")
"""Characters that Markdown, in its GitHub flavor too, gives a meaning within a line."""

_PLAIN = {ord("\n"): " ", ord("\t"): " "}

_SELECTORS = "\ufe0e\ufe0f"
"""Selectors of the text or emoji style of the previous character; usual in texts with emoji."""


def visible(text: str) -> str:
    """The text with control characters, direction marks and other invisible characters as escapes.

    Covers C0 and C1 controls, line and paragraph separators, bidirectional controls, zero-width and tag characters,
    surrogates, private use and unassigned characters, fillers. Joiners are kept if the spelling of a language needs
    them (after a letter or a mark that is not ASCII), variation selectors for emoji after a symbol.
    """
    if text.isascii():
        if text.isprintable():
            return text
    elif text.isprintable() and _SUSPECT.search(text) is None:
        return text
    return "".join(shown(char, before) for char, before in zip(text, " " + text, strict=False))


def shown(char: str, before: str) -> str:
    """A character as it is printed after another one."""
    if char.isprintable() and _SUSPECT.match(char) is None:
        return char
    # Joiners belong to the spelling of Persian, Hindi, Sinhala and others; between emoji, terminals differ in width.
    if char in _JOINERS and not before.isascii() and unicodedata.category(before)[0] in "LM":
        return char
    if char in _SELECTORS and unicodedata.category(before) in ("So", "Sm", "Po", "Nd"):
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{{{ord(char):x}}}"


def visible_lines(text: str) -> str:
    """`visible` that keeps line feeds and tabs."""
    if text.isascii() and text.translate(_PLAIN).isprintable():
        return text
    return "".join(
        char if char in "\n\t" else shown(char, before) for char, before in zip(text, " " + text, strict=False)
    )


def visible_json(document: str) -> str:
    """The same JSON document with invisible characters replaced by JSON escapes."""
    if document.isascii() and "\x7f" not in document:  # the JSON encoder escapes C0 itself
        return document
    return "".join(
        char if char in "\n\t" or shown(char, before) == char else _json_escape(char)
        for char, before in zip(document, " " + document, strict=False)
    )


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def markdown_line(text: str, most: int | None = None) -> str:
    """`one_line` for Markdown, where it is shown as it is; no character of it mentions, links or marks anything up."""
    return _MARKDOWN.sub(r"\\\1", one_line(text, most))


def one_line(text: str, most: int | None = None) -> str:
    """An untrusted text for one line of a report: line breaks become spaces, invisible characters escapes.

    Args:
        text: the original text.
        most: most characters of the result; a longer one ends in `…`. None means no limit.
    """
    line = visible(_LINE_BREAKS.sub(" ", text).strip(" "))
    return line if most is None or len(line) <= most else line[: most - 1] + "…"
