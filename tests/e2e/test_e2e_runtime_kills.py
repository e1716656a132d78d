"""`kill -9` at any moment, and the same command finishes with the bytes of an undisturbed run."""

import json
import random
import time

from driving import Tapc

SPEC = """tap 1

dataset killed {
  samples 120
  taxonomy topic { alpha, beta, gamma }
  mix language { en 50%, sw 50% }
  endpoint w {
    model "sim"
    temperature 0.8
    extra { sim { rate_duplicate 0.05, rate_refusal 0.03, rate_truncate 0.03, rate_wrong_language 0.05 } }
  }
  generate question {
    using w
    prompt "Ask in {{ language.name }} about {{ topic }}."
    max_tokens 60
    require unique 0.9
  }
  generate answer { using w, prompt "{{ question }}", max_tokens 80, require language }
  emit sft { from answer }
}
"""
FAULTS = {"TAPC_SIM": "latency=0.06,rate_5xx=3%,rate_drop=3%,rate_429=3%"}


def test_kills_at_random_moments_leave_no_trace(tapc: Tapc) -> None:
    (tapc.folder / "killed.tap").write_text(SPEC, encoding="utf-8")
    tapc("run", "killed.tap", "--store", "undisturbed", "--out", "fresh", "--quiet", **FAULTS)
    chance, killed = random.Random(3), 0
    for _ in range(4):
        run = tapc.start("run", "killed.tap", "--concurrency", "3", "--log-json", **FAULTS)
        assert run.stderr is not None
        for line in run.stderr:
            if any(step["done"] for step in json.loads(line)["steps"]):
                break  # a reply is stored
        time.sleep(chance.random() * 0.8)
        run.kill()
        run.communicate()
        killed += run.returncode == -9
        if run.returncode == 0:
            break
    assert killed >= 3
    finished = tapc.run("killed.tap", **FAULTS)
    assert finished["samples"]["short"] == 0
    assert finished["requests"]["cached"] > 0
    whole = tapc.bytes_of("killed")
    (tapc.folder / "out" / "killed").rename(tapc.folder / "ours")
    (tapc.folder / "fresh" / "killed").rename(tapc.folder / "out" / "killed")
    assert tapc.bytes_of("killed") == whole
    assert not [p for p in (tapc.folder / "out").iterdir() if ".new-" in p.name], "nothing half-written is left behind"
    tapc("cache", "verify")
