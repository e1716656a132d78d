"""`--offline` opens no connection and reads nothing of the environment that a spec names."""

import json
import subprocess
import sys

from counting_server import CountingServer
from driving import PATIENCE, Tapc
from paid_spec import paid, written

WITNESS = """
import os, sys

seen, read = [], set()
sys.addaudithook(lambda event, _: seen.append(event) if event.split(".")[0] in ("socket", "subprocess") else None)

class Watched(dict):
    def __getitem__(self, name):
        read.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        read.add(name)
        return super().get(name, default)

    def items(self):
        read.add("*")
        return super().items()

os.environ = Watched(os.environ)
from tapc.cli.program import cli
try:
    code = cli.main(sys.argv[1:], prog_name="tapc", standalone_mode=False) or 0
except SystemExit as left:
    code = left.code or 0
import json
print(json.dumps({"code": code, "seen": seen, "read": sorted(read)}), file=sys.stderr)
"""
"""Runs a command and reports every socket and process made, and every variable asked for."""


def watched(tapc: Tapc, *arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", WITNESS, *arguments],
        cwd=tapc.folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tapc.folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr.splitlines()[-1])


def test_offline_opens_no_connection_and_reads_no_variable_of_the_spec(tapc: Tapc) -> None:
    endpoint = 'key env("MONEY_KEY")'
    with CountingServer() as server:
        text = paid(server.url, endpoint=endpoint).replace(f'"{server.url}"', 'env("MONEY_URL")')
        text = text.replace("timeout 2s", 'timeout 2s, header "X-Team" env("MONEY_TEAM")')
        spec = written(tapc, text)
        names = {"MONEY_URL": server.url, "MONEY_KEY": "key-0123456789abcdef", "MONEY_TEAM": "us"}
        tapc("run", spec, "--yes", **names)
        asked, whole = len(server.asked), tapc.bytes_of("money")
        for mode in ("--offline", "--partial"):
            (tapc.folder / "out" / "money").rename(tapc.folder / mode)
            found = watched(tapc, "run", spec, mode)
            assert found["code"] == 0
            assert not found["seen"], "a socket or a process"
            assert not {*names, "TAPC_SIM", "OPENAI_API_KEY", "HTTPS_PROXY", "*"} & set(found["read"])
            assert tapc.bytes_of("money") == whole
        assert len(server.asked) == asked
        assert not watched(tapc, "plan", spec)["seen"], "a plan needs no connection either"
        live = watched(tapc, "run", spec, "--yes", "--store", "empty")
        assert live["code"] == 5, "nothing is set"
        assert set(names) <= set(live["read"]), "the witness sees what is read"
        assert live["seen"], "and what is opened"
