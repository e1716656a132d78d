"""Every option of every command changes an outcome, and a test here shows how.

`shows` names the options that a test is about. A walk over the commands compares that with what there is, both ways: an
option that no test shows fails the suite, and so does a test of an option that is gone.
"""

import contextlib
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import click
import pytest
from called import Called
from counting_server import Answer, Asked, CountingServer
from driving import Tapc
from paid_spec import paid, written
from refusing import refusing_server

from tapc.cli.program import cli

SPEC = """tap 1

param size = 6

dataset one {
  samples size
  taxonomy topic { alpha, beta }
  mix language { en, sw }
  endpoint w { model "sim", price { input $1/M, output $4/M } }
  generate q { using w, prompt "Ask about {{ topic }} in {{ language }}." }
  emit prompts { prompt q }
  budget { cost $1 }
}

dataset two {
  samples 4
  taxonomy topic { gamma }
  endpoint w { model "sim" }
  generate r { using w, prompt "Ask about {{ topic }}." }
  emit prompts { prompt r }
}
"""
ONE = ("o.tap", "--dataset", "one")
Test = Callable[[Called], None]
SHOWN: dict[str, Test] = {}


def shows(*options: str) -> Callable[[Test], Test]:
    """Say which options a test is about, as `COMMAND --option`."""

    def note(test: Test) -> Test:
        for option in options:
            assert option not in SHOWN, option
            SHOWN[option] = test
        return test

    return note


def options_of(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Option]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from options_of(command, (*path, name))
        else:
            for parameter in command.params:
                if isinstance(parameter, click.Option):
                    yield " ".join((*path, name, max(parameter.opts, key=len))), parameter


OPTIONS = dict(options_of(cli))


def test_every_option_is_shown_to_change_an_outcome() -> None:
    assert set(OPTIONS) - set(SHOWN) == set(), "write a test below that shows what the option does"
    assert set(SHOWN) - set(OPTIONS) == set(), "there is no such option any more"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Called:
    """A folder with the spec, and a store with what `one` needs."""
    tapc = Called(tmp_path_factory.mktemp("options"))
    (tapc.folder / "o.tap").write_text(SPEC, encoding="utf-8")
    tapc("run", *ONE, "-q")
    return tapc


def json_of(tapc: Called, *arguments: str, code: int = 0) -> dict:
    return json.loads(tapc(*arguments, code=code).stdout)


def spent(tapc: Called, kind: str = "dataset") -> dict:
    (account,) = json_of(tapc, "budget", "show", "one", "--json")["accounts"]
    return next(line["spent"] for line in account["lines"] if line["kind"] == kind)


def set_spec(tapc: Called, old: str, new: str) -> None:
    path = tapc.folder / "o.tap"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# What several commands share


@shows("check --color")
def check_color(tapc: Called) -> None:
    set_spec(tapc, "samples size", "samples sizes")
    assert "\x1b[" in tapc("check", "o.tap", "--color", "always", code=1).stdout
    assert "\x1b[" not in tapc("check", "o.tap", "--color", "never", code=1).stdout


COLORED = {
    "show": ONE,
    "plan": ONE,
    "diff": ("o.tap", "o.tap", "--dataset", "one"),
    "preview": (*ONE, "-n", "1", "--offline"),
    "run": ONE,
    "status": (),
    "budget show": (),
    "cache stats": (),
    "cache verify": (),
    "explain": ("TAP203",),
    "doctor": ONE,
}


@shows(*(f"{command} --color" for command in COLORED))
def colors(tapc: Called) -> None:
    for command, arguments in COLORED.items():
        words = command.split()
        assert "\x1b[" in tapc(*words, *arguments, "--color", "always").stdout, command
        assert "\x1b[" not in tapc(*words, *arguments, "--color", "never").stdout, command


@shows("test --set", "test --dataset", "test --json", "test --quiet", "test --color", "cache export --recording")
def specs_tested(tapc: Called) -> None:
    expecting = "budget { cost $1 }\n  expect { samples >= 5 }"
    set_spec(tapc, "budget { cost $1 }", expecting)
    done = tapc("test", "o.tap")
    assert re.findall(r"passed .* (one|two): (\d) of", done.stdout) == [("one", "6"), ("two", "4")]
    assert tapc("test", "o.tap", "-q").stdout == ""
    failed = ("test", "o.tap", "--set", "size=4", code := "--dataset", "one")
    assert "`samples >= 5` does not hold: 4" in tapc(*failed, code=1).stderr
    assert code
    assert "\x1b[" in tapc(*failed, "--color", "always", code=1).stderr
    assert "\x1b[" not in tapc(*failed, "--color", "never", code=1).stderr
    document = json_of(tapc, *failed, "--json", code=1)
    assert (document["passed"], [one["dataset"] for one in document["datasets"]]) == (False, ["one"])
    tapc("run", "o.tap", "--dataset", "two", "-q")
    tapc("cache", "export", "--recording", "o.tap")
    assert "o.replies" in tapc("test", "o.tap").stdout


@shows("test --allow-run")
def programs_tested(tapc: Called) -> None:
    set_spec(tapc, '{{ language }}." }', '{{ language }}.", require run ["cat"] }')
    assert "TAP927" in tapc("test", "o.tap", "--dataset", "one", code=5).stderr
    assert "TAP927" not in tapc("test", "o.tap", "--dataset", "one", "--allow-run", code=None).stderr


