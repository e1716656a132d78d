"""Names that become parts of paths: names of datasets, configs and splits.

A plain name means one file on every system: it contains no separators, is not hidden, is not a device, and has one
encoding. The rules apply both when a spec is compiled and when files are opened, so that no statement can name a path.
"""

import re
import unicodedata

MAX_BYTES = 100
"""Most bytes of a name in UTF-8. A file name has 255, and `datasets` joins dataset, split and a suffix in one."""

_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin", "conout", "clock"}
    | {f"{device}{digit}" for device in ("com", "lpt") for digit in range(10)}
)
"""Names that Windows keeps for devices, with any extension (learn.microsoft.com: Naming Files, Paths, and Namespaces);
`CONIN$`, `CONOUT$` and `CLOCK$` are listed without the sign, which plain names cannot contain."""

_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Invisible letters and marks (Unicode's Default_Ignorable_Code_Point in the categories L and M)."""

_SPLIT = re.compile(r"\w+(\.\w+)*")
"""Valid names of splits in `datasets` (datasets/naming.py, `_split_re`)."""


def why_not_plain(name: str, *, split: bool = False) -> str | None:
    """The reason why a text is not a plain name, as the end of a sentence; None if it is one.

    Plain names consist of letters, marks and digits of any script in normal form C, and `_`; inside, also `.` and `-`.

    Args:
        name: any text.
        split: whether it must also be a valid name of a split in `datasets`.
    """
    if not name:
        return "it is empty"
    found = _characters(name)
    if found is None and split:
        found = _of_a_split(name)
    if found is None and len(name.encode()) > MAX_BYTES:
        found = f"it has {len(name.encode())} bytes in UTF-8, and at most {MAX_BYTES} fit"
    return found


def _characters(name: str) -> str | None:
    for char in name:
        if char not in "._-" and (unicodedata.category(char) not in _LETTERS or _UNSEEN.match(char)):
            named = "a space" if char == " " else f"U+{ord(char):04X}"
            shown = f"`{char}`" if char.isprintable() and not char.isspace() else named
            return f"it holds {shown}"
    if name[0] in ".-" or name[-1] in ".-":
        end, char = ("begins", name[0]) if name[0] in ".-" else ("ends", name[-1])
        return f"it {end} with `{char}`"
    if unicodedata.category(name[0])[0] == "M":
        return "it begins with a combining mark"
    if unicodedata.normalize("NFC", name) != name:
        return "it is not in Unicode's normal form C, so two spellings of it look the same"
    stem = name.partition(".")[0]
    if stem.casefold() in _DEVICES:
        return f"Windows keeps `{stem}` for a device"
    return None


def _of_a_split(name: str) -> str | None:
    if name.casefold() == "all":
        return "`datasets` keeps `all` for all splits together"
    if "-" in name:
        return "`datasets` takes no `-` in the name of a split"
    if _SPLIT.fullmatch(name) is None:
        return "`datasets` takes letters, digits and `_` in the name of a split, and single dots between them"
    return None


def alike(name: str) -> str:
    """A form that is equal for names that some file system treats as one: case and composition are ignored."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def plain_from(name: str, *, split: bool = False) -> str | None:
    """A plain name close to a text, as a suggestion; None if no character of it can be kept."""
    text = unicodedata.normalize("NFC", name)
    kept = "".join(c if unicodedata.category(c) in _LETTERS and not _UNSEEN.match(c) else "_" for c in text)
    joined = re.sub("_+", "_", kept).strip("_")
    while len(joined.encode()) > MAX_BYTES:
        joined = joined[:-1]
    for proposed in (joined, f"{joined}_set"):
        if proposed and why_not_plain(proposed, split=split) is None:
            return proposed
    return None


_LETTERS = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl"))
