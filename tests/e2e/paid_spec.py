"""A small spec whose one endpoint is paid for, and what the ledger says about it."""

import sqlite3
from pathlib import Path
from typing import Any

from driving import Tapc

from tapc.store import Amount, accounts, all_keys, open_store

PRICE = "price { input $1/M, output $4/M }"
CODES = ("TAP904", "TAP905", "TAP906", "TAP907", "TAP908", "TAP910", "TAP911", "TAP912")


def paid(
    url: str,
    *,
    samples: int = 40,
    budget: str = "cost $1",
    endpoint: str = "",
    price: str = PRICE,
    steps: str | None = None,
    emits: str = "emit sft { from answer }",
    timeout: str = "2s",
    name: str = "money",
) -> str:
    """Questions and answers from the endpoint `w`; fields and steps as a test wants them."""
    urls = url if url.startswith("[") else f'"{url}"'
    default = """
  generate question { using w, prompt "Ask about {{ topic }}." }
  generate answer { using w, prompt "Answer: {{ question }}" }
"""
    return f"""tap 1

dataset {name} {{
  samples {samples}
  taxonomy topic {{ alpha, beta, gamma, delta }}
  endpoint w {{
    model "counted"
    url {urls}
    {price}
    max_tokens 60
    transport {{ timeout {timeout} }}
    {endpoint}
  }}
{default if steps is None else steps}
  {emits}
  budget {{ {budget} }}
}}
"""


def written(tapc: Tapc, text: str, name: str = "money.tap") -> str:
    """The spec's file."""
    (tapc.folder / name).write_text(text, encoding="utf-8")
    return name


def ledger(tapc: Tapc, dataset: str = "money", store: str = ".tapc") -> tuple[Amount, Amount]:
    """Spent and held of the dataset's account, as another process sees them."""
    if not (tapc.folder / store).exists():
        return Amount(), Amount()
    opened = open_store(tapc.folder / store, offline=True)
    try:
        for account in accounts(opened):
            if account.dataset == dataset and account.lines:
                return account.lines[0].spent, account.lines[0].held
        return Amount(), Amount()
    except sqlite3.Error:
        return Amount(), Amount()
    finally:
        opened.close()


def stored_texts(folder: Path) -> set[str]:
    """Texts of all replies in a store."""
    if not folder.exists():
        return set()
    opened = open_store(folder, offline=True)
    try:
        return {text for reply in opened.get(all_keys(opened)).values() for text in reply.texts}
    finally:
        opened.close()


def budget(tapc: Tapc, dataset: str = "money") -> dict[str, Any]:
    """The dataset's line of `tapc budget show --json`."""
    import json

    document = json.loads(tapc("budget", "show", dataset, "--json").stdout)
    return document["accounts"][0]["lines"][0]
