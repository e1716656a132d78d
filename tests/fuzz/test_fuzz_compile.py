"""Whatever a spec says, compiling ends with findings or success, in bounded time and memory."""

import os
import random
from pathlib import Path

import pytest

from tapc.source import bundled_dir
from tapc.workspace.check.counts import check_counts

EXAMPLES = bundled_dir("grammar") / "examples"
TEXTS = [path.read_bytes() for path in sorted(EXAMPLES.glob("*/TAP[1-6]*.tap"))]
TEXTS += [path.read_bytes() for path in sorted(bundled_dir("specs").glob("**/*.tap"))]
PIECES = [b"{", b"}", b"[", b"]", b'"', b'"""', b"\n", b",", b"..", b"=", b" in ", b"when ", b" 9999999999999999999 ", b" 1e9 ",
          b" 0% ", b"-1", b"$", b" all ", b' env("X") ', b"{{ x }}", b"{% for %}", b"\xff", b"\x00", "é".encode(), b" extends d ",
          b" per candidate ", b" of ", b" 5 of [w]", b" >= ", b"import ", b"param x = x\n"]  # fmt: skip


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TAPC_NO_CACHE", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts").symlink_to(EXAMPLES / "good" / "parts")
    (tmp_path / "tables").symlink_to(EXAMPLES / "good" / "tables")


def answered(data, name="x.tap", **settings):
    Path(name).write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
    found = check_counts(Path(name), settings=settings, dataset=None)
    for finding in found:
        for label in finding.labels:
            assert 0 <= label.span.start <= label.span.end <= len(label.file.text)
    return {finding.code for finding in found}


def lines_of(data):
    return data.split(b"\n")


@pytest.mark.parametrize(
    "seed", [0, 1, 2, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(3, 30))]
)
def test_spliced_specs(seed):
    """Lines and words moved between specs, which keeps most of the syntax whole, so that the checks behind it are met."""
    draw = random.Random(seed)
    for _ in range(120):
        lines = lines_of(draw.choice(TEXTS))
        for _ in range(draw.randint(1, 4)):
            other = lines_of(draw.choice(TEXTS))
            at = draw.randrange(len(lines) + 1)
            match draw.randrange(5):
                case 0:
                    lines[at:at] = other[draw.randrange(len(other)) :][: draw.randint(1, 4)]
                case 1 if lines:
                    del lines[draw.randrange(len(lines))]
                case 2 if lines:
                    words = lines[at - 1].split(b" ")
                    words[draw.randrange(len(words))] = draw.choice(draw.choice(other).split(b" "))
                    lines[at - 1] = b" ".join(words)
                case 3 if lines:
                    words = lines[at - 1].split(b" ")
                    words.insert(draw.randrange(len(words) + 1), draw.choice(PIECES))
                    lines[at - 1] = b" ".join(words)
                case _:
                    draw.shuffle(lines)
        answered(b"\n".join(lines))


@pytest.mark.parametrize("seed", range(4))
def test_truncated_and_damaged_specs(seed):
    draw = random.Random(1000 + seed)
    for _ in range(25):
        data = bytearray(draw.choice(TEXTS))
        del data[draw.randrange(len(data)) :]
        for _ in range(draw.randint(0, 3)):
            if data:
                data[draw.randrange(len(data))] = draw.randrange(256)
        answered(bytes(data))


HEAD = 'tap 1\ndataset d {\n samples 10\n endpoint w { model "sim", price free }\n generate a { using w, prompt "Say." }\n emit sft { from a }\n'