FAILING = {
    "new": ("there/is/no/such", "--from", "nothing"),
    "fmt": ("broken.tap",),
    "graph": ("broken.tap",),
    "import": ("missing.csv",),
    "budget adjust": ("one", "--cost", "1", "--reason", "x", "--store", "nowhere"),
    "cache export": ("all.replies", "--store", "nowhere"),
    "cache gc": ("broken.tap",),
    "cache import": ("missing.replies",),
    "export": ("nowhere", "--to", "trl"),
}


@shows(*(f"{command} --color" for command in FAILING))
def colors_of_findings(tapc: Called) -> None:
    (tapc.folder / "broken.tap").write_text("tap 1\n\ndataset d {\n", encoding="utf-8")
    for command, arguments in FAILING.items():
        words = command.split()
        assert "\x1b[" in tapc(*words, *arguments, "--color", "always", code=None).stderr, command
        assert "\x1b[" not in tapc(*words, *arguments, "--color", "never", code=None).stderr, command


UNCOLORED = ("schema --color", "sim serve --color")
ONLY_RESULTS = tuple(
    f"{command} --quiet"
    for command in (
        "diff", "status", "budget show", "cache stats", "cache verify", "graph", "explain", "schema", "doctor", "sim serve",
    )
)  # fmt: skip


@shows(*UNCOLORED, *ONLY_RESULTS)
def taken_everywhere(tapc: Called) -> None:
    """Scripts give `-q` and `--color` to every command; where there is nothing to change, the command is not told."""
    for option in (*UNCOLORED, *ONLY_RESULTS):
        assert not OPTIONS[option].expose_value, f"{option} reaches its command now: show what it does"
    plain = tapc("schema", "run").stdout
    assert tapc("schema", "run", "-q", "--color", "always").stdout == plain


@shows("check --quiet", "show --quiet", "plan --quiet")
def quiet_of_commands_that_warn(tapc: Called) -> None:
    assert tapc("check", "o.tap").stdout + tapc("check", "o.tap").stderr
    assert tapc("check", "o.tap", "-q").stdout + tapc("check", "o.tap", "-q").stderr == ""
    set_spec(tapc, "emit prompts { prompt q }", 'emit prompts { prompt q }\n  generate idle { using w, prompt "Say." }')
    for command in ("show", "plan"):
        assert "idle" in tapc(command, *ONE).stderr
        quiet = tapc(command, *ONE, "-q")
        assert quiet.stderr == ""
        assert quiet.stdout == tapc(command, *ONE).stdout


@shows("fmt --quiet", "new --quiet", "import --quiet", "run --quiet", "budget adjust --quiet", "cache export --quiet")
def quiet_of_commands_that_write(tapc: Called) -> None:
    (tapc.folder / "t.csv").write_text("id,title\n1,a\n2,b\n", encoding="utf-8")
    (tapc.folder / "ugly.tap").write_text(SPEC.replace("  samples", "       samples"), encoding="utf-8")
    for command in (
        ("fmt", "ugly.tap"),
        ("new", "fresh"),
        ("import", "t.csv", "--out", "t.tap"),
        ("run", *ONE),
        ("budget", "adjust", "one", "--cost", "1", "--reason", "x"),
        ("cache", "export", "all.replies"),
    ):
        for path in ("ugly.tap", "fresh.tap", "t.tap", "all.replies"):
            if path != "ugly.tap":
                (tapc.folder / path).unlink(missing_ok=True)
        loud = tapc(*command)
        assert (
            "wrote" in loud.stdout + loud.stderr
            or "Done" in loud.stdout
            or "format" in loud.stderr
            or "spent" in loud.stdout
        )
        for path in ("fresh.tap", "t.tap", "all.replies"):
            (tapc.folder / path).unlink(missing_ok=True)
        (tapc.folder / "ugly.tap").write_text(SPEC.replace("  samples", "       samples"), encoding="utf-8")
        quiet = tapc(*command, "-q")
        assert quiet.stderr == "", command
        assert quiet.stdout.strip() in ("", "fresh.tap"), command


@shows("preview --quiet")
def quiet_preview(tapc: Called) -> None:
    """An endpoint that fails at first is told about while the samples are made, and else not."""
    for number, more in enumerate(((), ("-q",))):
        with CountingServer(lambda asked: Answer(status=500 if asked.number < 6 else 200)) as server:
            spec = written(tapc, paid(server.url, samples=4))
            done = tapc("preview", spec, "-n", "2", "--yes", "--store", f"store{number}", *more)
        assert ("in a row" in done.stderr) == (not more)
        assert "sample 0" in done.stdout


@shows("cache gc --quiet", "cache import --quiet")
def quiet_upkeep(tapc: Called) -> None:
    tapc("cache", "export", "all.replies")
    assert "added 0" in tapc("cache", "import", "all.replies").stdout
    assert tapc("cache", "import", "all.replies", "-q").stdout == ""
    done = tapc("cache", "gc", "o.tap", "--dataset", "two", "--yes", "-q")
    assert done.stdout + done.stderr == ""
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == 0


@shows("check --set", "show --set", "plan --set", "preview --set", "run --set", "graph --set", "doctor --set")
def settings(tapc: Called) -> None:
    two = (*ONE, "--set", "size=2")
    assert "size" in tapc("check", "o.tap", "--set", "sise=2", code=1).stdout
    assert tapc("check", "o.tap", "--set", "size=2").returncode == 0
    assert "samples 2\n" in tapc("show", *two, "--plain").stdout
    assert json_of(tapc, "plan", *two, "--json")["samples"] == 2
    assert tapc("preview", *two, "-q").stdout.count("accepted") == 2
    assert tapc.run(*two)["samples"]["planned"] == 2
    assert "2 slots" in tapc("graph", *two).stdout
    assert "size" in tapc("doctor", *ONE, "--set", "sise=2", code=1).stderr


