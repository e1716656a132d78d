"""Folders of datasets as `tapc run` writes them, made here without it: a manifest, and rows in files."""

import hashlib
import json
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]

PROVENANCE = {"slot": "ab:0", "taxonomy": "", "endpoints": ["w"], "models": ["m"], "jobs": ["00"], "simulated": False}


def turn(role: str, content: str, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


USER, SYSTEM, GOOD, BAD = (
    turn("user", "Why is the sky blue?"),
    turn("system", "Be brief."),
    turn("assistant", "Air scatters blue light."),
    turn("assistant", "It is painted."),
)


def dataset(root: Path, configs: dict[str, dict[str, Rows]], *, simulated: bool = False, shards: int = 1) -> Path:
    """Write a dataset.

    Args:
        root: folder to make.
        configs: rows by config and split.
        simulated: what its manifest says of that.
        shards: files per split.
    """
    files = []
    for config, splits in configs.items():
        for split, rows in splits.items():
            size = -(-len(rows) // shards)
            for at in range(shards):
                path = f"data/{config}/{split}-{at:05d}-of-{shards:05d}.jsonl"
                data = b"".join(encoded(row) for row in rows[at * size : (at + 1) * size])
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(data)
                files.append({"path": path, "rows": data.count(b"\n"), "sha256": hashlib.sha256(data).hexdigest()})
    root.mkdir(exist_ok=True)
    manifest = {
        "schema": "tapc.manifest/1",
        "dataset": "d",
        "plan_digest": "11" * 16,
        "simulated": simulated,
        "samples": {"planned": 1, "accepted": 1, "short": 0},
        "files": files,
        "documents": ["README.md", "manifest.json", "run.json"],
    }
    (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return root


def encoded(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def sft(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": list(messages), "score": None, "provenance": PROVENANCE}


def pair(prompt: list[dict[str, Any]], chosen: dict[str, Any], rejected: dict[str, Any]) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "chosen": [chosen],
        "rejected": [rejected],
        "score_chosen": 8.0,
        "score_rejected": 3.0,
        "margin": 5.0,
        "scores_chosen": {"verdict.overall": 8.0},
        "scores_rejected": {"verdict.overall": 3.0},
        "provenance": PROVENANCE,
    }


def kto(prompt: list[dict[str, Any]], completion: dict[str, Any], label: bool) -> dict[str, Any]:
    return {"prompt": prompt, "completion": [completion], "label": label, "provenance": PROVENANCE}


def rl(prompt: list[dict[str, Any]], truth: str, source: str = "openai/gsm8k") -> dict[str, Any]:
    return {"prompt": prompt, "ground_truth": truth, "data_source": source, "provenance": PROVENANCE}


def prompts(prompt: list[dict[str, Any]]) -> dict[str, Any]:
    return {"prompt": prompt, "provenance": PROVENANCE}


def scored(prompt: list[dict[str, Any]], completion: dict[str, Any], score: float) -> dict[str, Any]:
    return {"prompt": prompt, "completion": [completion], "score": score, "provenance": PROVENANCE}


def lines(path: Path) -> Rows:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
