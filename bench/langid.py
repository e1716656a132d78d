"""Accuracy of `require language` over a table of texts: `python bench/langid.py [--seconds]`.

The short and the long text of every language are checked against every tag of the table. The script prints right texts
that are rejected, wrong texts that pass (with a mark for standards that the check does not distinguish), and the time.
Then the same for single sentences under `SHORT` letters, from the table and from the 45 languages of the simulated
endpoint.
"""

import argparse
import re
import time
import tomllib
from collections import Counter
from pathlib import Path

from tapc.kinds.checks.language.program import SHORT, expected_language, wrong_language
from tapc.sim.banks import bank, languages
from tapc.sim.draws import Draws
from tapc.sim.prose import answer

TABLE = Path(__file__).with_name("langid_texts.toml")


def texts() -> dict[str, tuple[str, str]]:
    """(short, long) by tag."""
    return {tag: (short, long) for tag, (short, long) in tomllib.loads(TABLE.read_text(encoding="utf-8")).items()}


_END = re.compile(r"(?<=[.!?;。！？।؛])\s*|\n+")


def sentences(most: int = 40) -> list[tuple[str, str]]:
    """(tag, sentence): short sentences, limited per language."""
    found: dict[str, set[str]] = {}
    for tag, (short, long) in texts().items():
        found.setdefault(tag, set()).update([short, *_END.split(long)])
    for tag in languages():
        for turn in range(most):
            made = answer(bank(tag), Draws(f"{tag} {turn}".encode()), "x", 0.6, 200)
            found.setdefault(tag, set()).update(re.sub(r"\d.*", "", one).strip() for one in _END.split(made))
    return [
        (tag, one)
        for tag, own in sorted(found.items())
        for one in sorted(one for one in own if len(one) >= 15 and expected_language(tag).script.weigh(one)[1] < SHORT)[
            :most
        ]
    ]


def mistaken(given: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], Counter[tuple[str, str]], int]:
    """Sentences rejected in their own language; how many pass for each other language of their script, and of how many.

    Standards that the check does not distinguish are left out.
    """
    tags = sorted({tag for tag, _ in given})
    lost = [(tag, one) for tag, one in given if wrong_language(one, tag)]
    passed: Counter[tuple[str, str]] = Counter()
    tried = 0
    for tag, one in given:
        own = expected_language(tag)
        for other in tags:
            expected = expected_language(other)
            if other == tag or expected.accepted & own.accepted or expected.script.name != own.script.name:
                continue
            tried += 1
            passed[tag, other] += wrong_language(one, other) is None
    return lost, +passed, tried


def confusion(kind: int) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """Right texts that are rejected, with the reason, and for each tag the languages whose texts pass for it.

    Args:
        kind: 0 for short texts, 1 for long ones.
    """
    table = texts()
    lost: list[tuple[str, str]] = []
    passed: dict[str, list[str]] = {}
    for tag, pair in table.items():
        reason = wrong_language(pair[kind], tag)
        if reason is not None:
            lost.append((tag, reason))
        wrong = [other for other, others in table.items() if other != tag and wrong_language(others[kind], tag) is None]
        if wrong:
            passed[tag] = wrong
    return lost, passed


def main() -> None:
    """Print the confusion."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", action="store_true", help="measure CPU time per text too")
    seconds = parser.parse_args().seconds
    table = texts()
    for kind, name in enumerate(("short", "long")):
        lost, passed = confusion(kind)
        pairs = len(table) * (len(table) - 1)
        wrong = sum(map(len, passed.values()))
        print(f"{name} texts, {len(table)} languages: {len(table) - len(lost)} of {len(table)} right texts pass, "
              f"{pairs - wrong} of {pairs} wrong ones are rejected")  # fmt: skip
        for tag, reason in lost:
            print(f"  {tag} turned down: {reason}")
        for tag, others in passed.items():
            kin = [other for other in others if expected_language(other).accepted & expected_language(tag).accepted]
            far = [other for other in others if other not in kin]
            print(f"  passes for {tag}: {' '.join(far)}{'  and its kin ' + ' '.join(kin) if kin else ''}")
        if seconds:
            begin = time.process_time()
            for tag, pair in table.items():
                wrong_language(pair[kind], tag)
            print(f"  {1e6 * (time.process_time() - begin) / len(table):.0f} µs of CPU per text")
    given = sentences()
    lost, passed, tried = mistaken(given)
    print(f"{len(given):,} sentences: {len(lost)} rejected in their own language; "
          f"{passed.total()} of {tried:,} pass for another of their script")  # fmt: skip
    for tag, one in lost:
        print(f"  {tag} turned down: {one}")
    for (tag, other), count in passed.most_common(12):
        print(f"  {tag} passes for {other}: {count}")


if __name__ == "__main__":
    main()