@shows("diff --set", "cache gc --set", "cache export --set")
def settings_of_stored_replies(tapc: Called) -> None:
    assert (
        json_of(tapc, "diff", "o.tap", "o.tap", "--dataset", "one", "--set", "size=8", "--format", "json")["severity"]
        == "none"
    )
    assert "sise" in tapc("diff", "o.tap", "o.tap", "--dataset", "one", "--set", "sise=8", code=1).stderr
    smaller = ("o.tap", "--dataset", "one", "--set", "size=2")
    assert "wrote 2 replies" in tapc("cache", "export", "two.replies", *smaller).stdout
    assert json_of(tapc, "cache", "gc", *smaller, "--yes", "--json", "-q")["kept"] == 2


@shows("check --dataset", "show --dataset", "plan --dataset", "preview --dataset", "run --dataset", "graph --dataset")
def which_dataset(tapc: Called) -> None:
    two = ("o.tap", "--dataset", "two")
    set_spec(tapc, "prompt r }", "prompt nowhere }")
    assert tapc("check", *ONE).returncode == 0
    assert "nowhere" in tapc("check", *two, code=1).stdout
    set_spec(tapc, "prompt nowhere }", "prompt r }")
    assert "TAP143" in tapc("plan", "o.tap", code=1).stderr
    assert "gamma" in tapc("show", *two).stdout
    assert json_of(tapc, "plan", *two, "--json")["dataset"] == "two"
    assert "gamma" in tapc("preview", *two, "-n", "1", "-q").stdout
    assert tapc.run(*two)["dataset"] == "two"
    assert "r (generate)" in tapc("graph", *two).stdout


@shows("diff --dataset", "doctor --dataset", "cache gc --dataset", "cache export --dataset")
def which_dataset_of_the_rest(tapc: Called) -> None:
    (tapc.folder / "p.tap").write_text(SPEC.replace("gamma", "delta"), encoding="utf-8")
    assert json_of(tapc, "diff", "o.tap", "p.tap", "--dataset", "one", "--format", "json")["severity"] == "none"
    assert json_of(tapc, "diff", "o.tap", "p.tap", "--dataset", "two", "--format", "json")["severity"] != "none"
    assert {step["step"] for step in json_of(tapc, "doctor", "o.tap", "--dataset", "two", "--json")["steps"]} == {"r"}
    assert "wrote 0 replies" in tapc("cache", "export", "two.replies", "o.tap", "--dataset", "two").stdout
    assert json_of(tapc, "cache", "gc", "o.tap", "--dataset", "two", "--dry-run", "--json") == {"kept": 0, "removed": 6}
    assert json_of(tapc, "cache", "gc", *ONE, "--dry-run", "--json") == {"kept": 6, "removed": 0}


@shows("plan --store", "diff --store", "preview --store", "run --store", "status --store", "budget show --store")
def where_the_store_is(tapc: Called) -> None:
    at = ("--store", "other")
    assert json_of(tapc, "plan", *ONE, "--json")["total"]["requests"]["expected"] == 0
    assert json_of(tapc, "plan", *ONE, "--json", *at)["total"]["requests"]["expected"] == 6
    grown = ("o.tap", "p.tap", "--dataset", "one", "--format", "json")
    (tapc.folder / "p.tap").write_text(SPEC.replace("param size = 6", "param size = 9"), encoding="utf-8")
    assert tapc("diff", *grown).stdout != tapc("diff", *grown, *at).stdout
    assert (
        "sample 0" not in tapc("preview", *ONE, "-n", "1", "--offline", *at).stdout
        or "missing" in tapc("preview", *ONE, "-n", "1", "--offline", *at).stdout
    )
    assert "TAP860" in tapc("status", *at, code=None).stderr
    assert "TAP860" in tapc("budget", "show", *at, code=None).stderr
    assert tapc.run(*ONE, *at)["requests"]["sent"] == 6
    assert (tapc.folder / "other" / "store.db").is_file()
    assert len(json_of(tapc, "status", "--json", *at)["latest"]) == 1
    assert json_of(tapc, "budget", "show", "--json", *at)["accounts"]


@shows("budget adjust --store", *(f"cache {name} --store" for name in ("export", "gc", "import", "stats", "verify")))
def where_the_upkept_store_is(tapc: Called) -> None:
    at = ("--store", "other")
    tapc("cache", "export", "all.replies")
    for command in (("export", "x.replies"), ("gc", "o.tap", "--dataset", "two"), ("stats",), ("verify",)):
        assert "TAP860" in tapc("cache", *command, *at, code=None).stderr, command
    tapc("cache", "import", "all.replies", *at)
    assert json_of(tapc, "cache", "stats", "--json", *at)["replies"] == 6
    assert json_of(tapc, "cache", "verify", "--json", *at)["replies"] == 6
    tapc("budget", "adjust", "one", "--cost", "0.5", "--reason", "x", *at)
    assert json_of(tapc, "budget", "show", "--json", *at)["accounts"][0]["lines"][0]["spent"]["usd"] == 0.5
    assert spent(tapc)["usd"] < 0.5
    tapc("cache", "gc", "o.tap", "--dataset", "two", "--yes", *at)
    assert json_of(tapc, "cache", "stats", "--json", *at)["replies"] == 0
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == 6
    tapc("cache", "export", "none.replies", *at)
    assert "added 0 replies; 0 were" in tapc("cache", "import", "none.replies").stdout


