"""Time and memory of `tapc plan` on ten million samples over 2,000 leaves x 12 languages x 3 difficulties.

    python bench/plan_size.py [--stored]

Target: a few seconds, under 300 MB. With `--stored` a few samples are run first, so that the plan reads the store too.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LANGUAGES = ("en", "zh-Hans", "hi", "es", "ar", "fr", "bn", "pt", "ru", "ur", "id", "de")
_SPEC = """tap 1

dataset large {{
  samples 10000000
  taxonomy topic {{
{leaves}
  }}
  mix language {{ {languages} }}
  mix difficulty {{ easy 30%, medium 50%, hard 20% }}
  endpoint writer {{ model "sim-writer" }}
  generate question {{
    using writer
    prompt "A {{{{ difficulty }}}} question about {{{{ topic }}}} in {{{{ language.name }}}}."
  }}
  generate answer {{ using writer, prompt "{{{{ question }}}}" }}
  emit sft {{ from answer }}
}}
"""


def spec() -> str:
    leaves = "\n".join(f"    branch{b} {{ " + ", ".join(f"leaf{n}" for n in range(100)) + " }" for b in range(20))
    return _SPEC.format(leaves=leaves, languages=", ".join(LANGUAGES))


def measure(folder: Path, *arguments: str) -> tuple[float, float]:
    """Seconds and megabytes (peak resident) of one command."""
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "tapc", *arguments], cwd=folder, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"tapc {' '.join(arguments)} ended with {process.returncode}")
    return time.monotonic() - started, usage.ru_maxrss / 1024


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "large.tap").write_text(spec(), encoding="utf-8")
        if "--stored" in sys.argv[1:]:
            measure(folder, "run", "large.tap", "--limit", "200", "-q")
        for arguments in (("plan", "large.tap"), ("plan", "large.tap", "--format", "json")):
            seconds, megabytes = measure(folder, *arguments)
            print(f"tapc {' '.join(arguments):32} {seconds:6.1f} s {megabytes:7.0f} MB")


if __name__ == "__main__":
    main()
