"""How well `require language` tells right from wrong, over a table of texts: `python bench/langid.py [--seconds]`.

For every language, its short and its long text are held against every tag of the table. Printed are right texts that
are turned down, wrong texts that pass (standards the check does not claim to tell apart are marked), and the time.
"""

import argparse
import time
import tomllib
from pathlib import Path

from tapc.checks import expected_language, wrong_language

TABLE = Path(__file__).with_name("langid_texts.toml")


def texts() -> dict[str, tuple[str, str]]:
    """Tag to (short, long)."""
    return {tag: (short, long) for tag, (short, long) in tomllib.loads(TABLE.read_text(encoding="utf-8")).items()}


def confusion(kind: int) -> tuple[list[tuple[str, str]], dict[str, list[str]]]:
    """Right texts turned down with the reason, and for each tag the languages whose texts pass for it.

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
    parser.add_argument("--seconds", action="store_true", help="measure CPU time a text, too")
    seconds = parser.parse_args().seconds
    table = texts()
    for kind, name in enumerate(("short", "long")):
        lost, passed = confusion(kind)
        pairs = len(table) * (len(table) - 1)
        wrong = sum(map(len, passed.values()))
        print(f"{name} texts, {len(table)} languages: {len(table) - len(lost)} of {len(table)} right texts pass, "
              f"{pairs - wrong} of {pairs} wrong ones are turned down")  # fmt: skip
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
            print(f"  {1e6 * (time.process_time() - begin) / len(table):.0f} µs of CPU a text")


if __name__ == "__main__":
    main()
