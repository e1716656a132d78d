"""Characters that act on terminals, or show nothing, are escapes; texts of every script stay as they are."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapc.outside.visible import one_line, visible, visible_json, visible_lines

ACTING = {
    "escape": "\x1b",
    "bell": "\x07",
    "backspace": "\x08",
    "NUL": "\0",
    "delete": "\x7f",
    "carriage return": "\r",
    "C1 control sequence": "\x9b",
    "C1 next line": "\x85",
    "line separator": "\u2028",
    "right-to-left override": "\u202e",
    "left-to-right isolate": "\u2066",
    "pop isolate": "\u2069",
    "Arabic letter mark": "\u061c",
    "right-to-left mark": "\u200f",
    "zero-width space": "\u200b",
    "word joiner": "\u2060",
    "soft hyphen": "\xad",
    "byte order mark": "\ufeff",
    "tag": "\U000e0041",
    "Hangul filler": "\u3164",
    "Braille blank": "\u2800",
    "variation selector 17": "\U000e0100",
    "interlinear anchor": "\ufff9",
    "private use": "\ue000",
    "surrogate": "\ud800",
    "no-break space": "\xa0",
    "lone joiner": "\u200d",
}


@pytest.mark.parametrize("char", ACTING.values(), ids=ACTING.keys())
def test_characters_that_act_are_escapes_everywhere(char):
    for text in (char, f"gpt{char}4", f"{char}{char}", f"★{char} "):
        shown = visible(text)
        assert char not in shown and shown.isprintable()
        assert f"{ord(char):x}" in shown
    if char != "\u200d":  # between a letter and what follows it may belong to the spelling
        assert char not in one_line(f"a {char} b")
        assert char not in visible_lines(f"a\n{char}")


@pytest.mark.parametrize(
    "text",
    [
        "gpt-4o-2024-08-06",
        "می‌خواهم",  # Persian, with a joiner that its spelling needs
        "क्‍ष क्षत्रिय",
        "ශ්‍රී ලංකා",
        "日本語 「テスト」",
        "e\u0301 n\u0303",
        "Привіт, שלום, مرحبا",
        "🎉 ❤️ ☎️ 👍🏽 ✔︎",
    ],
)
def test_texts_of_people_stay_as_they_are(text):
    assert visible(text) == visible_lines(text) == one_line(text) == text
    assert visible_json(json.dumps(text, ensure_ascii=False)) == json.dumps(text, ensure_ascii=False)


@given(st.text())
def test_what_is_shown_never_acts_and_json_keeps_its_meaning(text):
    for char in visible(text):
        assert (
            unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Co", "Zl", "Zp") and char not in "\u202e\u2066\u200f"
        )
    assert all(line.isprintable() or "\u200c" in line or "\u200d" in line for line in one_line(text).splitlines())
    document = json.dumps({"text": text}, ensure_ascii=False)
    safe = visible_json(document)
    assert json.loads(safe) == {"text": text}
    assert "\u202e" not in safe and "\x9b" not in safe


def test_lines():
    assert visible_lines("a\tb\n\x1b[31m\u202ec\n") == "a\tb\n\\x1b[31m\\u{202e}c\n"
    assert one_line(" a\r\nb\tc\u2028d ") == "a b c d"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"
    assert visible_lines("plain\n\ttext") == "plain\n\ttext"