@shows(
    "run --endpoint",
    "doctor --endpoint",
    "plan --endpoint",
    "preview --endpoint",
    "cache gc --endpoint",
    "cache export --endpoint",
)
def elsewhere(tapc: Called) -> None:
    with CountingServer() as server:
        pointed = (*ONE, "--endpoint", f"w={server.url}#other")
        assert json_of(tapc, "plan", *pointed, "--json")["total"]["requests"]["expected"] == 6
        assert tapc.run(*pointed, "--yes")["requests"]["sent"] == 6
        assert {asked.body["model"] for asked in server.asked} == {"other"}
        assert len(server.asked) == 6
        assert "Reply" in tapc("preview", *pointed, "-n", "1", "--yes", "-q").stdout
        tapc("doctor", *pointed, "--yes", code=None)
        assert len(server.asked) > 6
        assert "wrote 6 replies" in tapc("cache", "export", "other.replies", *pointed).stdout
        kept = json_of(tapc, "cache", "gc", *pointed, "--yes", "--json", "-q")
        assert (kept["kept"], kept["removed"]) == (6, 6)


PAYING = {"run": (), "preview": ("-n", "2"), "doctor": ()}


@shows(*(f"{command} --yes" for command in PAYING))
def yes(tapc: Called) -> None:
    with CountingServer() as server:
        spec = written(tapc, paid(server.url, samples=4))
        for command, more in PAYING.items():
            before = len(server.asked)
            assert "--yes" in tapc(command, spec, *more, code=2).stderr
            assert len(server.asked) == before, "nothing was paid for"
            tapc(command, spec, *more, "--store", command, "--yes") if command != "doctor" else tapc(
                command, spec, "--yes"
            )
            assert len(server.asked) > before


@shows("cache gc --yes", "cache gc --dry-run", "cache gc --json")
def removing(tapc: Called) -> None:
    gone = ("cache", "gc", "o.tap", "--dataset", "two")
    assert "--yes" in tapc(*gone, code=2).stderr
    assert json.loads(tapc(*gone, "--dry-run", "--json").stdout) == {"kept": 0, "removed": 6}
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == 6
    assert json.loads(tapc(*gone, "--yes", "--json").stdout)["removed"] == 6
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == 0


# JSON where there is text else


JSON = {
    "status": ((), "tapc.status/1"),
    "budget show": ((), "tapc.budget/1"),
    "cache stats": ((), "replies"),
    "cache verify": ((), "sound"),
    "doctor": (ONE, "steps"),
    "plan": (ONE, "dataset"),
    "show": (ONE, "text"),
    "run": (ONE, "requests"),
}


@shows(*(f"{command} --json" for command in JSON), "cache import --json")
def as_json(tapc: Called) -> None:
    for command, (arguments, word) in JSON.items():
        words = command.split()
        assert word in json.dumps(json.loads(tapc(*words, *arguments, "--json").stdout)), command
        with pytest.raises(ValueError):
            json.loads(tapc(*words, *arguments).stdout)
    tapc("cache", "export", "all.replies")
    assert json_of(tapc, "cache", "import", "all.replies", "--json")["known"] == 6


@shows("check --format", "plan --format", "diff --format", "graph --format")
def formats(tapc: Called) -> None:
    set_spec(tapc, "samples size", "samples sizes")
    assert json.loads(tapc("check", "o.tap", "--format", "sarif", code=1).stdout)["version"] == "2.1.0"
    assert tapc("check", "o.tap", "--format", "github", code=1).stdout.startswith("::error file=o.tap")
    set_spec(tapc, "samples sizes", "samples size")
    for command in (("plan", *ONE), ("diff", "o.tap", "o.tap", "--dataset", "one")):
        assert json.loads(tapc(*command, "--format", "json").stdout)["schema"].startswith("tapc.")
        assert tapc(*command, "--format", "markdown").stdout != tapc(*command, "--format", "table").stdout
    assert tapc("graph", *ONE, "--format", "dot").stdout.startswith("digraph")
    assert json.loads(tapc("graph", *ONE, "--format", "json").stdout)
    assert tapc("graph", *ONE).stdout.startswith("flowchart")


# new, check, fmt, show


@shows("new --from")
def start_from(tapc: Called) -> None:
    tapc("new", "a")
    tapc("new", "b", "--from", "tap_paper")
    a, b = ((tapc.folder / f"{name}.tap").read_text(encoding="utf-8") for name in "ab")
    assert "quickstart" in a or "tutor" in a
    assert a != b
    assert "tap_paper" in tapc("new", "c", "--from", "nothing", code=2).stderr


@shows("check --no-allow")
def no_allow(tapc: Called) -> None:
    (tapc.folder / "allowed.tap").write_text(
        f'{SPEC}allow TAP602: "English"\nallow TAP605: "later"\n', encoding="utf-8"
    )
    assert "TAP617" in tapc("check", "allowed.tap").stdout
    text = 'tap 1\nimport std.rubrics.helpfulness as help\nallow TAP123: "later"\n' + SPEC.removeprefix("tap 1\n")
    (tapc.folder / "allowed.tap").write_text(text, encoding="utf-8")
    assert "TAP123" not in tapc("check", "allowed.tap").stdout
    assert "TAP123" in tapc("check", "allowed.tap", "--no-allow").stdout


@shows("check --fix")
def fix(tapc: Called) -> None:
    set_spec(tapc, "samples size", "sampels size")
    assert tapc("check", "o.tap", code=1).returncode == 1
    assert "sampels" in (tapc.folder / "o.tap").read_text(encoding="utf-8")
    tapc("check", "o.tap", "--fix")
    assert (tapc.folder / "o.tap").read_text(encoding="utf-8") == SPEC


