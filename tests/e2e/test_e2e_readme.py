"""What the README shows is what the program prints.

`python tests/e2e/test_e2e_readme.py` writes the blocks anew.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from driving import QUICKSTART, ROOT, clean_environment

README = ROOT / "README.md"
BLOCKS = ("spec", "plan", "result", "error")

WRONG = """\
tap 1

dataset tutoring {
  samples 100
  taxonomy topic { physics 60%, biology 50% }

  endpoint writer { model "sim", key "sk-0123456789abcdef" }

  generate question {
    using writer
    prompt "Ask about {{ topik }}."
  }
  emit prompts { prompt question }
}
"""


def tapc(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tapc", *arguments],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr).strip("\n")


def steady(text: str) -> str:
    """Without what differs from run to run: time, what a slow machine says of its progress, and trailing blanks."""
    text = re.sub(r"(?m)^\[\d+ (?:s|min \d+ s)\] .*\n?", "", text)
    return "\n".join(line.rstrip() for line in re.sub(r"in \d+\.\d s", "in 1.5 s", text).splitlines())


def heart(spec: str) -> str:
    """The quickstart from its taxonomy to its pairs, without the endpoints but one."""
    kept: list[str] = []
    skipping = False
    for line in spec.splitlines():
        if re.match(r"  (endpoint (?!tutor)|card )", line):
            skipping = True
        if not skipping and (kept or line.startswith("dataset")):
            kept.append(line)
        if skipping and line == "  }":
            skipping = False
    return re.sub(r"\n\n}$", "\n}", re.sub(r"\n{3,}", "\n\n", "\n".join(kept)))


def blocks() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "specs").mkdir()
        (folder / "specs" / "quickstart.tap").write_text(QUICKSTART.read_text(encoding="utf-8"), encoding="utf-8")
        (folder / "tutoring.tap").write_text(WRONG, encoding="utf-8")
        spec = heart(QUICKSTART.read_text(encoding="utf-8"))
        plan = tapc(folder, "plan", "specs/quickstart.tap")
        run = tapc(folder, "run", "specs/quickstart.tap")
        error = tapc(folder, "check", "tutoring.tap")
    return {
        "spec": f"```tap\n{spec}\n```",
        "plan": f"```text\n{steady(plan)}\n```",
        "result": f"```text\n{steady(run)}\n```",
        "error": f"```text\n{steady(error)}\n```",
    }


def with_blocks(readme: str, found: dict[str, str]) -> str:
    for name in BLOCKS:
        readme = re.sub(
            rf"(<!-- {name} -->\n)(\n?```.*?\n```\n)?",
            lambda match, name=name: f"{match[1]}{found[name]}\n",
            readme,
            count=1,
            flags=re.DOTALL,
        )
    return readme


def test_the_readme_shows_what_the_program_prints() -> None:
    readme = README.read_text(encoding="utf-8")
    assert readme == with_blocks(readme, blocks()), f"run: python {Path(__file__).relative_to(ROOT)}"


if __name__ == "__main__":
    README.write_text(with_blocks(README.read_text(encoding="utf-8"), blocks()), encoding="utf-8")
