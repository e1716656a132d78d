"""The part of a text that is language: without code, formulas, links and markup."""

import regex

MOST = 2000
"""Characters looked at: half from the head and half from the tail of a longer text."""

_NOT_PROSE = regex.compile(
    r"```.*?(?:```|\Z)"  # fenced code
    r"|`[^`\n]*`"
    r"|\$\$.*?\$\$|\$[^$\n]{1,200}\$|\\\[.*?\\\]|\\\(.*?\\\)"  # formulas
    r"|https?://\S+|www\.\S+|\S+@\S+\.\S+"
    r"|</?[A-Za-z][^<>]{0,200}>"  # tags
    r"|\\[A-Za-z]+",  # commands outside of formulas
    regex.DOTALL,
)

_CONTROL = regex.compile(r"[\p{Cc}\p{Cs}\p{Cn}\p{Co}]+")


def prose_of(text: str) -> str:
    """Leave out what says nothing about the language; if nothing remains, the text as it is."""
    if len(text) > MOST:
        text = text[: MOST // 2] + "\n" + text[-MOST // 2 :]
    rest = text
    if any(mark in text for mark in ("`", "$", "\\", "http", "www.", "@", "<")):
        rest = _NOT_PROSE.sub(" ", text)
        if not rest.strip():
            rest = text
    return _CONTROL.sub(" ", rest)
