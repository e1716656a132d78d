"""The picture of the layers in docs/architecture.md, drawn from the import contracts."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- layers: generated from the import contracts -->\n", "<!-- end of layers -->\n"


def layers() -> list[list[str]]:
    """Packages by layer, the highest first; those of one layer do not import each other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    whole = next(contract for contract in contracts if contract["name"] == "imports point downwards")
    return [[name.strip() for name in layer.split("|")] for layer in whole["layers"]]


def summary(package: str) -> str:
    """First line of a package's docstring."""
    text = ROOT.joinpath(*package.split("."), "__init__.py").read_text("utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def picture() -> str:
    """A diagram of the layers, and a table of what each package holds."""
    lines = ["```mermaid", "flowchart TB"]
    for number, packages in enumerate(layers()):
        names = " · ".join(name.removeprefix("tapc.") for name in packages)
        lines.append(f'  layer{number}["{names}"]')
        if number:
            lines.append(f"  layer{number - 1} --> layer{number}")
    lines += ["```", "", "| package | holds |", "|---|---|"]
    for packages in layers():
        for name in packages:
            short = name.removeprefix("tapc.")
            lines.append(f"| [`{short}`](../{name.replace('.', '/')}/__init__.py) | {summary(name)} |")
    return "\n".join(lines) + "\n"
