"""No code without a test: an example of the spec that raises it, or a test that names it and makes it happen."""

import ast
import re
from pathlib import Path

from tapc.diagnostics import rules
from tapc.source import bundled_dir

TESTS = Path(__file__).parents[1]
CODE = re.compile(r"TAP\d{3}")


def named_in_tests():
    """Codes in the strings of functions and tables of tests, this file and the lists of exceptions left out."""
    found = set()
    for path in TESTS.rglob("test_*.py"):
        if path.parent.name == "external" or path.name == "test_diagnostics_examples.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(CODE.findall(node.value))
    return found


def test_every_code_is_raised_by_an_example_or_a_test():
    examples = {path.name[:6] for path in (bundled_dir("grammar") / "examples" / "bad").glob("TAP*.tap")}
    assert set(rules()) - examples - named_in_tests() == set()


def test_every_code_that_is_raised_is_registered():
    raised = set()
    for path in (TESTS.parent / "tapc").rglob("*.py"):
        if path.parent.name != "rules":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                    raised.add(node.value)
    assert raised == set(rules())