@shows("fmt --check", "fmt --diff")
def layout(tapc: Called) -> None:
    ugly = SPEC.replace("  samples", "       samples")
    path = tapc.folder / "ugly.tap"
    path.write_text(ugly, encoding="utf-8")
    tapc("fmt", "ugly.tap", "--check", code=1)
    assert "-       samples size" in tapc("fmt", "ugly.tap", "--diff").stdout
    assert path.read_text(encoding="utf-8") == ugly
    tapc("fmt", "ugly.tap")
    tapc("fmt", "ugly.tap", "--check")
    assert path.read_text(encoding="utf-8") != ugly


@shows("show --plain")
def plain(tapc: Called) -> None:
    assert "// o.tap:" in tapc("show", *ONE).stdout
    assert "o.tap:" not in tapc("show", *ONE, "--plain").stdout


# plan, diff


@shows("plan --by", "diff --by")
def by_axes(tapc: Called) -> None:
    assert "there is no axis 'color'" in tapc("plan", *ONE, "--by", "color", code=2).stderr
    values = ", ".join(f"v{number}" for number in range(40))
    set_spec(tapc, "mix language { en, sw }", f"mix language {{ en, sw }}\n  mix kind {{ {values} }}")
    assert "v39" not in tapc("plan", *ONE, "--set", "size=80").stdout
    assert "v39" in tapc("plan", *ONE, "--set", "size=80", "--by", "kind").stdout
    (tapc.folder / "p.tap").write_text(SPEC, encoding="utf-8")
    grown = ("o.tap", "p.tap", "--dataset", "one", "--set", "size=80")
    assert "there is no axis" in tapc("diff", *grown, "--by", "color", code=2).stderr
    set_spec(tapc, ", v39 }", ", w39 }")
    (tapc.folder / "p.tap").write_text((tapc.folder / "o.tap").read_text("utf-8").replace("v1,", "v1 30%,"), "utf-8")
    assert tapc("diff", *grown).stdout.count("\n") < tapc("diff", *grown, "--by", "kind").stdout.count("\n")


@shows("plan --what-if")
def varied(tapc: Called) -> None:
    """Half of the samples need nothing, twice as many six requests more; the spec's own value is marked."""
    rows = json_of(tapc, "plan", *ONE, "--what-if", "samples=3,12", "--json")["rows"]
    assert [(row["shown"], row["now"], row["requests"]) for row in rows] == [
        ("3", False, 0), ("6", True, 0), ("12", False, 6),
    ]  # fmt: skip
    assert "6 (now)" in tapc("plan", *ONE, "--what-if", "samples=3,12").stdout
    assert "| 6 \\(now\\) |" in tapc("plan", *ONE, "--what-if", "samples=3,12", "--format", "markdown").stdout
    assert "TAP883" in tapc("plan", *ONE, "--what-if", "sample=3", code=2).stderr
    assert "different things" in tapc("plan", *ONE, "--what-if", "samples=3", "--track", code=2).stderr


@shows("plan --track")
def tracked(tapc: Called) -> None:
    """The run of the fixture, next to what was expected of it: six requests, and none that was rejected."""
    shown = tapc("plan", *ONE, "--track").stdout
    assert re.search(r"\n20\d\d-\S+ \S+ +6 +.* 6 ", shown), shown
    assert "| 6 |" in tapc("plan", *ONE, "--track", "--format", "markdown").stdout
    (run,) = json_of(tapc, "plan", *ONE, "--track", "--json")["runs"]
    assert (run["state"], run["forecast"]["requests"], run["actual"]["requests"]) == ("scored", 6, 6)
    assert "TAP860" in tapc("plan", *ONE, "--track", "--store", "none", code=2).stderr


@shows("plan --worst")
def worst_case(tapc: Called) -> None:
    """The most that everything costs, which is no news where a budget bounds it; `--json` has it in any case."""
    ceiling = json_of(tapc, "plan", *ONE, "--json", "--store", "none")["total"]["cost_usd"]["ceiling"]
    assert ceiling > 0.01
    for form in ("table", "markdown"):
        usual = tapc("plan", *ONE, "--format", form, "--store", "none").stdout
        worst = tapc("plan", *ONE, "--format", form, "--store", "none", "--worst").stdout
        assert usual.count("at most") == 1, "in the first line, since there is a budget"
        assert worst.count("at most") > 1
    set_spec(tapc, "budget { cost $1 }", "")
    usual = tapc("plan", *ONE, "--store", "none").stdout
    assert "at most" not in usual
    assert "`tapc plan --worst` shows the most it can cost" in usual
    assert f"at most ${ceiling:.2f}" in tapc("plan", *ONE, "--store", "none", "--worst").stdout


@shows("plan --samples", "plan --why")
def samples_and_why(tapc: Called) -> None:
    assert "Ask about" not in tapc("plan", *ONE).stdout
    assert tapc("plan", *ONE, "--samples", "2").stdout.count("Ask about") == 2
    assert "stored" in tapc("plan", *ONE, "--why", "0").stdout
    assert "stored" not in tapc("plan", *ONE, "--why", "0", "--store", "other").stdout.partition("\n")[0]
    assert "TAP882" in tapc("plan", *ONE, "--why", "99", code=2).stderr


