"""What `tapc check` loads: every module it does not need costs each user of an editor a wait."""

import subprocess
import sys

import pytest

from tapc.source import bundled_dir

HEAVY = [
    "asyncio", "click.testing", "concurrent.futures", "datasets", "email", "fsspec", "grpc", "http",
    "httptools", "httpx", "importlib.metadata", "jinja2", "jsonschema", "langcodes", "language_data", "lark",
    "multiprocessing", "numpy", "openai", "pandas", "pyarrow", "pycld2", "pydantic.plugin._loader", "regex",
    "rensa", "requests", "rich", "socket", "sqlite3", "ssl", "subprocess", "tapc.checks", "tapc.outputs",
    "tapc.plan", "tapc.engine", "tapc.frontend.show", "tapc.steps", "uvloop", "zstandard",
]  # fmt: skip

SCRIPT = """
import sys
sys.argv = ["tapc", "check", *sys.argv[1:]]
from tapc.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*sys.modules)
"""


def loaded(*specs, **environment):
    import os

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, specs)],
        capture_output=True, text=True, check=True, env={**os.environ, **environment},
    )  # fmt: skip
    return set(done.stdout.splitlines()[-1].split())


@pytest.fixture(scope="module")
def cached(tmp_path_factory):
    """The quickstart, read twice: the second time its tree comes from the compiled cache."""
    home = str(tmp_path_factory.mktemp("cache"))
    loaded(bundled_dir("specs") / "quickstart.tap", XDG_CACHE_HOME=home)
    return loaded(bundled_dir("specs") / "quickstart.tap", XDG_CACHE_HOME=home)


@pytest.mark.parametrize("name", HEAVY)
def test_check_of_the_quickstart_does_not_load(cached, name):
    assert name not in cached


def test_check_loads_nothing_that_runs_a_kind(cached):
    kinds = {name for name in cached if name.startswith("tapc.kinds.")}
    assert {"tapc.kinds.checks.length.spec", "tapc.kinds.declared"} <= kinds
    assert {name for name in kinds if name.rpartition(".")[2] in ("program", "programs", "runtime")} == set()


def test_an_edited_spec_needs_the_parser_and_nothing_more(cached, tmp_path):
    spec = tmp_path / "x.tap"
    spec.write_text((bundled_dir("specs") / "quickstart.tap").read_text().replace("samples 60", "samples 61"))
    more = loaded(spec, XDG_CACHE_HOME=str(tmp_path)) - cached
    assert {name.split(".")[0] for name in more} & {name for name in HEAVY if "." not in name} <= {
        "lark",
        "regex",  # lark looks whether it is there
    }