@pytest.mark.parametrize(
    "line",
    [
        "samples 99999999999999999999999999999999999999999",
        "samples " + "9" * 40_000,
        "seed " + "9" * 400,
        "taxonomy t { " + "a { " * 400 + "}" * 401,
        "taxonomy t { " + "".join(f"n{i}, " for i in range(20_000)) + "}",
        "mix m { " + "".join(f"n{i} 0.000001%, " for i in range(3_000)) + "rest }",
        "mix m { a 0.00000000000000000000000001%, b }",
        "mix m { a 1" + "0" * 29 + ", b 3 }",
        "mix m { a at_least 99999999999999999999, b }",
        "".join(f"mix m{i} {{ {', '.join(f'v{j}' for j in range(30))} }}\n" for i in range(12)),
        "".join(f"mix m{i} {{ a, b }}\nwhen m{i} = a {{ mix m{(i + 1) % 40} {{ a }} }}\n" for i in range(40)),
        "rubric r { aspect x 0..99999999999 }",
        "meta { " + "x { " * 90 + "}" * 91,
        'generate b { using w, prompt "' + "{{ a }}" * 5_000 + '" }',
        'generate b { using w, prompt "' + "{% if a %}" * 300 + '" }',
        'generate b { using w, prompt "{{ ' + "(" * 3_000 + '" }',
        'generate b { using w, prompt "Say.", require matches "' + "(" * 500 + ")" * 500 + '" }',
        'generate b { using w, prompt "Say.", require matches "(a|a)*{99999}" }',
        'generate b { using w, prompt "Say.", each 99999999 }',
        "".join(f'generate g{i} {{ using w, prompt "{{{{ g{i + 1} }}}}" }}\n' for i in range(400)),
        "".join(f"endpoint e{i} = e{i + 1} {{ seed 1 }}\n" for i in range(400)),
        "budget { cost $999999999999999999999999 }",
        'generate b { using w, prompt "x", returns { a ' + "list " * 3_000 + "text } }",
        "}\n" + "".join(f"dataset d{i + 1} extends d{i or ''} {{}}\n" for i in range(600)) + "dataset z {",
        "taxonomy t = t0\n}\n" + "".join(f"taxonomy t{i} = t{i + 1}\n" for i in range(2_000)) + "dataset z {",
        "seed p0\n}\n" + "".join(f"param p{i} = p{i + 1}\n" for i in range(2_000)) + "dataset z {",
        "when " + " and ".join(["m = a"] * 500) + " { mix m { a } }\nmix m { a, b }",
    ],
    ids=lambda line: line[:24],
)  # fmt: skip
def test_huge_numbers_and_deep_nesting(line):
    answered(HEAD + line + "\n}\n")


def test_imports_of_folders_of_itself_and_of_what_is_no_file():
    Path("folder").mkdir()
    Path("folder.tap").mkdir()
    Path("loop.tap").symlink_to("loop.tap")
    Path("one.tap").symlink_to("two.tap")
    Path("two.tap").symlink_to("one.tap")
    os.mkfifo("pipe.tap")
    Path("broken.tap").symlink_to("nowhere.tap")
    Path("up").symlink_to(".")
    for name in (
        "folder",
        "folder.tap",
        "loop.tap",
        "one.tap",
        "pipe.tap",
        "broken.tap",
        "/dev/zero",
        "",
        "\\u{0}",
        "x" * 5_000,
    ):
        assert answered(
            f'tap 1\nimport "./{name}" as z\n' if not name.startswith("/") else f'tap 1\nimport "{name}" as z\n'
        )
    assert "TAP121" in answered('tap 1\nimport "./x.tap" as x\nmix m = x.m\n')
    assert "TAP121" in answered('tap 1\nimport "./up/up/x.tap" as x\nmix m = x.m\n') or answered(
        'tap 1\nimport "./up/x.tap" as x\n'
    )


@pytest.mark.parametrize("name", ["folder.tap", "loop.tap", "pipe.tap", "nowhere.tap"])
def test_specs_that_are_no_files(name):
    Path("folder.tap").mkdir()
    Path("loop.tap").symlink_to("loop.tap")
    os.mkfifo("pipe.tap")
    assert [d.code for d in check_counts(Path(name), settings={}, dataset=None)] == ["TAP120"]


def test_a_table_of_a_hundred_megabytes():
    with Path("big.csv").open("wb") as file:
        file.write(b"name\na\n")
        file.truncate(100 * 10**6)
    assert answered(HEAD + ' mix m from "big.csv" { columns { name name } }\n}\n')
    with Path("big.tap").open("wb") as file:
        file.truncate(100 * 10**6)
    assert check_counts(Path("big.tap"), settings={}, dataset=None)


def test_settings_of_any_kind():
    spec = HEAD.replace("samples 10", "samples n").replace("tap 1\n", "tap 1\nparam n = 10\n") + "}\n"
    for text in ("", "9" * 5_000, "\x00", "[[[", "1..2", "n", "-1", "ä", "\ud800", "0"):
        answered(spec, n=text)