@shows("plan --against", "plan --expect-no-changes")
def against(tapc: Called) -> None:
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@x"]
    for command in (["init", "-q"], ["add", "o.tap"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=tapc.folder, check=True)
    tapc("plan", *ONE, "--expect-no-changes")
    tapc("plan", *ONE, "--expect-no-changes", "--store", "other", code=4)
    tapc("plan", *ONE, "--against", "HEAD", "--expect-no-changes")
    set_spec(tapc, "param size = 6", "param size = 7")
    tapc("plan", *ONE, "--against", "HEAD", "--expect-no-changes", code=4)
    assert "7" in tapc("plan", *ONE, "--against", "HEAD").stdout


@shows("plan --out", "plan --lock")
def saved(tapc: Called) -> None:
    tapc("plan", *ONE, "--out", "plan.json")
    assert tapc.run("plan.json")["dataset"] == "one"
    set_spec(tapc, "param size = 6", "param size = 7")
    tapc("run", "plan.json", code=1)
    lock = tapc.folder / "o.tap.one.lock"
    assert lock.read_text(encoding="utf-8").startswith("tapc.lock/2\nsamples 6\n")
    tapc("plan", *ONE, "--lock")
    assert lock.read_text(encoding="utf-8").startswith("tapc.lock/2\nsamples 7\n")


@shows("plan --no-lock", "run --no-lock", "diff --no-lock")
def without_a_lock(tapc: Called) -> None:
    set_spec(tapc, "param size = 6", "param size = 7")
    lock = tapc.folder / "o.tap.one.lock"
    text = lock.read_bytes()
    locked, afresh = (json_of(tapc, "plan", *ONE, "--json", *more)["digest"] for more in ((), ("--no-lock",)))
    assert locked != afresh
    run = tapc.run(*ONE, "--no-lock")
    assert (run["plan_digest"], run["lock"]) == (afresh, None)
    assert lock.read_bytes() == text
    assert tapc.run(*ONE)["plan_digest"] == locked
    other = json_of(tapc, "diff", "o.tap", "o.tap", "--dataset", "one", "--no-lock", "--format", "json")
    assert (other["before"]["digest"], other["after"]["digest"]) == (locked, afresh)
    lock.unlink()
    assert json_of(tapc, "plan", *ONE, "--json")["digest"] == afresh
    assert "to begin again, delete it first" in tapc("plan", *ONE, "--lock", "--no-lock", code=2).stderr


# preview, run


@shows("preview -n", "preview --offline")
def preview(tapc: Called) -> None:
    assert tapc("preview", *ONE, "-n", "2", "-q").stdout.count("accepted") == 2
    assert tapc("preview", *ONE, "-n", "3", "-q").stdout.count("accepted") == 3
    before = json_of(tapc, "cache", "stats", "--json")["replies"]
    tapc("preview", "o.tap", "--dataset", "two", "-n", "2", "--offline")
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == before
    tapc("preview", "o.tap", "--dataset", "two", "-n", "2", "-q")
    assert json_of(tapc, "cache", "stats", "--json")["replies"] == before + 2


@shows("run --out", "run --limit")
def out_and_limit(tapc: Called) -> None:
    assert tapc.run(*ONE, "--out", "elsewhere/deep", "--limit", "4")["samples"]["planned"] == 4
    rows = tapc.folder / "elsewhere" / "deep" / "one" / "data" / "prompts" / "train-00000-of-00001.jsonl"
    assert len(rows.read_text(encoding="utf-8").splitlines()) == 4
    assert len(tapc.rows("one", "prompts")) == 6


@shows("run --offline", "run --partial")
def silent(tapc: Called) -> None:
    more = (*ONE, "--set", "size=9")
    offline = tapc.run(*more, "--offline", code=5)
    assert (offline["mode"], offline["requests"]["sent"]) == ("offline", 0)
    assert offline["samples"]["short"] > 0
    partial = tapc.run(*more, "--partial")
    assert (partial["mode"], partial["requests"]["sent"]) == ("partial", 0)
    assert tapc.run(*more)["requests"]["sent"] == offline["samples"]["short"]


@shows("run --no-brake")
def what_rejects_everything(tapc: Called) -> None:
    """Nothing passes: the brake stops after a few samples, and without it every reserve is used up."""
    set_spec(tapc, "param size = 6", "param size = 100")
    set_spec(tapc, 'in {{ language }}." }', 'in {{ language }}.", attempts 1, require length 1..1 words }')
    braked = tapc.run(*ONE, "--store", "braked", code=5)
    assert (braked["stopped"], braked["requests"]["sent"] < 100) == ("brake", True)
    assert braked["brake"]["rejected"] == braked["brake"]["samples"] == 12
    whole = tapc.run(*ONE, "--store", "braked", "--no-brake", code=5)
    assert (whole["stopped"], whole["brake"]) == (None, None)
    assert whole["requests"]["sent"] + braked["requests"]["sent"] == 200


@shows("run --give-up", "run --allow-short")
def what_cannot_be_had(tapc: Called) -> None:
    """A server that refuses one prompt in four: so many samples are short, and no more than what is allowed."""
    with refusing_server(
        lambda body: "too long" if "alpha in Swahili" in body["messages"][-1]["content"] else None
    ) as (url, _):
        set_spec(tapc, "param size = 6", "param size = 8")
        pointed = (*ONE, "--endpoint", f"w={url}", "--store", "refused")
        short = tapc.run(*pointed, code=5)["samples"]["short"]
        assert short == 2
        tapc("run", *pointed, "--allow-short", "24%", code=5)
        tapc("run", *pointed, "--allow-short", "25%")
        tapc("run", *pointed, "--allow-short", "25", "--offline")
        assert "not between" in tapc("run", *pointed, "--allow-short", "101%", code=2).stderr
        gave_up = tapc.run(*pointed, "--give-up", code=5)["requests"]["gave_up"]
        assert gave_up >= 2
        assert tapc.run(*pointed, code=5)["failures"] == {}, "what is given up is not asked again"


@shows("run --concurrency", "run --max-cost", "run --log-json")
def a_paid_run(tapc: Called) -> None:
    now: set[int] = set()
    most = 0

    def behave(asked: Asked) -> Answer:
        nonlocal most
        now.add(asked.number)
        most = max(most, len(now))
        threading.Timer(0.04, now.discard, (asked.number,)).start()
        return Answer(delay=0.05)

    with CountingServer(behave) as server:
        spec = written(tapc, paid(server.url, samples=12, endpoint="limit { concurrency 8 }"))
        logged = tapc("run", spec, "--yes", "--concurrency", "2", "--log-json", "--max-cost", "0.001", code=3)
        assert most <= 2
        assert server.billed <= 1_000_000_000
        assert {json.loads(line)["event"] for line in logged.stderr.splitlines()} >= {"progress"}
        rest = tapc("run", spec, "--yes", "--concurrency", "1")
        assert not [line for line in rest.stderr.splitlines() if line.startswith("{")]
        tapc("run", spec, "--yes", "--store", "wide")
        assert most > 2


@shows("run --allow-run")
def programs(tapc: Called) -> None:
    script = tapc.folder / "lower.py"
    script.write_text(
        "import sys, json\nfor line in sys.stdin:\n    print(json.dumps({'score': 1.0, 'rationale': 'so'}), flush=True)\n",
        encoding="utf-8",
    )
    set_spec(
        tapc,
        "emit prompts { prompt q }",
        f'score s {{ of q, run ["{sys.executable}", "lower.py"] }}\n  emit records',
    )
    refused = tapc("run", *ONE, code=5)
    assert "TAP927" in refused.stderr
    assert tapc("run", *ONE, "--allow-run", code=None).stderr.find("TAP927") < 0
    assert tapc.rows("one", "records")


# status, budget, cache


@shows("status --latest")
def latest(tapc: Called) -> None:
    tapc("run", *ONE, "-q", "--set", "size=7")
    assert len(json_of(tapc, "status", "--json")["latest"]) == 2
    assert len(json_of(tapc, "status", "--json", "--latest", "1")["latest"]) == 1
    assert json_of(tapc, "status", "--json", "--latest", "0")["latest"] == []


@shows(*(f"budget adjust --{name}" for name in ("cost", "tokens", "requests", "reason", "step", "endpoint")))
def adjust(tapc: Called) -> None:
    before = spent(tapc)
    tapc("budget", "adjust", "one", "--cost", "0.25", "--tokens", "11", "--requests", "-2", "--reason", "a refund")
    after = spent(tapc)
    assert round(after["usd"] - before["usd"], 9) == 0.25
    assert (after["tokens"] - before["tokens"], after["requests"] - before["requests"]) == (11, -2)
    assert "a refund" in tapc("budget", "show", "one").stdout
    assert "--reason" in tapc("budget", "adjust", "one", "--cost", "1", code=2).stderr
    for kind, name in (("step", "q"), ("endpoint", "w")):
        of = spent(tapc, kind)
        tapc("budget", "adjust", "one", "--cost", "0.5", "--reason", "x", f"--{kind}", name)
        assert round(spent(tapc, kind)["usd"] - of["usd"], 9) == 0.5
        assert spent(tapc) == after, "one account is corrected, not two"


@shows("cache export --force", "cache import --max-bytes")
def files_of_replies(tapc: Called) -> None:
    tapc("cache", "export", "all.replies")
    assert "TAP925" in tapc("cache", "export", "all.replies", code=2).stderr
    assert "wrote 6" in tapc("cache", "export", "all.replies", "--force").stdout
    tapc("cache", "import", "all.replies", "--max-bytes", "100", "--store", "other", code=2)
    assert "added 6" in tapc("cache", "import", "all.replies", "--max-bytes", "1M", "--store", "other").stdout


OUTSIDE = {
    "test": (),
    "check": (), "show": (), "plan": (), "preview": ("--offline",), "run": ("-q",), "graph": (), "doctor": ("--yes",),
    "diff": ("linked/d.tap",), "cache gc": ("--dry-run",), "cache export": ("linked.replies",),
}  # fmt: skip


@shows(*(f"{command} --allow-outside" for command in OUTSIDE))
def links_that_lead_out(tapc: Called) -> None:
    (tapc.folder / "linked").mkdir()
    (tapc.folder / "t.csv").write_text("id,parent\nx,\ny,\n")
    (tapc.folder / "rows.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    for name in ("t.csv", "rows.jsonl"):
        (tapc.folder / "linked" / name).symlink_to(f"../{name}")
    text = SPEC[SPEC.index("dataset two") :].replace(
        "taxonomy topic { gamma }", 'taxonomy topic from "t.csv" { columns { id id } }'
    )
    (tapc.folder / "linked" / "d.tap").write_text(f"tap 1\n{text}")
    for command, more in OUTSIDE.items():
        line = (*command.split(), *more, "linked/d.tap")
        done = tapc(*line, code=1)
        assert "leads out of the spec's folder" in done.stdout + done.stderr, command
        tapc(*line, "--allow-outside")
    rows = text.replace("generate r {", 'input rows { file "rows.jsonl", field text }\n  generate r {').replace(
        "Ask", "{{ rows }}"
    )
    (tapc.folder / "linked" / "d.tap").write_text(f"tap 1\n{rows.replace('samples 4', 'samples 2')}")
    for command in ("plan", "check", "graph"):
        done = tapc(command, "linked/d.tap", code=1)
        assert "leads out of the spec's folder" in done.stdout + done.stderr, command
        tapc(command, "linked/d.tap", "--allow-outside")


@shows("cache verify --mend")
def mending(tapc: Called) -> None:
    """An account that somebody emptied is found, and put right from what was settled."""
    before = spent(tapc)
    with contextlib.closing(sqlite3.connect(tapc.folder / ".tapc" / "store.db")) as database, database:
        database.execute("UPDATE accounts SET cost = 0 WHERE kind = 'dataset'")
    for _ in range(2):  # looking mends nothing
        tapc("cache", "verify", code=1)
    tapc("cache", "verify", "--mend")
    assert spent(tapc) == before
    tapc("cache", "verify")


# export


@shows("export --to", "export --config", "export --out", "export --json", "export --quiet")
def exporting(tapc: Called) -> None:
    set_spec(tapc, "emit prompts { prompt q }", "emit prompts { prompt q }\n  emit sft { from q }")
    tapc("run", *ONE, "-q")
    assert "prompts for grpo: 6 rows of train" in tapc("export", "out/one", "--to", "trl").stderr
    assert (tapc.folder / "out" / "one-trl" / "sft.sft.yaml").exists()
    assert tapc("export", "out/one", "--to", "openai", "--out", "here").stdout == "here\n"
    assert (tapc.folder / "here" / "sft.job.json").exists()
    found = json_of(tapc, "export", "out/one", "--to", "trl", "--config", "sft", "--json")
    assert [entry["config"] for entry in found["configs"]] == ["sft"]
    assert not (tapc.folder / "out" / "one-trl" / "prompts.grpo.yaml").exists()
    assert "left out" in tapc("export", "out/one", "--to", "openai").stderr
    quiet = tapc("export", "out/one", "--to", "openai", "-q")
    assert quiet.stdout == "out/one-openai\n" and "left out" not in quiet.stderr and "next" not in quiet.stderr


# import


@shows("import --percent", "import --force")
def importing_shares(tapc: Called) -> None:
    (tapc.folder / "shares.csv").write_text("name,part\na,30\nb,70\n")
    assert "a 30%" in tapc("import", "shares.csv", "--percent", "part").stdout
    assert "30%" not in tapc("import", "shares.csv").stdout
    tapc("import", "shares.csv", "--percent", "part", "--out", "shares.tap")
    first = (tapc.folder / "shares.tap").read_text()
    assert "TAP725" in tapc("import", "shares.csv", "--out", "shares.tap", code=2).stderr
    assert (tapc.folder / "shares.tap").read_text() == first
    tapc("import", "shares.csv", "--out", "shares.tap", "--force")
    assert (tapc.folder / "shares.tap").read_text() != first


@shows(*(f"import --{name}" for name in ("name", "out", "id", "parent", "title", "weight", "definition", "levels")))
def importing(tapc: Called) -> None:
    table = tapc.folder / "t.csv"
    table.write_text("a,b,c,d,e\n1,,Root,2,what\n2,1,Leaf,3,why\n3,1,Other,5,how\n", encoding="utf-8")
    columns = ("--id", "a", "--parent", "b", "--title", "c", "--weight", "d", "--definition", "e")
    text = tapc("import", "t.csv", *columns, "--name", "mine").stdout
    for wanted in ("taxonomy mine", '"Root"', '"Leaf"', "why", "how", "3", "5"):
        assert wanted in text
    for at in range(0, len(columns), 2):
        left = (*columns[:at], *columns[at + 2 :])
        assert tapc("import", "t.csv", *left, "--name", "mine", code=None).stdout != text, columns[at]
    wide = tapc.folder / "w.csv"
    wide.write_text("field,part\nphysics,optics\nphysics,heat\n", encoding="utf-8")
    tapc("import", "w.csv", "--levels", "field,part", "--out", "w.tap")
    found = (tapc.folder / "w.tap").read_text(encoding="utf-8")
    assert found.index("physics") < found.index("optics")
    assert tapc("import", "w.csv", "--levels", "part,field").stdout != found


# sim


@shows("sim serve --host", "sim serve --port", "sim serve --key", "sim serve --fault")
def simulated(tapc: Called) -> None:
    import socket
    import urllib.error
    import urllib.request

    with socket.socket() as free:
        free.bind(("127.0.0.2", 0))
        port = free.getsockname()[1]
    started = Tapc(tapc.folder).start(
        "sim", "serve", "--host", "127.0.0.2", "--port", str(port), "--key", "sesame", "--fault", "rate_5xx=1"
    )
    try:
        assert started.stdout.readline().split()[-1].startswith(f"http://127.0.0.2:{port}")

        def status(path: str, body: bytes | None = None, **headers: str) -> int:
            request = urllib.request.Request(f"http://127.0.0.2:{port}/v1/{path}", data=body, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=20) as reply:
                    return reply.status
            except urllib.error.HTTPError as error:
                return error.code

        assert status("models") == 401
        assert status("models", authorization="Bearer sesame") == 200
        body = json.dumps({"model": "sim", "messages": [{"role": "user", "content": "hi"}]}).encode()
        assert status("chat/completions", body, authorization="Bearer sesame") >= 500
    finally:
        started.terminate()
        started.communicate()
    assert "nonsense" in tapc("sim", "serve", "--fault", "nonsense=1", code=2).stderr


TESTS = sorted(set(SHOWN.values()), key=lambda test: test.__name__)


@pytest.mark.parametrize("test", TESTS, ids=[test.__name__ for test in TESTS])
def test_option(test: Test, made: Called, tmp_path) -> None:
    shutil.copytree(made.folder, tmp_path / "place")
    test(Called(tmp_path / "place"))
