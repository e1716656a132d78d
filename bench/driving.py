# ruff: noqa: E501 - a spec as users write it
"""Starts the server and the program in separate processes, and reads their usage."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent

SPEC = """tap 1

dataset bench {{
  samples {samples}
  seed 3
  taxonomy topic {{
    physics 40% {{ mechanics "Mechanics": "forces and motion", optics "Optics": "light and lenses", heat "Heat": "temperature and work" }}
    biology 35% {{ cells "Cells": "structure of the cell", genes "Genes": "inheritance", ecology "Ecology": "populations and food webs" }}
    chemistry {{ bonding "Bonding": "why atoms hold together", reactions "Reactions": "rates and equilibria" }}
  }}
  mix language {{ en 50%, de 30%, sw 20% }}
  mix difficulty {{ easy 30%: "one step", medium 50%: "two or three steps", hard 20%: "many steps" }}
  endpoint w {{
    model "bench"
    url "http://127.0.0.1:{port}/v1"
    price {{ input $0.10/M, output $0.40/M }}
  }}
  generate answer {{
    using w
    system "You write exam questions for a science course."
    prompt \"\"\"
      Write one {{{{ difficulty }}}} question ({{{{ difficulty.definition }}}}) about
      {{{{ topic }}}} ({{{{ topic.path }}}}: {{{{ topic.definition }}}}).
      Write it in {{{{ language.name }}}}. Give the question only, without its answer.
      \"\"\"
    max_tokens 256
    {require}
  }}
  emit sft {{ from answer }}
  budget {{ cost $1000000 }}
}}
"""


class Used(NamedTuple):
    """The usage of a process: its `run.json`, CPU seconds, wall seconds, peak megabytes."""

    run: dict
    cpu: float
    wall: float
    peak: float


def write_spec(folder, port, samples, require=""):
    """Write the spec of the benchmark."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "bench.tap"
    path.write_text(SPEC.format(samples=samples, port=port, require=require), encoding="utf-8")
    return path


@contextlib.contextmanager
def serving(*options):
    """A server; yields its port."""
    command = [sys.executable, str(HERE / "server.py"), *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def answered(port):
    """How many requests a server has answered."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/count", timeout=10) as reply:
        return int(reply.read())


def arrivals(port):
    """Arrival times of the requests since the last call, in seconds of the server's clock."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/times", timeout=60) as reply:
        return json.loads(reply.read())


def finished(command, folder):
    """Run a command to its end and return its usage."""
    log = (folder / "stderr.log").open("wb")
    begin = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begin
    log.close()
    if process.returncode:
        raise SystemExit(f"{command} exits with {process.returncode}: {(folder / 'stderr.log').read_text()[-2000:]}")
    return out, usage, wall


def tapc(folder, *arguments):
    """Run the program; `run` returns its document."""
    arguments = [*map(str, arguments)]
    if arguments[0] == "run":
        arguments += ["--json", "--yes"]
    out, usage, wall = finished([sys.executable, "-m", "tapc", *arguments], folder)
    document = json.loads(out) if arguments[0] == "run" else {}
    return Used(document, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def client(folder, kind, port, count, concurrency):
    """Run one of `peers.py` in its own process."""
    out, usage, wall = finished(
        [sys.executable, str(HERE / "peers.py"), kind, str(port), str(count), str(concurrency)], folder
    )
    return Used(json.loads(out), usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def more_files():
    """Allow as many open files as the system permits."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
