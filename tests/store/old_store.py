"""A store of schema 1, as it was left by the last version that wrote it (commit 44e6cef), and what was in it then.

`schema_1/` holds the database, the specs it was made by, and the accounts and datasets as that version showed them:
`quickstart` (here `science.tap`, the first 12 samples, simulated), `money` (a paid endpoint of a loopback server that
dropped connections, answered beyond its bound and was left by a killed run; corrected twice), and `held`, whose run was
killed last, so that its open request is charged by whoever comes next.
"""

import json
from pathlib import Path

import zstandard

HERE = Path(__file__).with_name("schema_1")
EXPECTED = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))


def restored(folder: Path) -> Path:
    """Put the database into a folder, and give the folder back."""
    folder.mkdir(parents=True, exist_ok=True)
    data = zstandard.ZstdDecompressor().decompress((HERE / "store.db.zst").read_bytes())
    (folder / "store.db").write_bytes(data)
    return folder


def accounts_then() -> dict[tuple[str, str, str], tuple[int, ...]]:
    """Account lines as the old version left them: cost, tokens, requests; held; unknown cost and requests."""
    return {tuple(row[:3]): tuple(row[3:]) for row in EXPECTED["accounts"]}
