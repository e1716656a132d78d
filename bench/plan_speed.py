"""CPU time of `tapc plan` with a full store, for plans of 10,000 and of a million samples.

    python bench/plan_speed.py [SAMPLES ...]

Targets: under 2 s for 10,000 and under 3 s for a million, in CPU time of the whole command, since wall time depends on
what else the machine does. The store is filled with a reply for every key that the plan looks up (of large plans it
folds a sample), so that every slot it reads is complete. `start` is the CPU time of `tapc --help`, for comparison.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tapc.jobs import Reply, Usage
from tapc.store import Store, open_store
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec
from tapc.workspace.stored import look_up

TARGETS = {10_000: 2.0, 1_000_000: 3.0}
LANGUAGES = ("en", "zh-Hans", "hi", "es", "ar", "fr", "bn", "pt", "ru", "ur", "id", "de")
SPEC = """tap 1

dataset large {{
  samples {samples}
  taxonomy topic {{
{leaves}
  }}
  mix language {{ {languages} }}
  mix difficulty {{ easy 30%, medium 50%, hard 20% }}
  endpoint writer {{ model "sim-writer", price {{ input $1/M, output $4/M }} }}
  endpoint tutor {{ model "sim-large", price {{ input $1/M, output $4/M }} }}
  generate question {{
    using writer
    prompt "A {{{{ difficulty }}}} question about {{{{ topic }}}} in {{{{ language.name }}}}."
    require length 5..4000 chars
  }}
  generate answer {{ using [writer, tutor], prompt "{{{{ question }}}}", require length 5..4000 chars }}
  emit sft {{ from answer }}
  budget {{ cost $100000 }}
}}
"""


class Filling:
    """A store that has a reply for every key it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.filled = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def is_empty(self) -> bool:
        return False

    def get(self, keys: list[bytes]) -> dict[bytes, Reply]:
        found = self._store.get(keys)
        made = {
            key: Reply("ok", (f"A text of some length, which is that of {key.hex()}.",), Usage(60, 40), 220_000_000)
            for key in keys
            if key not in found
        }
        writing = self._store.writing()

        def insert() -> None:
            for key, reply in made.items():
                writing.ledger.insert(key, "sim", reply)

        writing.writer.call(insert)
        self.filled += len(made)
        return found | made


def cpu_seconds(folder: Path, *arguments: str) -> float:
    """User and system time of one command; the least of three."""
    times: list[float] = []
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-m", "tapc", *arguments], cwd=folder, stdout=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"tapc {' '.join(arguments)} ended with {process.returncode}")
        times.append(usage.ru_utime + usage.ru_stime)
    return min(times)


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or list(TARGETS)
    leaves = "\n".join(f"    branch{b} {{ " + ", ".join(f"leaf{n}" for n in range(20)) + " }" for b in range(20))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"start {cpu_seconds(folder, '--help'):.2f} s")
        for samples in sizes:
            spec = folder / f"large{samples}.tap"
            text = SPEC.format(samples=samples, leaves=leaves, languages=", ".join(LANGUAGES))
            spec.write_text(text, encoding="utf-8")
            planned = count_spec(check_spec(spec, settings={}, dataset=None)).planned
            if planned is None:
                raise SystemExit("the spec is wrong")
            store = open_store(folder / f"store{samples}")
            filling = Filling(store)
            look_up(planned, filling)  # type: ignore[arg-type]
            store.close()
            taken = cpu_seconds(folder, "plan", spec.name, "--store", f"store{samples}")
            target = TARGETS.get(samples)
            verdict = "" if target is None else f"target {target:.0f} s: {'held' if taken < target else 'MISSED'}"
            print(f"{samples:>9,} samples, {filling.filled:,} replies: {taken:.2f} s  {verdict}")


if __name__ == "__main__":
    main()
